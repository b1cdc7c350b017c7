import { expectViolations } from '../../support/sandbox-watch/expect-violations';
import { SANDBOX_CLIENT } from '../../../sandbox';
import { Bench, EU, grantOf, json, US } from './support';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

describe('the token endpoint of the simulated Concur', () => {
  it('exchanges a request token at the global entry and names the geolocation', async () => {
    const bench = new Bench();
    const { body } = await bench.grant();
    expect(body).toMatchObject({ expires_in: 3600, token_type: 'Bearer', geolocation: US });
    expect(String(body['scope'])).toContain('TRVPRF');
    expect(bench.admin.violations).toEqual([]);
  });

  it('lets a request token be used again within its lifetime, but not after 12 hours', async () => {
    const bench = new Bench();
    const requestToken = bench.requestToken();
    expect((await bench.exchange(requestToken)).status).toBe(200);
    bench.admin.setClock({ advanceMs: 12 * HOUR_MS - 1 });
    expect((await bench.exchange(requestToken)).status).toBe(200);
    bench.admin.setClock({ advanceMs: 1 });
    expect(json(await bench.exchange(requestToken))).toMatchObject({ code: 5, error: 'invalid_grant' });
  });

  it('takes a request token only once where the company is set so', async () => {
    const bench = new Bench({ behaviour: { requestTokenUse: 'single' } });
    const requestToken = bench.requestToken();
    await bench.exchange(requestToken);
    expect(json(await bench.exchange(requestToken))).toMatchObject({ code: 5 });
  });

  it('refuses a Content-Type with a charset and remembers it', async () => {
    const bench = new Bench();
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded;charset=UTF-8' };
    const response = await bench.token({ grant_type: 'refresh_token' }, US, headers);
    expect(response.status).toBe(400);
    expectViolations(bench.admin, ['charset']);
  });

  it('refuses secrets in the URL and never keeps their values', async () => {
    const bench = new Bench();
    const { refreshToken } = await bench.grant();
    const response = await bench.sandbox.handle({
      method: 'POST',
      origin: US,
      path: `/oauth2/v0/token?grant_type=refresh_token&refresh_token=${refreshToken}`,
      headers: {},
    });
    expect(response.status).toBe(400);
    expectViolations(bench.admin, ['missing-correlation-id', 'secret-in-url']);
    expect(JSON.stringify([bench.admin.violations, bench.admin.calls])).not.toContain(refreshToken);
  });

  it.each([
    [{ client_id: '' }, 62],
    [{ client_id: 'somebody-else' }, 61],
    [{ client_secret: '' }, 63],
    [{ client_secret: 'wrong' }, 64],
    [{ grant_type: '' }, 65],
    [{ grant_type: 'client_credentials' }, 60],
    [{ credtype: 'password' }, 120],
    [{ username: '' }, 51],
    [{ username: 'no-such-company' }, 100],
    [{ password: '' }, 52],
    [{ password: 'no-such-token' }, 5],
  ])('answers %j with code %i', async (fields, code) => {
    const bench = new Bench();
    const right = {
      grant_type: 'password',
      username: bench.company.companyUuid,
      password: bench.requestToken(),
      credtype: 'authtoken',
    };
    expect(json(await bench.token({ ...right, ...fields }))).toMatchObject({ code });
  });

  it('sends a company that lives elsewhere to its geolocation', async () => {
    const bench = new Bench({ dataCentre: 'eu2' });
    const requestToken = bench.requestToken();
    const refused = await bench.exchange(requestToken, US);
    expect(json(refused)).toMatchObject({ code: 16, geolocation: EU });
    expect((await bench.exchange(requestToken, EU)).status).toBe(200);
    expect(bench.admin.violations).toEqual([]);
  });

  it('renews the six months with each refresh', async () => {
    const bench = new Bench();
    const { refreshToken } = await bench.grant();
    for (let month = 0; month < 12; month += 1) {
      bench.admin.setClock({ advanceMs: 30 * DAY_MS });
      expect(grantOf(await bench.refresh(refreshToken)).refreshToken).toBe(refreshToken);
    }
    bench.admin.setClock({ advanceMs: 182 * DAY_MS });
    expect(json(await bench.refresh(refreshToken))).toMatchObject({ code: 108 });
  });

  it('rotates the refresh token and keeps the old one for the time of grace', async () => {
    const bench = new Bench({ behaviour: { rotation: 'with-grace', rotationGraceSeconds: 60 } });
    const first = await bench.grant();
    const second = grantOf(await bench.refresh(first.refreshToken));
    expect(second.refreshToken).not.toBe(first.refreshToken);
    expect((await bench.refresh(first.refreshToken)).status).toBe(200);
    bench.admin.setClock({ advanceMs: 60_000 });
    expect(json(await bench.refresh(first.refreshToken))).toMatchObject({ code: 108 });
    expect((await bench.refresh(second.refreshToken)).status).toBe(200);
  });

  it('rotates without grace: the old token is dead at once', async () => {
    const bench = new Bench({ behaviour: { rotation: 'without-grace' } });
    const { refreshToken } = await bench.grant();
    await bench.refresh(refreshToken);
    expect(json(await bench.refresh(refreshToken))).toMatchObject({ code: 108 });
  });

  it('tells how many token requests a company had, and how many of them at once', async () => {
    const bench = new Bench({ behaviour: { rotation: 'without-grace' } });
    const { companyUuid } = bench.company;
    const { refreshToken } = await bench.grant();
    bench.admin.setFaults({ rates: { refresh: { resetAfter: 1 } } });
    await expect(bench.refresh(refreshToken)).rejects.toThrow();
    bench.admin.reset(['faults']);
    // Dead, but one knows whose it was.
    await Promise.all([bench.refresh(refreshToken), bench.refresh(refreshToken)]);
    expect(bench.admin.tokenRequests).toEqual({
      [companyUuid]: { requests: 4, refreshes: 1, mostAtOnce: 2 },
    });
    bench.admin.reset(['observations']);
    expect(bench.admin.tokenRequests).toEqual({});
  });

  it('answers in the other documented forms where the company is set so', async () => {
    const behaviour = {
      expiresInAs: 'string',
      tellRefreshExpiry: false,
      geolocationSuffix: '/oauth2/v0/token',
    } as const;
    const { body } = await new Bench({ behaviour }).grant();
    expect(body).toMatchObject({ expires_in: '3600', geolocation: `${US}/oauth2/v0/token` });
    expect(body).not.toHaveProperty('refresh_expires_in');
  });

  it('remembers a refresh token that went to a host where the company never lived', async () => {
    const bench = new Bench();
    const { refreshToken } = await bench.grant();
    expect(json(await bench.refresh(refreshToken, EU))).toMatchObject({ code: 16, geolocation: US });
    expectViolations(bench.admin, ['wrong-origin']);
  });

  it('redirects a company that has moved without blaming the client', async () => {
    const bench = new Bench();
    const { refreshToken } = await bench.grant();
    bench.admin.putCompany({ companyUuid: bench.company.companyUuid, dataCentre: 'eu2' });
    expect(json(await bench.refresh(refreshToken, US))).toMatchObject({ code: 16, geolocation: EU });
    expect((await bench.refresh(refreshToken, EU)).status).toBe(200);
    expect(bench.admin.violations).toEqual([]);
  });

  it('refuses a company that is not enabled for the client, in refreshes too', async () => {
    const bench = new Bench();
    const { refreshToken } = await bench.grant();
    bench.admin.putCompany({ companyUuid: bench.company.companyUuid, enabled: false });
    expect(json(await bench.refresh(refreshToken))).toMatchObject({ code: 53 });
  });

  it('refuses a refresh token that was issued to another application', async () => {
    const clients = [SANDBOX_CLIENT, { clientId: 'other-client', clientSecret: 'other-secret' }];
    const bench = new Bench({}, { clients });
    const { refreshToken } = await bench.grant();
    const fields = { grant_type: 'refresh_token', refresh_token: refreshToken };
    const other = { client_id: 'other-client', client_secret: 'other-secret' };
    expect(json(await bench.token({ ...fields, ...other }, US))).toMatchObject({ code: 105 });
    expect((await bench.token(fields, US)).status).toBe(200);
  });

  it('disconnects a company: none of its tokens works any longer', async () => {
    const bench = new Bench();
    const { refreshToken } = await bench.grant();
    expect((await bench.call('DELETE', '/app-mgmt/v0/connections')).status).toBe(200);
    expect(json(await bench.refresh(refreshToken))).toMatchObject({ code: 108 });
    expect((await bench.read('anybody')).status).toBe(403);
  });
});
