import { sql } from 'kysely';
import { type HubDatabase, isEntityUnknown } from '../../../../hub';
import { anEntity, minutesAfter, T0 } from '../../builders';
import { waitUntil } from '../../wait-until';
import { createEntity, errorOf, type SuiteContext } from './context';

const grant = { accessToken: 'fake-access', accessTokenExpiresAt: minutesAfter(60), scopes: ['a', 'b'] };

export function credentialsSuite({ db, store, otherStore }: SuiteContext): void {
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
      await store().credentials.commitGrant(entityId, first);
      const after = await store().credentials.commitGrant(entityId, {
        ...grant,
        accessToken: 'fake-access-2',
      });
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

    test('does not store a grant of a refresh token that was replaced or taken away meanwhile', async () => {
      const entityId = await createEntity(store());
      const vault = store().credentials;
      const version = async (): Promise<number> => (await vault.load(entityId)).version;
      await vault.commitGrant(entityId, { ...grant, refreshToken: 'fake-refresh-1' });
      const old = await version();
      expect(
        await vault.commitGrant(entityId, { ...grant, refreshToken: 'fake-refresh-2' }, old),
      ).toMatchObject({ refreshToken: 'fake-refresh-2', version: old + 1 });
      const late = { ...grant, refreshToken: 'fake-refresh-late', geolocation: 'https://late.example.test' };
      expect(await vault.commitGrant(entityId, late, old)).toBeUndefined();
      expect(await vault.load(entityId)).toMatchObject({ refreshToken: 'fake-refresh-2', version: old + 1 });
      expect((await store().entities.get(entityId)).geolocation).toBeUndefined();

      const beforeTheEnd = await version();
      await vault.shred(entityId);
      expect(await vault.commitGrant(entityId, late, beforeTheEnd)).toBeUndefined();
      expect(await vault.hasRefreshToken(entityId)).toBe(false);
    });

    test('gives the refresh lease to one holder at a time', async () => {
      const entityId = await createEntity(store());
      const acquire = (holder: string, forMs = 60_000) =>
        store().credentials.acquireRefreshLease(entityId, holder, forMs);
      expect([await acquire('a'), await acquire('b'), await acquire('a')]).toEqual([true, false, true]);
      await store().credentials.releaseRefreshLease(entityId, 'b');
      expect(await acquire('b')).toBe(false);
      await store().credentials.releaseRefreshLease(entityId, 'a');
      expect(await acquire('b')).toBe(true);
    });

    test('counts a refresh lease by the clock of the database, and prolongs it for whom it bears', async () => {
      const entityId = await createEntity(store());
      const { credentials } = store();
      const take = (holder: string, forMs: number) =>
        credentials.acquireRefreshLease(entityId, holder, forMs);
      expect(await take('a', 1)).toBe(true);
      // Nobody came meanwhile: it may be prolonged after its end.
      await waitUntil('the lease runs out', async () => hasRunOut(db(), entityId));
      expect(await credentials.renewRefreshLease(entityId, 'a', 60_000)).toBe(true);
      expect(await take('b', 60_000)).toBe(false);

      expect(await credentials.renewRefreshLease(entityId, 'a', 1)).toBe(true);
      await waitUntil('somebody else gets it', () => take('b', 60_000));
      expect(await credentials.renewRefreshLease(entityId, 'a', 60_000)).toBe(false);
      await credentials.releaseRefreshLease(entityId, 'b');
      expect(await credentials.renewRefreshLease(entityId, 'a', 60_000)).toBe(false);
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
      await store().credentials.commitGrant(entityId, { ...grant, refreshToken: 'fake-refresh' });
      await store().credentials.shred(entityId);
      const left = await store().credentials.load(entityId);
      expect([left.accessToken, left.refreshToken]).toEqual([undefined, undefined]);
    });

    test('refuses unknown entities', async () => {
      expect(isEntityUnknown(await errorOf(store().credentials.load('nobody')))).toBe(true);
      expect(isEntityUnknown(await errorOf(store().credentials.commitGrant('nobody', grant)))).toBe(true);
    });
  });
}

async function hasRunOut(db: HubDatabase, entityId: string): Promise<boolean> {
  const { rows } = await sql`
    select 1 from credentials where entity_id = ${entityId} and lease_until < clock_timestamp()`.execute(db);
  return rows.length > 0;
}
