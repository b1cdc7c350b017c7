import { COMMIT_PATIENCE_MS, LEASE_MARGIN_MS, REMEMBERED_MS } from '../../../concur/connection';
import { ELSEWHERE, ENTRY, HOME } from '../../support/concur/tokens';
import {
  aConcurWorld,
  aTokenAnswer,
  aTokenError,
  type ConcurWorld,
  GOOD_TOKEN,
  type Reply,
} from '../../support/concur/world';

/** As another process that gets the lease while the holder hangs, and refreshes. */
async function refreshElsewhere(world: ConcurWorld): Promise<void> {
  const { stored } = world.store;
  world.store.letLeaseRunOut();
  expect(await world.store.acquireRefreshLease('example', 'other')).toBe(true);
  const theirs = { ...GOOD_TOKEN, accessToken: 'access-token-theirs', refreshToken: 'refresh-token-theirs' };
  world.store.stored = { ...stored, ...theirs, version: stored.version + 1 };
  await world.store.releaseRefreshLease('example', 'other');
}

/** While the first token request is on its way, another process refreshes; then it is answered. */
function overtakenAt(world: ConcurWorld, origin: string, answer: () => Reply): void {
  world.at(origin, () => {
    void refreshElsewhere(world);
    return answer();
  });
}

describe('A process that hung for longer than its refresh lease', () => {
  it('does not send a refresh token that another process has traded meanwhile', async () => {
    const world = aConcurWorld();
    world.at(HOME, () => aTokenAnswer(2));
    const load = world.store.load.bind(world.store);
    // The first look is before the lease, the second one under it.
    world.store.load = async () => {
      const stored = await load();
      if (world.store.loads === 2) await refreshElsewhere(world);
      return stored;
    };
    const early = world.connection.accessToken();
    await expect(early).resolves.toMatchObject({ value: 'access-token-theirs' });
    expect(world.seen).toEqual([]);
  });

  it('throws its late answer away: the newer grant of the other process stays', async () => {
    const world = aConcurWorld();
    overtakenAt(world, HOME, () => aTokenAnswer(2, { geolocation: ELSEWHERE }));
    await expect(world.connection.accessToken()).resolves.toMatchObject({ value: 'access-token-theirs' });
    expect(world.store.stored).toMatchObject({ refreshToken: 'refresh-token-theirs', geolocation: HOME });
    await expect(world.connection.accessToken()).resolves.toMatchObject({ value: 'access-token-theirs' });
    expect(world.seen).toHaveLength(1);
  });

  it.each([
    ['takes a refused refresh token for what it is, an old one', () => aTokenError(108)],
    ['uses what the other process got where it got no answer itself', () => ({ status: 503 })],
  ])('%s', async (_what, answer) => {
    const world = aConcurWorld();
    overtakenAt(world, HOME, answer);
    await expect(world.connection.accessToken()).resolves.toMatchObject({ value: 'access-token-theirs' });
    expect(world.seen).toHaveLength(1);
  });

  it('has nothing to renew any more', async () => {
    const world = aConcurWorld({ stored: GOOD_TOKEN });
    overtakenAt(world, HOME, () => aTokenError(108));
    await expect(world.connection.renew()).resolves.toBeUndefined();
    expect(world.store.stored.refreshToken).toBe('refresh-token-theirs');
  });

  it('asks no further data centre once another process refreshes', async () => {
    const world = aConcurWorld();
    overtakenAt(world, HOME, () => aTokenError(16, { geolocation: ELSEWHERE }));
    world.at(ELSEWHERE, () => aTokenAnswer(2));
    await expect(world.connection.accessToken()).resolves.toMatchObject({ value: 'access-token-theirs' });
    expect(world.seen.map(({ origin }) => origin)).toEqual([HOME]);
  });

  it('brings no tokens back to an entity whose tokens were taken away', async () => {
    const world = aConcurWorld();
    world.at(HOME, () => {
      const { accessToken: _a, accessTokenExpiresAt: _e, refreshToken: _r, ...shredded } = world.store.stored;
      world.store.stored = { ...shredded, version: shredded.version + 1 };
      return aTokenAnswer(2);
    });
    await expect(world.connection.accessToken()).rejects.toMatchObject({ code: 'refresh-busy' });
    expect(world.store.stored.refreshToken).toBeUndefined();
    await expect(world.connection.accessToken()).rejects.toMatchObject({ code: 'no-refresh-token' });
  });
});

describe('A new connection', () => {
  it('counts, whatever a refresh in another process stored meanwhile', async () => {
    const world = aConcurWorld();
    overtakenAt(world, ENTRY, () => aTokenAnswer(7));
    await world.connection.exchange('at-request-token-of-nobody');
    expect(world.store.stored.refreshToken).toBe('refresh-token-7');
  });
});

describe('An answer that cannot be stored', () => {
  it('waits for a store that is away for a minute and a half, so that the connection is not lost', async () => {
    const world = aConcurWorld();
    world.at(HOME, () => aTokenAnswer(2));
    // Five seconds apart but for the first few.
    world.store.failingCommits = 20;
    await expect(world.connection.accessToken()).resolves.toMatchObject({ value: 'access-token-2' });
    expect(world.seen).toHaveLength(1);
    expect(world.store.stored.refreshToken).toBe('refresh-token-2');
  });

  it('is given up before others may refresh', async () => {
    expect(COMMIT_PATIENCE_MS).toBeLessThan(LEASE_MARGIN_MS);
    const world = aConcurWorld();
    world.at(HOME, () => aTokenAnswer(2));
    world.store.failingCommits = Infinity;
    await expect(world.connection.accessToken()).rejects.toThrow('the store is away');
    expect(world.store.events).toEqual(['leased', 'released']);
  });
});

describe('The token endpoint', () => {
  it.each([429, 503])('is asked again when it says, after a %i', async (status) => {
    const world = aConcurWorld();
    world.at(HOME, () => ({ status, headers: { 'retry-after': '7' } }));
    await expect(world.connection.accessToken()).rejects.toMatchObject({
      failureClass: 'retry',
      retryAfterMs: 7_000,
    });
  });

  it('is asked once in half a minute for a refresh token that it refused, whoever calls', async () => {
    const world = aConcurWorld();
    world.at(HOME, () => aTokenError(108));
    world.at(ENTRY, () => aTokenAnswer(7));
    const refused = () =>
      expect(world.connection.accessToken()).rejects.toMatchObject({ code: 'ReauthorisationRequired' });
    for (let n = 0; n < 5; n += 1) await refused();
    expect(world.seen).toHaveLength(1);
    world.advance(REMEMBERED_MS);
    await refused();
    expect(world.seen).toHaveLength(2);
    await world.connection.exchange('at-request-token-of-nobody');
    await expect(world.connection.accessToken()).resolves.toMatchObject({ value: 'access-token-7' });
  });
});
