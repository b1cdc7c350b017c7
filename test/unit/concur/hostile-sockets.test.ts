import { randomUUID } from 'node:crypto';
import { type IncomingMessage, type ServerResponse } from 'node:http';
import { get } from 'node:http';
import {
  type Connection,
  createConcurProfiles,
  createConcurProfilesV1,
  createConcurUsers,
  createConnection,
  createOAuth,
  createOriginGate,
  createSend,
  isConcurError,
  undiciTransport,
  type UndiciTransport,
} from '../../../concur';
import { encodeSummaryPage } from '../../../concur/xml';
import { type Listener, listen } from '../../support/concur/listener';
import { aConnection, COMPANY_UUID, TokenStoreInMemory } from '../../support/concur/tokens';
import { DELAYS } from '../../support/concur/world';

const LOGIN = { type: 'login', value: 'one@example.test' } as const;
const QUERY = { since: new Date('1900-01-01T12:00:00Z'), page: 1, itemsPerPage: 1 };
const settled = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (error: unknown) => error,
  );

/** Real sockets: Concur is one server on loopback, and everywhere else is another that nobody may call. */
describe('Wherever an answer points to', () => {
  let concur: Listener;
  let evil: Listener;
  let transport: UndiciTransport;

  beforeEach(async () => {
    [concur, evil] = await Promise.all([listen(), listen()]);
    transport = undiciTransport();
  });
  afterEach(async () => {
    await transport.close();
    await Promise.all([concur.close(), evil.close()]);
  });

  function client(geolocation = concur.origin) {
    const gate = createOriginGate([concur.origin]);
    const now = (): Date => new Date('2026-08-01T12:00:00Z');
    const send = createSend({
      gate,
      transport: transport.send,
      now,
      newId: randomUUID,
      timeoutMs: 20_000,
      ...DELAYS,
    });
    const oauth = createOAuth({
      send,
      gate,
      now,
      clientId: 'client-id-of-nobody',
      clientSecret: 'client-secret-of-nobody',
      authUrl: concur.origin,
      otherBases: [concur.origin, evil.origin],
      delays: DELAYS,
    });
    const store = new TokenStoreInMemory(aConnection({ geolocation }));
    const connection: Connection = createConnection({
      entityId: 'example',
      tokenStore: store,
      oauth,
      now,
      sleep: () => Promise.resolve(),
      newId: randomUUID,
      timeoutMs: 20_000,
    });
    const options = { connection, send, delays: DELAYS };
    const profiles = createConcurProfiles(options);
    return {
      oauth,
      connection,
      store,
      profiles,
      version1: createConcurProfilesV1(options),
      users: createConcurUsers({ connection, send, profiles }),
    };
  }

  const json = (response: ServerResponse, body: unknown, status = 200): void =>
    void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const xml = (response: ServerResponse, body: string): void =>
    void response.writeHead(200, { 'content-type': 'application/xml' }).end(body);
  const exchange = ({ oauth }: ReturnType<typeof client>) =>
    oauth.exchangeRequestToken({ companyUuid: COMPANY_UUID, requestToken: 'request-token-of-nobody' });
  const asked = (request: IncomingMessage): string => request.url?.split('?')[0] ?? '';

  /** Ways to write the other server's address, a redirect to it among them. */
  const disguises = (): string[] => {
    const { port, origin } = evil;
    return [
      origin,
      `${origin}/oauth2/v0/token`,
      `http://localhost:${port}`,
      `http://2130706433:${port}`,
      `http://0x7f.1:${port}`,
      `http://[::ffff:127.0.0.1]:${port}`,
      `http://127.0.0.1:${concur.port}@127.0.0.1:${port}`,
      `${concur.origin}@127.0.0.1:${port}`,
      `http:\\\\127.0.0.1:${port}`,
      `//127.0.0.1:${port}`,
      `http://127.0.0.1%3a${port}`,
      `http://127.0.0.\uff11:${port}`,
    ];
  };

  it('somebody listens there: a plain request is counted', async () => {
    await new Promise((resolve) => get(evil.origin, (response) => response.resume().on('end', resolve)));
    expect(evil.connections()).toBe(1);
  });

  it('a geolocation in an answer, a refusal or the database leads nobody there', async () => {
    for (const geolocation of disguises()) {
      concur.answer = (_request, _body, response) =>
        json(response, { access_token: 'a', refresh_token: 'r', geolocation });
      await expect(exchange(client())).resolves.toMatchObject({ refusedGeolocation: true });
      await expect(client().connection.accessToken()).rejects.toMatchObject({
        code: 'geolocation-not-allowed',
      });
      concur.answer = (_request, _body, response) => json(response, { code: 16, geolocation }, 400);
      await expect(exchange(client())).rejects.toMatchObject({ oauthCode: 16 });
      const stored = client(geolocation);
      for (const work of [
        () => stored.connection.accessToken(),
        () => stored.connection.renew(),
        () => stored.connection.revoke(),
        () => stored.profiles.readProfile(LOGIN),
      ]) {
        const error = await settled(work());
        expect(isConcurError(error) && error.name).toBe('NotAllowedOrigin');
      }
    }
    expect(evil.connections()).toBe(0);
  });

  it.each([301, 302, 303, 307, 308])('a redirect with %d is not followed by any call', async (status) => {
    let isTokenRedirected = true;
    concur.answer = (request, _body, response) => {
      if (!isTokenRedirected && asked(request) === '/oauth2/v0/token')
        return json(response, { access_token: 'a' });
      response
        .writeHead(status, {
          location: `${evil.origin}${request.url ?? ''}`,
          refresh: `0; url=${evil.origin}`,
        })
        .end();
    };
    const refused = client();
    expect(isConcurError(await settled(exchange(refused)))).toBe(true);
    expect(isConcurError(await settled(refused.connection.accessToken()))).toBe(true);
    isTokenRedirected = false;
    const { profiles, version1, users, connection } = client();
    for (const work of [
      () => profiles.readProfile(LOGIN),
      () => version1.readProfile(LOGIN),
      () => profiles.listSummaries(QUERY),
      () =>
        profiles.writeProfile({
          action: 'Update',
          loginId: 'one',
          status: 'active',
          sections: { hasNoPassport: true },
        }),
      () => users.findUser({ by: 'userName', value: 'one' }),
      () => connection.revoke(),
    ]) {
      expect(isConcurError(await settled(work()))).toBe(true);
    }
    expect(concur.requests.length).toBeGreaterThan(6);
    expect(evil.connections()).toBe(0);
  });

  it('the page addresses of a list are not read, in neither version', async () => {
    const rows = [{ loginId: 'one@example.test', modifiedAt: new Date('2026-08-01T09:00:00Z') }];
    const page = encodeSummaryPage({
      rows,
      page: 1,
      itemsPerPage: 1,
      totalPages: 2,
      totalItems: 2,
      nextPageUrl: `${evil.origin}/next`,
      previousPageUrl: `${evil.origin}/previous`,
    });
    concur.answer = (request, _body, response) =>
      asked(request) === '/oauth2/v0/token' ? json(response, { access_token: 'a' }) : xml(response, page);
    const { profiles, version1 } = client();
    for (const calls of [profiles, version1]) {
      const first = await calls.listSummaries(QUERY);
      expect(first).toMatchObject({ rows, totalPages: 2 });
      expect(JSON.stringify(first)).not.toContain(evil.origin);
      await calls.listSummaries({ ...QUERY, page: first.page + 1 });
    }
    expect(concur.requests.filter((request) => request.includes('Page=2'))).toHaveLength(2);
    expect(evil.connections()).toBe(0);
  });

  it('the links in a look-up of users are not read', async () => {
    const link = `${evil.origin}/Users/1`;
    concur.answer = (request, _body, response) => {
      if (asked(request) === '/oauth2/v0/token') return json(response, { access_token: 'a' });
      const list = {
        Resources: [{ userName: 'one', meta: { location: link } }],
        next: link,
        nextCursor: link,
        NextPage: link,
        URI: link,
      };
      response.setHeader('link', `<${link}>; rel="next"`);
      json(response, list);
    };
    const found = await client().users.findUser({ by: 'userName', value: 'one' });
    expect(found.user).toEqual({ userName: 'one' });
    expect(evil.connections()).toBe(0);
  });
});
