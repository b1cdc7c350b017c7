import { isLocatorTaken, isVersionConflict } from '../../../../hub';
import { aBoundTraveller, aProfile, aTraveller, minutesAfter, T0 } from '../../builders';
import { createEntity, errorOf, type SuiteContext } from './context';

const NOBODY = { logins: [], syncIds: [], uuids: [], travellerIds: [] };

export function syncSuite({ store }: SuiteContext): void {
  const inserted = async (entityId: string, count: number) => {
    const pairs = Array.from({ length: count }, () => aBoundTraveller(entityId));
    await store().sync.transaction((tx) => tx.insert(pairs));
    return pairs;
  };

  describe('a transaction of the engine', () => {
    test('inserts pulled travellers that are in step', async () => {
      const entityId = await createEntity(store());
      const [pair] = await inserted(entityId, 1);
      const id = pair?.traveller.id ?? '';
      const [read] = await store().sync.load(entityId, 'concur', [id, 'nobody']);
      expect(read?.state).toEqual({ ...pair?.state });
      expect(read?.traveller).toMatchObject({ version: 1, sections: { general: aProfile().general } });
      expect(read?.traveller.sections.passports?.[0]?.key).toEqual(expect.any(String));
      expect((await store().travellers.get(entityId, id)).sync.state).toBe('synced');
    });

    test('finds travellers by every handle, logins in any case, in the order of ids', async () => {
      const entityId = await createEntity(store());
      const [a, b, c, d] = await inserted(entityId, 5);
      const found = await store().sync.transaction((tx) =>
        tx.lock(entityId, 'concur', {
          logins: [d?.state.locator?.toUpperCase() ?? '', 'nobody@example.test'],
          uuids: [b?.state.concurUuid ?? ''],
          syncIds: [c?.state.xmlProfileSyncId ?? ''],
          travellerIds: [a?.traveller.id ?? ''],
        }),
      );
      expect(found.map(({ traveller }) => traveller.id)).toEqual(
        [a, b, c, d].map((pair) => pair?.traveller.id),
      );
      const glimpses = await store().sync.glimpse(entityId, 'concur', {
        logins: [],
        syncIds: [],
        uuids: [b?.state.concurUuid ?? ''],
      });
      expect(glimpses).toEqual([
        {
          travellerId: b?.traveller.id,
          locator: b?.state.locator,
          concurUuid: b?.state.concurUuid,
          xmlProfileSyncId: b?.state.xmlProfileSyncId,
          version: 1,
        },
      ]);
      expect(await store().sync.transaction((tx) => tx.lock(entityId, 'concur', NOBODY))).toEqual([]);
    });

    test('finds all travellers that share a sync id', async () => {
      const entityId = await createEntity(store());
      const pairs = [1, 2].map(() => aBoundTraveller(entityId));
      const sharing = pairs.map(({ traveller, state }) => ({
        traveller,
        state: state.with({ xmlProfileSyncId: 'shared' }),
      }));
      await store().sync.transaction((tx) => tx.insert(sharing));
      const by = { ...NOBODY, syncIds: ['shared'] };
      const found = await store().sync.transaction((tx) => tx.lock(entityId, 'concur', by));
      expect(found.map(({ traveller }) => traveller.id)).toEqual(pairs.map(({ traveller }) => traveller.id));
    });

    test('tells of whom a publish is in quarantine', async () => {
      const entityId = await createEntity(store());
      const pairs = await inserted(entityId, 3);
      const [a, b, c] = pairs.map(({ traveller }) => traveller.id);
      const entry = { entityId, code: 'E001', reason: 'r' };
      const inQuarantine = () =>
        store().sync.transaction(async (tx) => {
          const travellerIds = pairs.map(({ traveller }) => traveller.id);
          const locked = await tx.lock(entityId, 'concur', { ...NOBODY, travellerIds });
          return locked.map(({ publishQuarantined }) => publishQuarantined);
        });
      await store().quarantine.open(
        [
          { ...entry, travellerId: a ?? '', direction: 'publish' },
          { ...entry, travellerId: b ?? '', direction: 'pull' },
        ],
        { now: T0 },
      );
      expect(await inQuarantine()).toEqual([true, false, false]);
      await store().sync.transaction((tx) =>
        tx.resolveQuarantine(
          entityId,
          [a, c].map((travellerId = '') => ({ travellerId, direction: 'publish' as const })),
          T0,
        ),
      );
      expect(await inQuarantine()).toEqual([false, false, false]);
    });

    test('saves content and state, and counts the state on', async () => {
      const entityId = await createEntity(store());
      const [pair] = await inserted(entityId, 1);
      if (pair === undefined) throw new Error('nothing inserted');
      const { traveller, state } = pair;
      const sections = { ...traveller.sections, general: { firstName: 'Renamed' } };
      await store().sync.transaction((tx) =>
        tx.save([
          {
            traveller: { ...traveller, sections, version: 2, changedAt: minutesAfter(1) },
            state: { ...state, baseConcur: { status: 'active', sections }, lastPulledAt: minutesAfter(1) },
          },
        ]),
      );
      const [read] = await store().sync.load(entityId, 'concur', [traveller.id]);
      expect(read?.traveller).toMatchObject({
        version: 2,
        changedAt: minutesAfter(1),
        sections: { general: { firstName: 'Renamed' } },
      });
      expect(read?.state).toMatchObject({
        version: 2,
        hubVersion: 2,
        publishedVersion: 1,
        lastPulledAt: minutesAfter(1),
      });
      expect((await store().travellers.get(entityId, traveller.id)).sync.state).toBe('pending');
    });

    test('refuses a state that moved since it was read, and stores nothing then', async () => {
      const entityId = await createEntity(store());
      const [a, b] = await inserted(entityId, 2);
      if (a === undefined || b === undefined) throw new Error('nothing inserted');
      await store().sync.transaction((tx) => tx.save([{ state: b.state }]));
      const stale = store().sync.transaction((tx) =>
        tx.save([{ state: { ...a.state, held: true } }, { state: { ...b.state, held: true } }]),
      );
      expect(isVersionConflict(await errorOf(stale))).toBe(true);
      expect((await store().entities.counts(entityId)).held).toBe(0);
    });

    test('lets two travellers swap their logins, but not share one', async () => {
      const entityId = await createEntity(store());
      const [a, b] = await inserted(entityId, 2);
      if (a === undefined || b === undefined) throw new Error('nothing inserted');
      const [first, second] = [a.state.locator ?? '', b.state.locator ?? ''];
      await store().sync.transaction((tx) =>
        tx.save([{ state: { ...a.state, locator: second } }, { state: { ...b.state, locator: first } }]),
      );
      const read = await store().sync.load(entityId, 'concur', [a.traveller.id, b.traveller.id]);
      expect(read.map(({ state }) => state.locator)).toEqual([second, first]);
      await store().sync.transaction((tx) =>
        tx.save([{ state: { ...b.state, version: 2, locator: 'renamed@example.test' } }]),
      );
      const [renamed] = await store().sync.load(entityId, 'concur', [b.traveller.id]);
      expect(renamed?.state.locator).toBe('renamed@example.test');
      const shared = store().sync.transaction((tx) =>
        tx.save([{ state: { ...a.state, version: 2, locator: 'RENAMED@example.test' } }]),
      );
      expect(isLocatorTaken(await errorOf(shared))).toBe(true);
    });

    test('keeps the keys of list elements that a pull brings without them', async () => {
      const entityId = await createEntity(store());
      const [pair] = await inserted(entityId, 1);
      if (pair === undefined) throw new Error('nothing inserted');
      const keysNow = async (): Promise<unknown[]> => {
        const [read] = await store().sync.load(entityId, 'concur', [pair.traveller.id]);
        return (read?.traveller.sections.telephones ?? []).map(({ key }) => key);
      };
      const before = await keysNow();
      const traveller = { ...pair.traveller, version: 2 };
      await store().sync.transaction((tx) => tx.save([{ traveller, state: pair.state }]));
      expect(await keysNow()).toEqual(before);
      await store().sync.transaction(async (tx) => {
        const by = { ...NOBODY, travellerIds: [traveller.id] };
        const [locked] = await tx.lock(entityId, 'concur', by);
        const [work] = pair.traveller.sections.telephones ?? [];
        if (locked === undefined || work === undefined) throw new Error('nothing locked');
        const first = { ...traveller, sections: { telephones: [work] }, version: 3 };
        await tx.save([{ traveller: first, state: locked.state }]);
        // What was saved before in the same transaction is what the keys are taken from.
        const state = { ...locked.state, version: locked.state.version + 1 };
        await tx.save([{ traveller: { ...traveller, version: 4 }, state }]);
      });
      const [kept, made] = await keysNow();
      expect(kept).toBe(before[0]);
      expect(made).toEqual(expect.any(String));
      expect(made).not.toBe(before[1]);
    });

    test('finds hub usernames without case', async () => {
      const entityId = await createEntity(store());
      const write = aTraveller();
      await store().travellers.upsert({ entityId, ...write }, { now: T0 });
      const found = await store().sync.transaction((tx) =>
        tx.travellersByUsername(entityId, [write.username.toUpperCase()]),
      );
      expect(found).toEqual([{ id: write.id, username: write.username, bound: false }]);
    });

    test('tells without case which logins are about to be created', async () => {
      const entityId = await createEntity(store());
      const write = aTraveller();
      await store().travellers.upsert({ entityId, ...write }, { now: T0 });
      const { id } = write;
      const made = (login: string) =>
        store().sync.transaction((tx) => tx.loginsBeingCreated(entityId, [login, 'other@example.test']));
      const lease = { holder: 'h', until: minutesAfter(1), now: T0 };
      await store().sync.leaseDirty(entityId, 'concur', { ...lease, limit: 1 });
      const intent = { login: 'New@example.test', identityHash: 'h', at: T0.toISOString() };
      await store().sync.saveIntent(entityId, 'concur', id, lease, intent);
      expect(await made('NEW@example.test')).toEqual(['new@example.test']);
      await store().sync.saveIntent(entityId, 'concur', id, lease, undefined);
      expect(await made('new@example.test')).toEqual([]);
    });

    test('never moves the cursor backwards unless told to', async () => {
      const entityId = await createEntity(store());
      const cursor = async () => (await store().sync.entity(entityId)).cursor;
      await store().sync.transaction((tx) => tx.setCursor(entityId, minutesAfter(5)));
      await store().sync.transaction((tx) => tx.setCursor(entityId, T0));
      expect(await cursor()).toEqual(minutesAfter(5));
      await store().sync.transaction((tx) => tx.setCursor(entityId, T0, true));
      expect(await cursor()).toEqual(T0);
    });

    test('leaves nothing behind when it fails', async () => {
      const entityId = await createEntity(store());
      const failed = store().sync.transaction(async (tx) => {
        await tx.insert([aBoundTraveller(entityId)]);
        await tx.setClockSkew(entityId, 1500);
        throw new Error('crash');
      });
      expect(await errorOf(failed)).toMatchObject({ message: 'crash' });
      expect((await store().entities.counts(entityId)).travellers).toBe(0);
      expect((await store().sync.entity(entityId)).clockSkewMs).toBe(0);
    });

    test('notes progress and the last poll', async () => {
      const entityId = await createEntity(store());
      const progress = {
        since: T0.toISOString(),
        pass: 0,
        page: 2,
        verify: true,
        unseen: 1,
        seen: 4,
        changed: 0,
        quarantined: 0,
      };
      const poll = { startedAt: T0.toISOString(), seen: 4, changed: 1, quarantined: 0 };
      await store().sync.transaction(async (tx) => {
        await tx.setProgress(entityId, progress);
        await tx.setLastPoll(entityId, poll);
      });
      expect(await store().sync.entity(entityId)).toMatchObject({ progress, lastPoll: poll });
      await store().sync.transaction((tx) => tx.setProgress(entityId, undefined));
      expect(await store().sync.entity(entityId)).not.toHaveProperty('progress');
    });
  });

  test('content hashes are the same for the same text and tell entities apart', async () => {
    const [one, other] = [await createEntity(store()), await createEntity(store())];
    const hash = await store().sync.hash(one, 'text');
    expect(hash).toMatch(/^[0-9a-f]{64}$/);
    expect(await store().sync.hash(one, 'text')).toBe(hash);
    expect(await store().sync.hash(other, 'text')).not.toBe(hash);
  });
}
