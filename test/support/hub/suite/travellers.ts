import { isTravellerUnknown, isUsernameTaken, isVersionConflict } from '../../../../hub';
import { anEntity, aProfile, aTraveller, minutesAfter, T0 } from '../../builders';
import { createEntity, errorOf, type SuiteContext } from './context';

export function travellersSuite({ store, db }: SuiteContext): void {
  describe('travellers', () => {
    test('get a version with every change of content, and none without', async () => {
      const entityId = await createEntity(store());
      const write = aTraveller();
      const put = (change: object, minutes: number) =>
        store().travellers.upsert({ entityId, ...write, ...change }, { now: minutesAfter(minutes) });

      const first = await put({}, 0);
      const same = await put({}, 1);
      const changed = await put({ status: 'inactive' }, 2);

      expect(first).toMatchObject({ created: true, changed: true, traveller: { version: 1, changedAt: T0 } });
      expect(same).toMatchObject({ created: false, changed: false, woke: false, traveller: { version: 1 } });
      expect(changed).toMatchObject({
        changed: true,
        traveller: { version: 2, createdAt: T0, changedAt: minutesAfter(2) },
      });
    });

    test('carry their version into the states of every target', async () => {
      const entityId = await createEntity(
        store(),
        anEntity().with({ gds: { system: 'amadeus-csx', officeId: 'NCE1A0000', companyLocator: 'ABC123' } }),
      );
      const write = aTraveller();
      await store().travellers.upsert({ entityId, ...write }, { now: T0 });
      await store().travellers.upsert({ entityId, ...write.with({ status: 'inactive' }) }, { now: T0 });
      const states = await store().travellers.syncStates(entityId, write.id);
      expect(
        states.map(({ target, hubVersion, publishedVersion }) => [target, hubVersion, publishedVersion]),
      ).toEqual([
        ['concur', 2, 0],
        ['amadeus-csx', 2, 0],
      ]);
    });

    test('get the state of a GDS that the entity is bound to later', async () => {
      const entityId = await createEntity(store());
      const write = aTraveller();
      await store().travellers.upsert({ entityId, ...write }, { now: T0 });
      await store().entities.patch(entityId, {
        gds: { system: 'amadeus-csx', officeId: 'NCE1A0000', companyLocator: 'ABC123' },
      });
      expect(await store().travellers.syncStates(entityId, write.id)).toHaveLength(2);
    });

    test('cannot stand without a state for Concur, nor with another version there', async () => {
      const entityId = await createEntity(store());
      const write = aTraveller();
      await store().travellers.upsert({ entityId, ...write }, { now: T0 });
      const states = db().deleteFrom('sync_states').where('traveller_id', '=', write.id).execute();
      expect(await errorOf(states)).toMatchObject({ constraint: 'travellers_have_a_sync_state' });
      const other = db()
        .updateTable('sync_states')
        .set({ hub_version: 9 })
        .where('traveller_id', '=', write.id);
      expect(await errorOf(other.execute())).toMatchObject({ code: '23503' });
    });

    test('are given back as they were written, names in any script', async () => {
      const entityId = await createEntity(store());
      const general = { firstName: '阿\u{1F600}部', lastName: 'Ø’Brien-Łukasiewicz עברית' };
      const unknown = [{ path: 'General', name: 'New', value: 'ünknown' }];
      const write = aTraveller().with({ sections: { ...aProfile(), general }, unknown });
      await store().travellers.upsert({ entityId, ...write }, { now: T0 });
      const { traveller } = await store().travellers.get(entityId, write.id);
      expect(traveller.sections).toMatchObject(write.sections);
      expect(traveller.unknown).toEqual(unknown);
    });

    test('are stored although a text holds what PostgreSQL cannot', async () => {
      const entityId = await createEntity(store());
      const write = aTraveller().with({
        sections: { general: { firstName: 'a\0b\uD800c', lastName: '\\u0000' } },
      });
      await store().travellers.upsert({ entityId, ...write }, { now: T0 });
      const { traveller } = await store().travellers.get(entityId, write.id);
      expect(traveller.sections.general).toEqual({ firstName: 'a\uFFFDb\uFFFDc', lastName: '\\u0000' });
    });

    test('keep the keys of their list elements over writes that do not name them', async () => {
      const entityId = await createEntity(store());
      const write = aTraveller();
      const { traveller: first } = await store().travellers.upsert({ entityId, ...write }, { now: T0 });
      const telephones = [...(write.sections.telephones ?? [])].reverse();
      const sections = {
        ...write.sections,
        telephones: [...telephones, { type: 'Home', phoneNumber: '5550199' }],
      };
      const { traveller: second } = await store().travellers.upsert(
        { entityId, ...write.with({ sections }) },
        { now: T0 },
      );
      const keysOf = (list: readonly { key?: string }[] = []): unknown[] => list.map(({ key }) => key);
      const before = keysOf(first.sections.telephones);
      expect(before).toEqual([expect.any(String), expect.any(String)]);
      expect(keysOf(second.sections.telephones).slice(0, 2)).toEqual([...before].reverse());
      expect(keysOf(second.sections.passports)).toEqual(keysOf(first.sections.passports));
    });

    test('are refused with a username that another one has, whatever its case', async () => {
      const entityId = await createEntity(store());
      const [one, other] = [aTraveller(), aTraveller()];
      await store().travellers.upsert({ entityId, ...one }, { now: T0 });
      const taken = other.with({ username: one.username.toUpperCase() });
      const error = await errorOf(store().travellers.upsert({ entityId, ...taken }, { now: T0 }));
      expect(isUsernameTaken(error) && [error.takenBy, error.message.includes('@')]).toEqual([one.id, false]);
      const elsewhere = await createEntity(store());
      await store().travellers.upsert({ entityId: elsewhere, ...taken }, { now: T0 });
    });

    test('are refused when they changed since they were read', async () => {
      const entityId = await createEntity(store());
      const write = aTraveller();
      const upsert = (expectedVersion: number) =>
        store().travellers.upsert({ entityId, ...write.with({ expectedVersion }) }, { now: T0 });
      expect(isVersionConflict(await errorOf(upsert(1)))).toBe(true);
      await upsert(0);
      expect(isVersionConflict(await errorOf(upsert(0)))).toBe(true);
      await upsert(1);
    });

    test('of a batch are judged one by one', async () => {
      const entityId = await createEntity(store());
      const [a, b] = [aTraveller(), aTraveller()];
      const rows = [a, b.with({ username: a.username }), b, a, aTraveller().with({ expectedVersion: 3 })];
      const { results, woke } = await store().travellers.upsertMany(entityId, rows, { now: T0 });
      const codes = results.map((result) => (result.ok ? 'ok' : result.error.code));
      expect(codes).toEqual([
        'ok',
        'username-taken',
        'duplicate-in-batch',
        'duplicate-in-batch',
        'version-conflict',
      ]);
      expect(woke).toBe(true);
      expect((await store().travellers.list(entityId, { limit: 10 })).items).toHaveLength(1);
    });

    test('lose their personal data wherever it stands when they are erased', async () => {
      const entityId = await createEntity(store());
      const write = aTraveller();
      await store().travellers.upsert({ entityId, ...write }, { now: T0 });
      await store().quarantine.open(
        [
          { entityId, travellerId: write.id, direction: 'publish', code: 'E1', reason: 'r', message: 'Zoë' },
          { entityId, loginId: write.username, direction: 'pull', code: 'E2', reason: 'r' },
        ],
        { now: T0 },
      );
      await store().sync.transaction((tx) =>
        tx.addConflicts(
          [
            {
              entityId,
              travellerId: write.id,
              section: 'general',
              slot: 's',
              hubValue: 'Zoë',
              winner: 'hub',
            },
          ],
          T0,
        ),
      );
      await store().travellers.erase(entityId, write.id, { now: minutesAfter(1) });

      const view = await store().travellers.get(entityId, write.id);
      expect(view).toMatchObject({
        erasedAt: minutesAfter(1),
        sync: { state: 'inactive' },
        traveller: { username: write.id, status: 'inactive', sections: {}, unknown: [], version: 2 },
      });
      const quarantined = await store().quarantine.list({ entityId, limit: 10, includeClosed: true });
      expect(quarantined.items.map(({ loginId, resolution }) => [loginId, resolution])).toEqual([
        [undefined, 'dismissed'],
        ['erased', 'dismissed'],
      ]);
      const [conflict] = (await store().conflicts.listOpened({ entityId, limit: 10 })).items;
      expect(conflict).toMatchObject({ slot: '' });
      expect(await store().sync.countDirty(entityId, 'concur', T0)).toEqual({ ready: 0, leased: 0 });
      expect(
        isTravellerUnknown(await errorOf(store().travellers.erase(entityId, 'nobody', { now: T0 }))),
      ).toBe(true);
    });

    test('that were erased can be written anew', async () => {
      const entityId = await createEntity(store());
      const write = aTraveller();
      await store().travellers.upsert({ entityId, ...write }, { now: T0 });
      await store().travellers.erase(entityId, write.id, { now: T0 });
      const { traveller } = await store().travellers.upsert({ entityId, ...write }, { now: T0 });
      expect(traveller.version).toBe(3);
      const view = await store().travellers.get(entityId, write.id);
      expect(view.sync.state).toBe('pending');
      expect(view).not.toHaveProperty('erasedAt');
    });
  });

  describe('waking', () => {
    test('is told to one of fifty writers at once', async () => {
      const entityId = await createEntity(store());
      const upsert = () => store().travellers.upsert({ entityId, ...aTraveller() }, { now: T0 });
      const round = async (): Promise<number> =>
        (await Promise.all(Array.from({ length: 50 }, upsert))).filter(({ woke }) => woke).length;
      expect(await round()).toBe(1);
      expect(await round()).toBe(0);
      await store().sync.clearWake(entityId);
      expect(await round()).toBe(1);
      expect((await store().entities.get(entityId)).wake).toBe(true);
    });
  });
}
