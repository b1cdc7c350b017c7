import { inspect } from 'node:util';
import { type FailureClass, TOKEN_CODES } from '../../../concur';
import { classifyTokenError } from '../../../concur/token-errors';
import { COMPANY_UUID, ELSEWHERE, ENTRY, HOME } from '../../support/concur/tokens';
import {
  aConcurWorld,
  aTokenAnswer,
  aTokenError,
  CLIENT_SECRET,
  type ConcurWorld,
} from '../../support/concur/world';

const REQUEST_TOKEN = 'at-request-token-of-nobody';

const exchange = ({ oauth }: ConcurWorld) =>
  oauth.exchangeRequestToken({ companyUuid: COMPANY_UUID, requestToken: REQUEST_TOKEN });

describe('The exchange of a request token', () => {
  it('posts a form to the global entry, with no charset and no secret in the address', async () => {
    const world = aConcurWorld();
    world.at(ENTRY, () => aTokenAnswer(1));
    await exchange(world);
    const [seen] = world.seen;
    expect(seen).toMatchObject({ method: 'POST', path: '/oauth2/v0/token' });
    expect(seen?.headers['content-type']).toBe('application/x-www-form-urlencoded');
    expect(seen?.headers['content-length']).toBe(String(Buffer.byteLength(seen?.body ?? '')));
    expect(Object.fromEntries(new URLSearchParams(seen?.body))).toEqual({
      client_id: 'client-id-of-nobody',
      client_secret: CLIENT_SECRET,
      grant_type: 'password',
      username: COMPANY_UUID,
      password: REQUEST_TOKEN,
      credtype: 'authtoken',
    });
  });

  it('reads lifetimes as numbers or texts and the geolocation without its path', async () => {
    const world = aConcurWorld();
    world.at(ENTRY, () => aTokenAnswer(1, { geolocation: `${ELSEWHERE}/oauth2/v0/token` }));
    await expect(exchange(world)).resolves.toEqual({
      refusedGeolocation: false,
      grant: {
        accessToken: 'access-token-1',
        accessTokenExpiresAt: new Date('2026-08-01T13:00:00Z'),
        refreshToken: 'refresh-token-1',
        refreshTokenExpiresAt: new Date(1_801_000_000_000),
        geolocation: ELSEWHERE,
        scopes: ['openid', 'TRVPRF', 'TMCSP'],
      },
    });
  });

  it('does without what an answer may lack', async () => {
    const world = aConcurWorld();
    world.at(ENTRY, () => ({ body: JSON.stringify({ access_token: 'a' }) }));
    await expect(exchange(world)).resolves.toMatchObject({
      grant: { accessToken: 'a', accessTokenExpiresAt: new Date('2026-08-01T13:00:00Z'), scopes: [] },
    });
  });

  it('leaves a geolocation that is not allowed out, but keeps the tokens', async () => {
    const world = aConcurWorld();
    world.at(ENTRY, () => aTokenAnswer(1, { geolocation: 'https://us2.api.concursolutions.com.evil.test' }));
    const { grant, refusedGeolocation } = await exchange(world);
    expect(refusedGeolocation).toBe(true);
    expect(grant.geolocation).toBeUndefined();
    expect(grant.refreshToken).toBe('refresh-token-1');
  });

  it('goes once to where code 16 says the company lives', async () => {
    const world = aConcurWorld();
    world.at(ENTRY, () => aTokenError(16, { geolocation: `${ELSEWHERE}/oauth2/v0/token` }));
    world.at(ELSEWHERE, () => aTokenAnswer(1, { geolocation: undefined }));
    await expect(exchange(world)).resolves.toMatchObject({ grant: { geolocation: ELSEWHERE } });
    expect(world.seen.map(({ origin }) => origin)).toEqual([ENTRY, ELSEWHERE]);
  });

  it('does not go on for ever where code 16 comes again', async () => {
    const world = aConcurWorld();
    world.at(ENTRY, () => aTokenError(16, { geolocation: ELSEWHERE }));
    world.at(ELSEWHERE, () => aTokenError(16, { geolocation: ENTRY }));
    await expect(exchange(world)).rejects.toMatchObject({ code: 'AccessDenied', oauthCode: 16 });
    expect(world.seen).toHaveLength(2);
  });

  it.each([undefined, 'https://evil.test/.concursolutions.com'])(
    'tries the known data centres where code 16 names %s',
    async (geolocation) => {
      const world = aConcurWorld();
      world.at('https://evil.test', () => aTokenAnswer(1));
      world.at(ENTRY, () => aTokenError(16, { geolocation }));
      world.at(HOME, () => aTokenError(16));
      world.at(ELSEWHERE, () => aTokenAnswer(1, { geolocation: undefined }));
      await expect(exchange(world)).resolves.toMatchObject({ grant: { geolocation: ELSEWHERE } });
      expect(world.seen.map(({ origin }) => origin)).toEqual([ENTRY, HOME, ELSEWHERE]);
    },
  );

  it('refuses an answer without a token', async () => {
    const world = aConcurWorld();
    world.at(ENTRY, () => ({ body: '<html>fine</html>' }));
    await expect(exchange(world)).rejects.toMatchObject({ code: 'token-answer-unreadable' });
  });

  it('shows no secret in a failure', async () => {
    const world = aConcurWorld();
    world.at(ENTRY, () => aTokenError(5, { error_description: `${REQUEST_TOKEN} ${CLIENT_SECRET}` }));
    const error: unknown = await exchange(world).catch((caught: unknown) => caught);
    const shown = inspect(error, { depth: null, showHidden: true }) + JSON.stringify(error);
    for (const secret of [REQUEST_TOKEN, CLIENT_SECRET, COMPANY_UUID]) expect(shown).not.toContain(secret);
  });
});

describe('A refused token', () => {
  const wanted: Readonly<Record<string, { name: string; failureClass: FailureClass; says: RegExp }>> = {
    retry: { name: 'ConcurUnavailable', failureClass: 'retry', says: /asked again/ },
    elsewhere: { name: 'AccessDenied', failureClass: 'person', says: /^Concur has to act/ },
    'new-request-token': {
      name: 'ReauthorisationRequired',
      failureClass: 'person',
      says: /new request token/,
    },
    access: { name: 'AccessDenied', failureClass: 'person', says: /^(Concur|The client company) has to act/ },
    configuration: { name: 'Misconfigured', failureClass: 'person', says: /^Our settings are wrong/ },
  };

  it.each(Object.entries(TOKEN_CODES))('of code %s says whose turn it is', (code, known) => {
    const { error } = classifyTokenError(400, JSON.stringify({ code, error: 'invalid_grant' }));
    const { name, failureClass, says } = wanted[known.class] ?? wanted['retry'] ?? {};
    expect(error).toMatchObject({ name, failureClass, oauthCode: Number(code) });
    expect(error.message).toMatch(says ?? /./);
  });

  it.each([
    [[108, 105, 136, 5, 19], 'new-request-token'],
    [[10, 11, 12, 13, 14, 20, 53, 100, 123], 'access'],
    [[51, 52, 54, 59, 60, 61, 62, 63, 64, 65, 106, 107, 115, 120, 135], 'configuration'],
    [[134], 'retry'],
    [[16], 'elsewhere'],
  ])('of the codes %j is of the class %s', (codes, cls) => {
    for (const code of codes) expect(classifyTokenError(400, JSON.stringify({ code })).class).toBe(cls);
  });

  it.each([
    [500, '{"code":108}', 'ConcurUnavailable'],
    [503, 'down for a while', 'ConcurUnavailable'],
    [429, '', 'ConcurThrottled'],
    [400, '{"code":999,"error":"new_thing"}', 'UnexpectedAnswer'],
    [401, '<html>', 'UnexpectedAnswer'],
  ])('with %i and %s is a %s', (status, body, name) => {
    expect(classifyTokenError(status, body).error.name).toBe(name);
  });
});

describe('Ending a connection', () => {
  it.each([
    [204, 'disconnected'],
    [404, 'not-supported'],
  ])('takes %i for %s', async (status, result) => {
    const world = aConcurWorld();
    world.at(HOME, () => ({ status }));
    await expect(world.oauth.disconnect({ accessToken: 'a', origin: HOME })).resolves.toBe(result);
  });
});
