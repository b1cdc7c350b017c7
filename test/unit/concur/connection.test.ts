import { EXPIRY_MARGIN_MS, REMEMBERED_MS } from '../../../concur/connection';
import { ELSEWHERE, ENTRY, HOME } from '../../support/concur/tokens';
import {
  aConcurWorld,
  aTokenAnswer,
  aTokenError,
  type ConcurWorld,
  GOOD_TOKEN,
  NOW,
} from '../../support/concur/world';

const fifty = <T>(work: () => Promise<T>): Promise<T[]> => Promise.all(Array.from({ length: 50 }, work));

/** Every refresh gives the next token, numbered from 2. */
function refreshing(world: ConcurWorld, changes: Readonly<Record<string, unknown>> = {}): void {
  let n = 1;
  world.at(HOME, () => aTokenAnswer((n += 1), changes));
}

describe('A connection', () => {
  it('uses a stored token while it is good for some minutes', async () => {
    const world = aConcurWorld({ stored: GOOD_TOKEN });
    await expect(world.connection.accessToken()).resolves.toEqual({
      value: 'access-token-good',
      origin: HOME,
    });
    expect(world.seen).toEqual([]);
  });

  it('refreshes a token shortly before it expires, at its geolocation', async () => {
    const world = aConcurWorld({
      stored: { ...GOOD_TOKEN, accessTokenExpiresAt: new Date('2026-08-01T12:01:00Z') },
    });
    refreshing(world);
    await expect(world.connection.accessToken()).resolves.toEqual({ value: 'access-token-2', origin: HOME });
    const form = Object.fromEntries(new URLSearchParams(world.seen[0]?.body));
    expect(form).toMatchObject({ grant_type: 'refresh_token', refresh_token: 'refresh-token-1' });
  });

  it('refreshes once for fifty who ask at the same time', async () => {
    const world = aConcurWorld();
    refreshing(world);
    const tokens = await fifty(() => world.connection.accessToken());
    expect(new Set(tokens.map(({ value }) => value))).toEqual(new Set(['access-token-2']));
    expect(world.seen).toHaveLength(1);
  });

  it('refreshes once for two processes', async () => {
    const world = aConcurWorld();
    refreshing(world);
    const other = world.anotherConnection();
    const both = [fifty(() => world.connection.accessToken()), fifty(() => other.accessToken())];
    const tokens = (await Promise.all(both)).flat();
    expect(new Set(tokens.map(({ value }) => value))).toEqual(new Set(['access-token-2']));
    expect(world.seen).toHaveLength(1);
    expect(world.store.events).toContain('waiting');
  });

  it('stores what was rotated before anybody uses it', async () => {
    const world = aConcurWorld();
    refreshing(world, { geolocation: ELSEWHERE });
    const token = await world.connection.accessToken();
    expect(token).toEqual({ value: 'access-token-2', origin: ELSEWHERE });
    expect(world.store.stored).toMatchObject({
      refreshToken: 'refresh-token-2',
      geolocation: ELSEWHERE,
      accessToken: 'access-token-2',
      version: 2,
    });
    expect(world.store.events).toEqual(['leased', 'committed access-token-2', 'released']);
  });

  it('does not lose a rotated token to a store that is briefly away', async () => {
    const world = aConcurWorld();
    refreshing(world);
    world.store.failingCommits = 2;
    await expect(world.connection.accessToken()).resolves.toMatchObject({ value: 'access-token-2' });
    expect(world.seen).toHaveLength(1);
  });

  it('replaces a token that Concur refused, once for all who had it', async () => {
    const world = aConcurWorld({ stored: GOOD_TOKEN });
    refreshing(world);
    const tokens = await fifty(() => world.connection.forceRefresh('access-token-good'));
    expect(new Set(tokens.map(({ value }) => value))).toEqual(new Set(['access-token-2']));
    expect(world.seen).toHaveLength(1);
  });

  it('takes the token that another process has fetched meanwhile', async () => {
    const world = aConcurWorld({ stored: GOOD_TOKEN });
    await expect(world.connection.forceRefresh('access-token-old')).resolves.toMatchObject({
      value: 'access-token-good',
    });
    expect(world.seen).toEqual([]);
  });

  it('keeps tokens whose geolocation is not allowed, and sends them nowhere', async () => {
    const world = aConcurWorld();
    refreshing(world, { geolocation: 'https://evil.test' });
    await expect(world.connection.accessToken()).rejects.toMatchObject({ code: 'geolocation-not-allowed' });
    expect(world.store.stored).toMatchObject({ refreshToken: 'refresh-token-2', geolocation: HOME });
  });

  it('asks for a new request token when the refresh token is dead, and gives the lease back', async () => {
    const world = aConcurWorld();
    world.at(HOME, () => aTokenError(108));
    await expect(world.connection.accessToken()).rejects.toMatchObject({
      code: 'ReauthorisationRequired',
      failureClass: 'person',
      oauthCode: 108,
    });
    expect(world.store.events).toEqual(['leased', 'released']);
  });

  it('asks for a request token where there is no connection', async () => {
    const { refreshToken: _none, ...stored } = aConcurWorld().store.stored;
    const world = aConcurWorld();
    world.store.stored = stored;
    await expect(world.connection.accessToken()).rejects.toMatchObject({ code: 'no-refresh-token' });
  });

  it('trades a request token for a connection and says what the grant lacks', async () => {
    const world = aConcurWorld();
    world.at(ENTRY, () => aTokenAnswer(7, { geolocation: ELSEWHERE }));
    const summary = await world.connection.exchange('at-request-token-of-nobody');
    expect(summary).toMatchObject({ geolocation: ELSEWHERE, scopes: ['openid', 'TRVPRF', 'TMCSP'] });
    expect(summary.missingScopes).toContain('PASSV');
    expect(world.store.stored).toMatchObject({ refreshToken: 'refresh-token-7', geolocation: ELSEWHERE });
    expect(JSON.stringify(summary)).not.toContain('token-7');
  });

  it('renews a good connection, which keeps it alive', async () => {
    const world = aConcurWorld({ stored: GOOD_TOKEN });
    refreshing(world);
    await expect(world.connection.renew()).resolves.toMatchObject({
      refreshTokenExpiresAt: new Date(1_801_000_000_000),
    });
    expect(world.store.stored.refreshToken).toBe('refresh-token-2');
  });
});

describe('A token that is remembered', () => {
  it('is asked of the store once for many calls, and again after half a minute at most', async () => {
    expect(REMEMBERED_MS).toBeLessThanOrEqual(30_000);
    const world = aConcurWorld({ stored: GOOD_TOKEN });
    for (let n = 0; n < 10; n += 1) await world.connection.accessToken();
    world.advance(REMEMBERED_MS - 1);
    await world.connection.accessToken();
    expect(world.store.loads).toBe(1);
    world.advance(1);
    await world.connection.accessToken();
    expect(world.store.loads).toBe(2);
  });

  it('gives way to a connection that another process has replaced', async () => {
    const world = aConcurWorld({ stored: GOOD_TOKEN });
    world.at(ENTRY, () => aTokenAnswer(7, { geolocation: ELSEWHERE }));
    await world.connection.accessToken();
    await world.anotherConnection().exchange('at-request-token-of-nobody');
    world.advance(REMEMBERED_MS);
    await expect(world.connection.accessToken()).resolves.toEqual({
      value: 'access-token-7',
      origin: ELSEWHERE,
    });
  });

  it('gives way at once to the token of another process when Concur refuses it', async () => {
    const world = aConcurWorld({ stored: GOOD_TOKEN });
    world.at(HOME, () => aTokenAnswer(2));
    await world.connection.accessToken();
    await world.anotherConnection().forceRefresh('access-token-good');
    await expect(world.connection.forceRefresh('access-token-good')).resolves.toMatchObject({
      value: 'access-token-2',
    });
    await expect(world.connection.accessToken()).resolves.toMatchObject({ value: 'access-token-2' });
    expect(world.seen).toHaveLength(1);
  });

  it('is refreshed before it expires all the same', async () => {
    const expiresInMs = EXPIRY_MARGIN_MS + 5_000;
    const world = aConcurWorld({
      stored: { ...GOOD_TOKEN, accessTokenExpiresAt: new Date(NOW.getTime() + expiresInMs) },
    });
    refreshing(world);
    await expect(world.connection.accessToken()).resolves.toMatchObject({ value: 'access-token-good' });
    world.advance(5_000);
    await expect(world.connection.accessToken()).resolves.toMatchObject({ value: 'access-token-2' });
  });

  it.each(['renew', 'exchange'] as const)('goes to no old geolocation after %s', async (how) => {
    const world = aConcurWorld({ stored: GOOD_TOKEN });
    for (const origin of [HOME, ENTRY]) world.at(origin, () => aTokenAnswer(2, { geolocation: ELSEWHERE }));
    await world.connection.accessToken();
    await (how === 'renew' ? world.connection.renew() : world.connection.exchange('at-request-token'));
    await expect(world.connection.accessToken()).resolves.toEqual({
      value: 'access-token-2',
      origin: ELSEWHERE,
    });
  });

  it('is not brought back by a read that began before the rotation and ends after it', async () => {
    const world = aConcurWorld({ stored: GOOD_TOKEN });
    world.at(HOME, () => aTokenAnswer(2, { geolocation: ELSEWHERE }));
    const read = world.store.holdNextLoad();
    const early = world.connection.accessToken();
    await world.connection.renew();
    read.release();
    for (const token of [await early, await world.connection.accessToken()]) {
      expect(token).toEqual({ value: 'access-token-2', origin: ELSEWHERE });
    }
  });

  it('is gone when the connection was taken away', async () => {
    const world = aConcurWorld({ stored: GOOD_TOKEN });
    await world.connection.accessToken();
    const { accessToken: _a, accessTokenExpiresAt: _e, refreshToken: _r, ...shredded } = world.store.stored;
    world.store.stored = { ...shredded, version: shredded.version + 1 };
    await expect(world.connection.forceRefresh('access-token-good')).rejects.toMatchObject({
      code: 'no-refresh-token',
    });
    await expect(world.connection.accessToken()).rejects.toMatchObject({ code: 'no-refresh-token' });
  });
});
