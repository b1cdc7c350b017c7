import { isQuarantineUnknown, type QuarantineEntry } from '../../../../hub';
import { aTraveller, minutesAfter, T0 } from '../../builders';
import { createEntity, errorOf, type SuiteContext } from './context';

export function quarantineSuite({ store }: SuiteContext): void {
  const failedRead = (entityId: string, loginId: string): QuarantineEntry => ({
    entityId,
    loginId,
    direction: 'pull',
    code: 'ProfileUnreadable',
    reason: 'The answer is no profile.',
    concurModifiedAt: T0,
  });

  describe('quarantine', () => {
    test('counts attempts of one record and direction, logins in any case', async () => {
      const entityId = await createEntity(store());
      const entry = failedRead(entityId, 'Odd@example.test');
      await store().quarantine.open([{ ...entry, message: 'first' }], { now: T0 });
      const again = { ...entry, loginId: 'odd@EXAMPLE.test', code: 'E002', message: 'second' };
      await store().quarantine.open([again], { now: minutesAfter(1) });
      const { items } = await store().quarantine.list({ entityId, limit: 10 });
      expect(items).toMatchObject([{ code: 'E002', attempts: 2, firstAt: T0, lastAt: minutesAfter(1) }]);
      expect(await store().quarantine.message(items[0]?.id ?? '')).toBe('second');
      expect((await store().quarantine.counts(entityId)).get(entityId)).toBe(1);
    });

    test('takes over an entry by login when its traveller becomes known', async () => {
      const entityId = await createEntity(store());
      const write = aTraveller();
      await store().travellers.upsert({ entityId, ...write }, { now: T0 });
      const entry = failedRead(entityId, write.username);
      await store().quarantine.open([entry], { now: T0 });
      await store().quarantine.open([{ ...entry, travellerId: write.id }], { now: T0 });
      const { items } = await store().quarantine.list({ entityId, limit: 10 });
      expect(items).toMatchObject([{ travellerId: write.id, attempts: 2 }]);
      await store().sync.transaction((tx) =>
        tx.resolveQuarantine(entityId, [{ travellerId: write.id, direction: 'pull' }], T0),
      );
      expect((await store().quarantine.list({ entityId, limit: 10 })).items).toEqual([]);
      await store().quarantine.open([entry], { now: T0 });
      expect((await store().quarantine.list({ entityId, limit: 10 })).items).toMatchObject([{ attempts: 1 }]);
    });

    test('tells a poll what it has seen fail, but not what may pass by itself', async () => {
      const entityId = await createEntity(store());
      await store().quarantine.open(
        [
          failedRead(entityId, 'Seen@example.test'),
          { ...failedRead(entityId, 'busy@example.test'), transient: true },
        ],
        { now: T0 },
      );
      const logins = ['SEEN@example.test', 'busy@example.test', 'fine@example.test'];
      const failed = await store().sync.quarantinedLogins(entityId, logins);
      expect([...failed].sort()).toEqual([
        ['busy@example.test', undefined],
        ['seen@example.test', T0],
      ]);
    });

    test('lets a blocked publish be tried again, and wakes the publisher once', async () => {
      const entityId = await createEntity(store());
      const write = aTraveller();
      await store().travellers.upsert({ entityId, ...write }, { now: T0 });
      await store().entities.clearWake(entityId);
      await store().sync.transaction(async (tx) => {
        const by = { logins: [], syncIds: [], uuids: [], travellerIds: [write.id] };
        const [pair] = await tx.lock(entityId, 'concur', by);
        if (pair === undefined) throw new Error('nobody there');
        await tx.save([{ state: { ...pair.state, blockedVersion: 1 } }]);
        await tx.quarantine(
          [{ entityId, travellerId: write.id, direction: 'publish', code: 'E001', reason: 'r' }],
          T0,
        );
      });
      const [entry] = (await store().quarantine.list({ entityId, limit: 10 })).items;
      expect(await store().sync.countDirty(entityId, 'concur', T0)).toEqual({ ready: 0, leased: 0 });
      const first = await store().quarantine.retry(entry?.id ?? '', { now: minutesAfter(1) });
      const second = await store().quarantine.retry(entry?.id ?? '', { now: minutesAfter(1) });
      expect([first.woke, second.woke]).toEqual([true, false]);
      // Only what was tried counts.
      expect(second.record.attempts).toBe(1);
      expect(await store().sync.countDirty(entityId, 'concur', T0)).toEqual({ ready: 1, leased: 0 });
      expect((await store().travellers.get(entityId, write.id)).sync.state).toBe('quarantined');
    });

    test('holds the traveller of a dismissed one until it changes or is retried', async () => {
      const entityId = await createEntity(store());
      const write = aTraveller();
      const view = async () => (await store().travellers.get(entityId, write.id)).sync.state;
      await store().travellers.upsert({ entityId, ...write }, { now: T0 });
      await store().sync.transaction(async (tx) => {
        const by = { logins: [], syncIds: [], uuids: [], travellerIds: [write.id] };
        const [pair] = await tx.lock(entityId, 'concur', by);
        if (pair === undefined) throw new Error('nobody there');
        await tx.save([{ state: { ...pair.state, blockedVersion: 1 } }]);
        const why = { direction: 'publish', code: 'E001', reason: 'r' } as const;
        await tx.quarantine([{ entityId, travellerId: write.id, ...why }], T0);
      });
      const [entry] = (await store().quarantine.list({ entityId, limit: 10 })).items;
      await store().quarantine.dismiss(entry?.id ?? '', { now: T0 });
      expect(await view()).toBe('held');
      const { record } = await store().quarantine.retry(entry?.id ?? '', { now: minutesAfter(1) });
      expect(record.resolvedAt).toBeUndefined();
      expect(await view()).toBe('quarantined');
      expect(await store().sync.countDirty(entityId, 'concur', T0)).toEqual({ ready: 1, leased: 0 });
      await store().quarantine.dismiss(entry?.id ?? '', { now: T0 });
      expect(await view()).toBe('pending');
    });

    test('forgets that a poll has seen the record when its read is to be tried again', async () => {
      const entityId = await createEntity(store());
      await store().quarantine.open([failedRead(entityId, 'odd@example.test')], { now: T0 });
      const [entry] = (await store().quarantine.list({ entityId, limit: 10 })).items;
      const { woke } = await store().quarantine.retry(entry?.id ?? '', { now: T0 });
      expect(woke).toBe(false);
      const failed = await store().sync.quarantinedLogins(entityId, ['odd@example.test']);
      expect([...failed.values()]).toEqual([undefined]);
    });

    test('names what a poll should try again: what may pass, and what somebody asked for', async () => {
      const entityId = await createEntity(store());
      const open = (entries: readonly QuarantineEntry[], minutes: number) =>
        store().quarantine.open(entries, { now: minutesAfter(minutes) });
      await open([failedRead(entityId, 'asked@example.test'), failedRead(entityId, 'left@example.test')], 0);
      await open([{ ...failedRead(entityId, 'busy@example.test'), transient: true }], 1);
      const [asked] = (await store().quarantine.list({ entityId, limit: 10 })).items;
      await store().quarantine.retry(asked?.id ?? '', { now: minutesAfter(2) });
      const due = async () => store().sync.quarantinedForRetry(entityId, 10);
      expect(await due()).toEqual([{ loginId: asked?.loginId }, { loginId: 'busy@example.test' }]);
      await open([failedRead(entityId, asked?.loginId ?? '')], 3);
      expect(await due()).toEqual([{ loginId: 'busy@example.test' }]);
    });

    test('is closed by a person, once, and refuses unknown ids', async () => {
      const entityId = await createEntity(store());
      await store().quarantine.open([failedRead(entityId, 'odd@example.test')], { now: T0 });
      const [entry] = (await store().quarantine.list({ entityId, limit: 10 })).items;
      const id = entry?.id ?? '';
      expect(await store().quarantine.dismiss(id, { now: T0 })).toMatchObject({
        resolution: 'dismissed',
        resolvedAt: T0,
      });
      expect(await store().quarantine.resolve(id, { now: T0 })).toMatchObject({ resolution: 'dismissed' });
      expect(isQuarantineUnknown(await errorOf(store().quarantine.get('nobody')))).toBe(true);
    });
  });
}
