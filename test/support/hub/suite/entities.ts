import {
  isAgencyUnknown,
  isEntityConflict,
  isEntityErased,
  isEntityUnknown,
  isKeyMissing,
  type KeyRing,
  parseKeyRing,
} from '../../../../hub';
import { anEntity, aTraveller, minutesAfter, SENSITIVE, T0 } from '../../builders';
import { storeOn } from '../stores';
import { createEntity, errorOf, type SuiteContext } from './context';

export function entitiesSuite({ store, db, keys, otherStore }: SuiteContext): void {
  describe('entities', () => {
    test('are created once; the same definition again changes nothing', async () => {
      const definition = anEntity().with({
        ids: { vendorSiteIds: ['v1'] },
        pollMinutes: [7],
        gds: { system: 'amadeus-csx', officeId: 'NCE1A0000', companyLocator: 'ABC123' },
      });
      const first = await store().entities.create(definition, { now: T0 });
      const again = await store().entities.create(definition, { now: minutesAfter(1) });

      expect(first.created).toBe(true);
      expect(first.entity).toMatchObject({
        ...definition,
        stage: 'requested',
        health: 'ok',
        wake: false,
        createdAt: T0,
      });
      expect(again).toEqual({ created: false, entity: first.entity });
    });

    test('begin with the switches of their agency, and keep their own when it changes', async () => {
      const agencyId = `agency-${anEntity().id}`;
      const before = await createEntity(store(), anEntity().with({ agencyId }));
      await store().agencies.patch(agencyId, { interfaceOn: false, pollingOn: false });
      const definition = anEntity().with({ agencyId });
      const after = await createEntity(store(), definition);
      const chosen = await createEntity(store(), anEntity().with({ agencyId, interfaceOn: true }));
      const switchesOf = async (id: string) => {
        const { interfaceOn, pollingOn } = await store().entities.get(id);
        return [interfaceOn, pollingOn];
      };
      expect(await switchesOf(before)).toEqual([true, true]);
      expect(await switchesOf(after)).toEqual([false, false]);
      expect(await switchesOf(chosen)).toEqual([true, false]);

      await store().agencies.patch(agencyId, { interfaceOn: true });
      expect(await switchesOf(after)).toEqual([false, false]);
      await store().entities.patch(after, { interfaceOn: true });
      expect(await switchesOf(after)).toEqual([true, false]);
      // A caller who named no switches sends the same body again.
      expect(await store().entities.create(definition, { now: T0 })).toMatchObject({ created: false });
    });

    test('of an agency that nobody knows cannot be changed through it', async () => {
      const error = await errorOf(store().agencies.patch('no-such-agency', { pollingOn: false }));
      expect(isAgencyUnknown(error)).toBe(true);
    });

    test('refuse another definition under a known id', async () => {
      const definition = anEntity();
      await createEntity(store(), definition);
      const error = await errorOf(store().entities.create(definition.with({ name: 'Other' }), { now: T0 }));
      expect(isEntityConflict(error)).toBe(true);
    });

    test('that are unknown are refused in words', async () => {
      const errors = await Promise.all([
        errorOf(store().entities.get('nobody')),
        errorOf(store().entities.patch('nobody', { name: 'x' })),
        errorOf(store().entities.setState('nobody', { stage: 'active' })),
        errorOf(store().travellers.list('nobody', { limit: 10 })),
        errorOf(store().travellers.upsert({ entityId: 'nobody', ...aTraveller() }, { now: T0 })),
      ]);
      expect(errors.map(isEntityUnknown)).toEqual([true, true, true, true, true]);
    });

    test('take a patch: absent stays, null clears', async () => {
      const id = await createEntity(store(), anEntity().with({ strategy: 'merge', pollMinutes: [1, 2] }));
      const patched = await store().entities.patch(id, { name: 'New name', strategy: null });
      expect(patched).toMatchObject({ name: 'New name', pollMinutes: [1, 2] });
      expect(patched).not.toHaveProperty('strategy');
    });

    test('show what a workflow projected', async () => {
      const id = await createEntity(store());
      await store().entities.setState(id, {
        stage: 'active',
        health: 'degraded',
        healthReason: 'scope missing',
        scopes: ['TMCSP'],
        lastPoll: {
          startedAt: T0.toISOString(),
          finishedAt: T0.toISOString(),
          seen: 3,
          changed: 1,
          quarantined: 0,
        },
      });
      const cleared = await store().entities.setState(id, { health: 'ok', healthReason: null });
      expect(cleared).toMatchObject({
        stage: 'active',
        health: 'ok',
        scopes: ['TMCSP'],
        lastPoll: { seen: 3 },
      });
      expect(cleared).not.toHaveProperty('healthReason');
    });

    test('are listed by id, page by page', async () => {
      const ids = [await createEntity(store()), await createEntity(store()), await createEntity(store())];
      const before = [...ids].sort()[0] ?? '';
      const first = await store().entities.list({ cursor: before, limit: 1 });
      const rest = await store().entities.list({ cursor: first.nextCursor ?? '', limit: 500 });
      const seen = [before, ...first.items.map(({ id }) => id), ...rest.items.map(({ id }) => id)];
      expect(seen).toEqual(expect.arrayContaining(ids));
      expect(seen).toEqual([...seen].sort());
      expect(rest).not.toHaveProperty('nextCursor');
    });

    test('count each traveller once, by the most pressing state', async () => {
      const id = await createEntity(store());
      const writes = [1, 2, 3, 4].map(() => ({ ...aTraveller() }));
      await store().travellers.upsertMany(id, writes, { now: T0 });
      const [quarantined, held, inactive] = writes.map((write) => write.id);
      await store().quarantine.open(
        [
          {
            entityId: id,
            travellerId: quarantined ?? '',
            direction: 'publish',
            code: 'E001',
            reason: 'refused',
          },
        ],
        { now: T0 },
      );
      await store().travellers.setHeld(id, quarantined ?? '', true);
      await store().travellers.setHeld(id, held ?? '', true);
      await store().travellers.erase(id, inactive ?? '', { now: T0 });

      expect(await store().entities.counts(id)).toEqual({
        travellers: 4,
        synced: 0,
        pending: 1,
        quarantined: 1,
        held: 1,
        inactive: 1,
        conflicts: 0,
      });
    });

    test('that are shredded keep neither content nor key', async () => {
      const id = await createEntity(store());
      const { traveller } = await store().travellers.upsert({ entityId: id, ...aTraveller() }, { now: T0 });
      await store().entities.shred(id, { now: T0 });

      for (const reader of [store(), otherStore()]) {
        const view = await reader.travellers.get(id, traveller.id);
        expect(view.traveller).toMatchObject({ username: traveller.id, sections: {} });
        const write = reader.travellers.upsert({ entityId: id, ...aTraveller() }, { now: T0 });
        expect(isEntityErased(await errorOf(write))).toBe(true);
      }
      const [row] = await db().selectFrom('travellers').selectAll().where('entity_id', '=', id).execute();
      expect(row).toMatchObject({ username: traveller.id, status: 'inactive', sections: {} });
    });

    test('keep their values when the ring gets a new active key, before and after rewrapping', async () => {
      const [newKey, oldKey] = keys();
      const before = storeOn(db(), parseKeyRing(oldKey));
      const id = await createEntity(before);
      const write = aTraveller();
      await before.travellers.upsert({ entityId: id, ...write }, { now: T0 });
      const birthOf = async (ring: KeyRing): Promise<unknown> =>
        (await storeOn(db(), ring).travellers.get(id, write.id)).traveller.sections.tsaInfo?.dateOfBirth;

      expect(await birthOf(parseKeyRing(`${newKey},${oldKey}`))).toBe(SENSITIVE.dateOfBirth);
      expect(isKeyMissing(await errorOf(birthOf(parseKeyRing(newKey))))).toBe(true);
      expect(await store().entities.rewrapKeys({ limit: 10 })).toMatchObject({ rewrapped: 1, remaining: 0 });
      expect(await birthOf(parseKeyRing(newKey))).toBe(SENSITIVE.dateOfBirth);
    });
  });
}
