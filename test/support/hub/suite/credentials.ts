import { isEntityUnknown } from '../../../../hub';
import { anEntity, minutesAfter, T0 } from '../../builders';
import { createEntity, errorOf, type SuiteContext } from './context';

const grant = { accessToken: 'fake-access', accessTokenExpiresAt: minutesAfter(60), scopes: ['a', 'b'] };

export function credentialsSuite({ store, otherStore }: SuiteContext): void {
  describe('the vault', () => {
    test('stores a grant in one step and keeps what a later one lacks', async () => {
      const definition = anEntity();
      const entityId = await createEntity(store(), definition);
      expect(await store().credentials.load(entityId)).toEqual({
        companyUuid: definition.companyUuid,
        version: 0,
      });
      expect(await store().credentials.hasRefreshToken(entityId)).toBe(false);
      const first = {
        ...grant,
        refreshToken: 'fake-refresh',
        refreshTokenExpiresAt: minutesAfter(999),
        geolocation: 'https://eu.example.test',
      };
      await store().credentials.commitGrant(entityId, first, T0);
      const after = await store().credentials.commitGrant(
        entityId,
        { ...grant, accessToken: 'fake-access-2' },
        T0,
      );
      expect(after).toEqual({
        companyUuid: definition.companyUuid,
        geolocation: 'https://eu.example.test',
        refreshToken: 'fake-refresh',
        accessToken: 'fake-access-2',
        accessTokenExpiresAt: minutesAfter(60),
        version: 2,
      });
      expect(await otherStore().credentials.load(entityId)).toEqual(after);
      expect(await store().entities.get(entityId)).toMatchObject({
        scopes: ['a', 'b'],
        geolocation: 'https://eu.example.test',
        refreshTokenExpiresAt: minutesAfter(999),
      });
    });

    test('gives the refresh lease to one holder at a time', async () => {
      const entityId = await createEntity(store());
      const acquire = (holder: string, minutes: number) =>
        store().credentials.acquireRefreshLease(
          entityId,
          holder,
          minutesAfter(minutes),
          minutesAfter(minutes + 1),
        );
      expect([await acquire('a', 0), await acquire('b', 0), await acquire('a', 0)]).toEqual([
        true,
        false,
        true,
      ]);
      await store().credentials.releaseRefreshLease(entityId, 'b');
      expect(await acquire('b', 0)).toBe(false);
      expect(await acquire('b', 5)).toBe(true);
      await store().credentials.releaseRefreshLease(entityId, 'b');
      expect(await acquire('a', 5)).toBe(true);
    });

    test('knows a request token again, even one that was used up', async () => {
      const entityId = await createEntity(store());
      const times = { issuedAt: T0, expiresAt: minutesAfter(720), now: minutesAfter(1) };
      const put = (id: string, token: string) =>
        store().credentials.putRequestToken(entityId, id, token, times);
      expect(await put('r1', 'fake-request-token')).toEqual({ stored: true, id: 'r1' });
      expect(await put('r2', 'fake-request-token')).toEqual({ stored: false, id: 'r1' });
      expect(await store().credentials.takeRequestToken(entityId, 'r1')).toEqual({
        token: 'fake-request-token',
        issuedAt: T0,
        expiresAt: minutesAfter(720),
      });
      await store().credentials.deleteRequestToken(entityId, 'r1');
      expect(await store().credentials.takeRequestToken(entityId, 'r1')).toBeUndefined();
      expect(await put('r3', 'fake-request-token')).toEqual({ stored: false, id: 'r1' });
      expect(await put('r4', 'another-fake-token')).toEqual({ stored: true, id: 'r4' });
    });

    test('takes a request token again that was not accepted before', async () => {
      const entityId = await createEntity(store());
      const times = { issuedAt: T0, expiresAt: minutesAfter(720), now: minutesAfter(1) };
      const put = (id: string) =>
        store().credentials.putRequestToken(entityId, id, 'fake-request-token', times);
      await put('r1');
      await store().credentials.forgetRequestToken(entityId, 'r1');
      expect(await put('r2')).toEqual({ stored: true, id: 'r2' });
    });

    test('holds nothing after a shred', async () => {
      const entityId = await createEntity(store());
      await store().credentials.commitGrant(entityId, { ...grant, refreshToken: 'fake-refresh' }, T0);
      await store().credentials.shred(entityId);
      const left = await store().credentials.load(entityId);
      expect([left.accessToken, left.refreshToken]).toEqual([undefined, undefined]);
    });

    test('refuses unknown entities', async () => {
      expect(isEntityUnknown(await errorOf(store().credentials.load('nobody')))).toBe(true);
      expect(isEntityUnknown(await errorOf(store().credentials.commitGrant('nobody', grant, T0)))).toBe(true);
    });
  });
}
