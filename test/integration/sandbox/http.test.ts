import { mkdtempSync, rmSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { request } from 'undici';
import { expectViolations } from '../../support/sandbox-watch/expect-violations';
import { type RunningSandbox, startSandbox } from '../../../sandbox';

const FORM = 'application/x-www-form-urlencoded';
const CORRELATION_ID = '00000000-0000-4000-8000-00000000c0de';

function jsonOf(text: string): Readonly<Record<string, unknown>> {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) throw new Error('no JSON object');
  return { ...value };
}

async function send(
  url: string,
  method: 'GET' | 'POST' | 'PATCH',
  body?: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; headers: Record<string, string | string[] | undefined>; text: string }> {
  // No connection is kept: a sandbox that starts again on its port knows none of the old ones.
  const answer = await request(url, {
    method,
    headers,
    reset: true,
    ...(body === undefined ? {} : { body }),
  });
  return { status: answer.statusCode, headers: answer.headers, text: await answer.body.text() };
}

describe('the sandbox over HTTP', () => {
  let running: RunningSandbox;
  let folder: string;
  const stateFile = (): string => join(folder, 'state.jsonl');

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'sandbox-http-'));
    running = await startSandbox({ stateFile: stateFile() });
  });
  afterEach(async () => {
    await running.stop();
    rmSync(folder, { recursive: true });
  });

  const admin = (method: 'GET' | 'POST' | 'PATCH', path: string, value?: unknown) =>
    send(
      `${running.authUrl}/_admin/${path}`,
      method,
      value === undefined ? undefined : JSON.stringify(value),
    );

  async function grant(companyUuid: string, origin: string): Promise<Readonly<Record<string, unknown>>> {
    const issued = jsonOf((await admin('POST', 'tokens', { companyUuid })).text);
    const body = new URLSearchParams({
      client_id: running.clientId,
      client_secret: running.clientSecret,
      grant_type: 'password',
      username: companyUuid,
      password: String(issued['requestToken']),
      credtype: 'authtoken',
    }).toString();
    const headers = { 'content-type': FORM, 'concur-correlationid': CORRELATION_ID };
    return jsonOf((await send(`${origin}/oauth2/v0/token`, 'POST', body, headers)).text);
  }

  function bearer(token: unknown): Record<string, string> {
    return {
      authorization: `Bearer ${String(token)}`,
      'content-type': 'application/xml',
      'concur-correlationid': CORRELATION_ID,
    };
  }

  async function accessToken(): Promise<unknown> {
    await admin('POST', 'companies', { companyUuid: 'one' });
    await admin('POST', 'profiles', { companyUuid: 'one', loginId: 'traveller' });
    return (await grant('one', running.authUrl))['access_token'];
  }

  const profileUrl = (): string =>
    `${running.authUrl}/api/travelprofile/v2.0/profile?userid_type=login&userid_value=traveller`;

  it('exchanges, reads, and names its own ports as geolocations', async () => {
    const token = await accessToken();
    const answer = await send(profileUrl(), 'GET', undefined, bearer(token));
    expect(answer.status).toBe(200);
    expect(answer.text).toContain('LoginId="traveller"');
    expect(answer.headers['x-concordance-sandbox']).toBe('simulation');
    expect(answer.headers['date']).toBeDefined();
    expect(jsonOf((await admin('GET', 'violations')).text)).toEqual({ violations: [], clears: [] });
  });

  it('has a second data centre on a second port', async () => {
    await admin('POST', 'companies', { companyUuid: 'two', dataCentre: 'eu2' });
    const [, second = ''] = running.origins;
    expect(await grant('two', running.authUrl)).toMatchObject({ code: 16, geolocation: second });
    expect(await grant('two', second)).toMatchObject({ geolocation: second });
  });

  it('refuses a chunked body', async () => {
    const token = await accessToken();
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const url = `${running.authUrl}/api/travelprofile/v2.0/profile`;
      const chunked = httpRequest(url, { method: 'POST', headers: bearer(token) }, (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      });
      chunked.on('error', reject);
      chunked.write('<ProfileResponse ');
      chunked.end('Action="Update" LoginId="traveller"/>');
    });
    expect(status).toBe(400);
    expect((await admin('GET', 'violations')).text).toContain('"chunked"');
    expectViolations(running.sandbox.admin, ['chunked']);
  });

  it('resets connections and breaks answers off where the script says so', async () => {
    const token = await accessToken();
    await admin('POST', 'script', [
      { function: 'profile-read', action: { kind: 'reset' } },
      { function: 'profile-read', nth: 2, action: { kind: 'truncate' } },
    ]);
    await expect(send(profileUrl(), 'GET', undefined, bearer(token))).rejects.toMatchObject({
      code: /ECONNRESET|UND_ERR_SOCKET/,
    });
    await expect(send(profileUrl(), 'GET', undefined, bearer(token))).rejects.toThrow();
    expect((await send(profileUrl(), 'GET', undefined, bearer(token))).status).toBe(200);
  });

  it('finds its company, its tokens and its ports again after a restart', async () => {
    const token = await accessToken();
    const { port, port2 } = running;
    await running.stop();
    running = await startSandbox({ stateFile: stateFile() });
    expect([running.port, running.port2]).toEqual([port, port2]);
    expect((await send(profileUrl(), 'GET', undefined, bearer(token))).status).toBe(200);
  });

  it('turns away what does not come from this machine’s own programs', async () => {
    const foreignPage = await send(`${running.authUrl}/_admin/profiles`, 'GET', undefined, {
      origin: 'https://elsewhere.invalid',
    });
    const foreignName = await send(`${running.authUrl}/_admin/profiles`, 'GET', undefined, {
      host: 'elsewhere.invalid',
    });
    expect([foreignPage.status, foreignName.status]).toEqual([403, 403]);
  });

  it('says plainly that a port is taken', async () => {
    await expect(startSandbox({ port: running.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });
});
