import { MOST_REVOCATIONS, revokeOrGiveUp } from '../../../activities/revocation';
import { AccessDenied, ConcurUnavailable, ReauthorisationRequired } from '../../../concur';
import { ENTRY, HOME } from '../../support/concur/tokens';
import { aConcurWorld, aTokenError, GOOD_TOKEN } from '../../support/concur/world';

const failing = (error: Error) => ({ revoke: () => Promise.reject(error) });

describe('Taking a connection down', () => {
  it.each([
    [204, 'disconnected'],
    [404, 'not-supported'],
  ])('tells Concur at its geolocation, which answers %i: %s', async (status, outcome) => {
    const world = aConcurWorld({ stored: GOOD_TOKEN });
    world.at(HOME, () => ({ status }));
    expect(await revokeOrGiveUp(world.connection, 1)).toBe(outcome);
    expect(world.seen).toMatchObject([
      {
        method: 'DELETE',
        path: '/app-mgmt/v0/connections',
        headers: { authorization: `Bearer ${GOOD_TOKEN.accessToken}` },
      },
    ]);
  });

  it('does not fail where the connection is dead or denied', async () => {
    expect(await revokeOrGiveUp(failing(new ReauthorisationRequired('dead')), 1)).toBe('given-up');
    expect(await revokeOrGiveUp(failing(new AccessDenied('denied')), 1)).toBe('given-up');
    const world = aConcurWorld();
    world.at(HOME, () => aTokenError(108));
    world.at(ENTRY, () => aTokenError(108));
    expect(await revokeOrGiveUp(world.connection, 1)).toBe('given-up');
  });

  it('waits for an outage, but not for ever', async () => {
    const outage = failing(new ConcurUnavailable('out of order'));
    await expect(revokeOrGiveUp(outage, MOST_REVOCATIONS - 1)).rejects.toBeInstanceOf(ConcurUnavailable);
    expect(await revokeOrGiveUp(outage, MOST_REVOCATIONS)).toBe('given-up');
  });

  it('hides no mistake of ours', async () => {
    await expect(revokeOrGiveUp(failing(new TypeError('a mistake')), 9)).rejects.toBeInstanceOf(TypeError);
  });
});
