import { type HubStore } from '../../../../hub';
import { aTraveller, minutesAfter, T0 } from '../../builders';
import { createEntity, type SuiteContext } from './context';

const leaseOf = (holder: string, minutes = 0) => ({
  holder,
  now: minutesAfter(minutes),
  until: minutesAfter(minutes + 5),
});

export function leasesSuite({ store, otherStore }: SuiteContext): void {
  const dirtyEntity = async (count: number): Promise<{ entityId: string; ids: string[] }> => {
    const entityId = await createEntity(store());
    const ids: string[] = [];
    for (let n = 0; n < count; n += 1) {
      const write = aTraveller();
      // The later ones changed earlier, so that age and id order differ.
      await store().travellers.upsert({ entityId, ...write }, { now: minutesAfter(-n) });
      ids.unshift(write.id);
    }
    return { entityId, ids };
  };
  const leaseDirty = async (from: HubStore, entityId: string, holder: string, limit = 100, minutes = 0) =>
    (await from.sync.leaseDirty(entityId, 'concur', { ...leaseOf(holder, minutes), limit })).map(
      (pair) => pair.traveller.id,
    );

  describe('leases', () => {
    test('of dirty travellers come oldest change first, and only once', async () => {
      const { entityId, ids } = await dirtyEntity(3);
      expect(await leaseDirty(store(), entityId, 'a', 2)).toEqual(ids.slice(0, 2));
      expect(await store().sync.countDirty(entityId, 'concur', T0)).toEqual({ ready: 1, leased: 2 });
      expect(await leaseDirty(store(), entityId, 'a')).toEqual(ids.slice(2));
      expect(await leaseDirty(store(), entityId, 'a')).toEqual([]);
      expect(await leaseDirty(store(), entityId, 'b', 100, 6)).toEqual(ids);
    });

    test('raise the version of the state and are shown in it', async () => {
      const { entityId } = await dirtyEntity(1);
      const [pair] = await store().sync.leaseDirty(entityId, 'concur', { ...leaseOf('a'), limit: 1 });
      expect(pair?.state).toMatchObject({ version: 2, leaseHolder: 'a', leaseUntil: minutesAfter(5) });
    });

    test('skip what is held or blocked until it changes again', async () => {
      const { entityId, ids } = await dirtyEntity(2);
      const [held = '', blocked = ''] = ids;
      await store().travellers.setHeld(entityId, held, true);
      await store().sync.transaction(async (tx) => {
        const by = { logins: [], syncIds: [], uuids: [], travellerIds: [blocked] };
        const [pair] = await tx.lock(entityId, 'concur', by);
        if (pair !== undefined) await tx.save([{ state: { ...pair.state, blockedVersion: 1 } }]);
      });
      expect(await leaseDirty(store(), entityId, 'a')).toEqual([]);
      const write = aTraveller().with({ id: blocked });
      await store().travellers.upsert({ entityId, ...write }, { now: T0 });
      expect(await leaseDirty(store(), entityId, 'a')).toEqual([blocked]);
    });

    test('of one traveller go to one holder, who may take it again', async () => {
      const { entityId, ids } = await dirtyEntity(1);
      const [id = ''] = ids;
      const { sync } = store();
      expect(await sync.lease(entityId, 'concur', id, leaseOf('a'))).toMatchObject({
        state: { leaseHolder: 'a' },
      });
      expect(await sync.lease(entityId, 'concur', id, leaseOf('b'))).toBeUndefined();
      expect(await sync.lease(entityId, 'concur', id, leaseOf('a', 1))).toBeDefined();
      expect(await sync.lease(entityId, 'concur', id, leaseOf('b', 7))).toBeDefined();
      expect(await sync.releaseLease(entityId, 'concur', id, 'a')).toBe(false);
      expect(await sync.releaseLease(entityId, 'concur', id, 'b')).toBe(true);
      expect(await sync.lease(entityId, 'concur', 'nobody', leaseOf('a'))).toBeUndefined();
    });

    test('are renewed by their holder, even late, until somebody else has taken them', async () => {
      const { entityId, ids } = await dirtyEntity(1);
      const [id = ''] = ids;
      const { sync } = store();
      const renew = (holder: string, minutes: number) =>
        sync.renewLease(entityId, 'concur', id, leaseOf(holder, minutes));
      await sync.lease(entityId, 'concur', id, leaseOf('a'));
      expect(await renew('b', 0)).toBe(false);
      expect(await renew('a', 6)).toBe(true);
      expect(await sync.lease(entityId, 'concur', id, leaseOf('b', 7))).toBeUndefined();
      expect(await sync.lease(entityId, 'concur', id, leaseOf('b', 12))).toBeDefined();
      expect(await renew('a', 12)).toBe(false);
    });

    test('let only their holder keep an intent', async () => {
      const { entityId, ids } = await dirtyEntity(1);
      const [id = ''] = ids;
      const { sync } = store();
      const intent = { login: 'new@example.test', identityHash: 'h', at: T0.toISOString() };
      await sync.lease(entityId, 'concur', id, leaseOf('a'));
      expect(await sync.saveIntent(entityId, 'concur', id, leaseOf('b'), intent)).toBe(false);
      expect(await sync.saveIntent(entityId, 'concur', id, leaseOf('a'), intent)).toBe(true);
      expect((await sync.load(entityId, 'concur', [id]))[0]?.state.createIntent).toEqual(intent);
      expect(await sync.saveIntent(entityId, 'concur', id, leaseOf('a'), undefined)).toBe(true);
      expect((await sync.load(entityId, 'concur', [id]))[0]?.state).not.toHaveProperty('createIntent');
    });

    test('taken by two stores at once never overlap', async () => {
      const { entityId, ids } = await dirtyEntity(20);
      const other = otherStore();
      const taken = await Promise.all(
        Array.from({ length: 10 }, (_, n) => leaseDirty(n % 2 === 0 ? store() : other, entityId, `h${n}`, 3)),
      );
      const all = taken.flat();
      expect(new Set(all).size).toBe(all.length);
      expect([...all, ...(await leaseDirty(store(), entityId, 'last'))].sort()).toEqual([...ids].sort());
    });
  });
}
