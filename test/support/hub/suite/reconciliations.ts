import { type HubStore } from '../../../../hub';
import { type FoundItem } from '../../../../hub/types';
import { aBoundTraveller, aTraveller, minutesAfter, T0 } from '../../builders';
import { createEntity, errorOf, type SuiteContext } from './context';

const at = { now: T0 };
const LOGIN = 'nobody@example.test';

export function reconciliationsSuite({ store }: SuiteContext): void {
  const begin = (entityId: string, hub: HubStore = store()) =>
    hub.reconciliations.create(entityId, { origin: 'schedule', repair: false }, at);
  const only = (login: string): FoundItem => ({ login, outcome: 'only-there', fields: [] });

  describe('a reconciliation', () => {
    test('is the only one under way of its entity, and the next one has the next number', async () => {
      const entityId = await createEntity(store());
      const first = await begin(entityId);
      expect(first).toMatchObject({ number: 1, state: 'running', travellers: 0, revision: 0 });
      expect(await errorOf(begin(entityId))).toMatchObject({ code: 'reconciliation-open' });
      await store().reconciliations.end(entityId, 1, { state: 'failed', error: 'In words.' }, at);
      expect(await begin(entityId)).toMatchObject({ number: 2 });
      const { items } = await store().reconciliations.list(entityId, { limit: 10 });
      expect(items.map(({ number, state }) => `${number} ${state}`)).toEqual(['1 failed', '2 running']);
    });

    test('counts what a second pass meets again once, and shows logins to nobody who does not ask', async () => {
      const entityId = await createEntity(store());
      const begun = await begin(entityId);
      const step = { progress: begun.progress, items: [only(LOGIN)] };
      const first = await store().reconciliations.commit(begun, step, at);
      const again = { ...step, items: [only(LOGIN.toUpperCase()), only('other@example.test')] };
      const second = await store().reconciliations.commit(first, again, at);
      expect(second).toMatchObject({ revision: 2, counts: { onlyThere: 2 }, startedAt: T0 });
      const masked = await store().reconciliations.items(entityId, 1, { limit: 10 });
      expect(masked.items.map(({ login }) => login)).toEqual([undefined, undefined]);
      const open = await store().reconciliations.items(entityId, 1, { limit: 1, withLogins: true });
      expect(open.items[0]?.login).toContain('@example.test');
      const rest = { limit: 10, cursor: open.nextCursor ?? '', withLogins: true };
      expect((await store().reconciliations.items(entityId, 1, rest)).items).toHaveLength(1);
    });

    test('is due for active entities that had none since, the longest ago first', async () => {
      const ids = [await createEntity(store()), await createEntity(store()), await createEntity(store())];
      const [early = '', late = '', never = ''] = ids;
      for (const id of ids) await store().entities.setState(id, { stage: 'active', health: 'ok' });
      for (const [id, minutes] of [
        [late, 10],
        [early, 5],
      ] as const) {
        const wanted = { origin: 'schedule', repair: false } as const;
        await store().reconciliations.create(id, wanted, { now: minutesAfter(minutes) });
        await store().reconciliations.end(id, 1, { state: 'completed' }, { now: minutesAfter(minutes) });
      }
      const due = async (minutes: number) =>
        (await store().reconciliations.due(minutesAfter(minutes), 1_000)).filter((id) => ids.includes(id));
      expect(await due(20)).toEqual([never, early, late]);
      expect(await due(8)).toEqual([never, early]);
      await begin(never);
      expect(await due(20)).toEqual([early, late]);
      await store().entities.setState(early, { stage: 'paused' });
      await store().entities.setState(late, { health: 'failing' });
      expect(await due(20)).toEqual([]);
      const { paused, failing } = await store().reconciliations.leftOut();
      expect(paused).toBeGreaterThanOrEqual(1);
      expect(failing).toBeGreaterThanOrEqual(1);
    });

    test('is forgotten with its items after its time, except the newest of an entity', async () => {
      const entityId = await createEntity(store());
      for (let number = 1; number <= 2; number += 1) {
        const begun = await begin(entityId);
        const step = { progress: begun.progress, items: [only(LOGIN)], end: { state: 'completed' } } as const;
        await store().reconciliations.commit(begun, step, at);
      }
      await store().reconciliations.purge(T0);
      expect((await store().reconciliations.list(entityId, { limit: 10 })).items).toHaveLength(2);
      await store().reconciliations.purge(minutesAfter(1));
      const { items } = await store().reconciliations.list(entityId, { limit: 10 });
      expect(items.map(({ number }) => number)).toEqual([2]);
      expect((await store().reconciliations.items(entityId, 1, { limit: 10 })).items).toEqual([]);
      expect(await begin(entityId)).toMatchObject({ number: 3 });
    });

    test('forgets what it found about the logins of a traveller that is erased', async () => {
      const entityId = await createEntity(store());
      const pair = aBoundTraveller(entityId);
      await store().sync.transaction((tx) => tx.insert([pair]));
      await store().travellers.upsert({ ...aTraveller(), entityId }, at);
      const begun = await begin(entityId);
      const items = [only(pair.state.locator ?? ''), only(LOGIN)];
      await store().reconciliations.commit(begun, { progress: begun.progress, items }, at);
      await store().travellers.erase(entityId, pair.traveller.id, at);
      const left = await store().reconciliations.items(entityId, 1, { limit: 10, withLogins: true });
      expect(left.items.map(({ login }) => login)).toEqual([LOGIN]);
      expect(await store().reconciliations.travellerIds(entityId, undefined, 10)).not.toContain(
        pair.traveller.id,
      );
    });

    test('is over when its entity is erased, and nothing more is committed to it', async () => {
      const entityId = await createEntity(store());
      const begun = await begin(entityId);
      await store().entities.shred(entityId, at);
      expect(await store().reconciliations.reconciliation(entityId, 1)).toMatchObject({ state: 'skipped' });
      const late = store().reconciliations.commit(begun, { progress: begun.progress }, at);
      expect(await errorOf(late)).toMatchObject({ code: 'reconciliation-moved' });
    });
  });
}
