import {
  isEntityUnknown,
  isMigrationNotPlanning,
  isMigrationOpen,
  isMigrationUnknown,
  type ItemAction,
  type MigrationItem,
} from '../../../../hub';
import { minutesAfter, T0 } from '../../builders';
import { createEntity, errorOf, type SuiteContext } from './context';

export function migrationsSuite({ store }: SuiteContext): void {
  const item = (entityId: string, travellerId: string, action: ItemAction): MigrationItem => ({
    entityId,
    migrationNumber: 1,
    travellerId,
    action,
    planHash: `hash-${travellerId}`,
    replanned: false,
    ...(action === 'create' || action === 'update' ? { plan: { login: `${travellerId}@example.test` } } : {}),
  });
  const planned = async (...actions: readonly ItemAction[]): Promise<string> => {
    const entityId = await createEntity(store());
    await store().migrations.create(entityId, 'publish', { now: T0 });
    await store().migrations.putItems(actions.map((action, n) => item(entityId, `t${n}`, action)));
    return entityId;
  };

  describe('migrations', () => {
    test('are numbered per entity, and only one is open, however many ask at once', async () => {
      const entityId = await createEntity(store());
      const asked = await Promise.allSettled(
        Array.from({ length: 8 }, () => store().migrations.create(entityId, 'merge', { now: T0 })),
      );
      const opened = asked.filter((result) => result.status === 'fulfilled');
      const refused = asked.flatMap((result) =>
        result.status === 'rejected' ? [isMigrationOpen(result.reason)] : [],
      );
      expect([opened.length, refused]).toEqual([1, Array(7).fill(true)]);

      await store().migrations.updateMigration(entityId, 1, { state: 'rejected', completedAt: T0 });
      expect(await store().migrations.create(entityId, 'publish', { now: T0 })).toMatchObject({
        number: 2,
        state: 'planning',
      });
      expect((await store().migrations.list(entityId)).map(({ number }) => number)).toEqual([2, 1]);
      expect((await store().migrations.latest(entityId))?.number).toBe(2);
    });

    test('are over for good: what a late worker notes of one changes nothing', async () => {
      const entityId = await planned();
      const over = { state: 'cancelled', completedAt: T0 } as const;
      expect(await store().migrations.updateMigration(entityId, 1, over)).toMatchObject(over);
      const late = { state: 'executing', approvedAt: minutesAfter(1), digest: 'late' } as const;
      const after = await store().migrations.updateMigration(entityId, 1, late);
      expect(after).toMatchObject(over);
      expect([after.approvedAt, after.digest]).toEqual([undefined, undefined]);
      const done = { state: 'completed', completedAt: minutesAfter(2) } as const;
      expect(await store().migrations.updateMigration(entityId, 1, done)).toEqual(after);
    });

    test('of unknown entities, and unknown ones, are refused', async () => {
      const entityId = await createEntity(store());
      expect(isEntityUnknown(await errorOf(store().migrations.create('nobody', 'merge', { now: T0 })))).toBe(
        true,
      );
      expect(isMigrationUnknown(await errorOf(store().migrations.migration(entityId, 7)))).toBe(true);
      expect(
        isMigrationUnknown(await errorOf(store().migrations.updateMigration(entityId, 7, { digest: 'd' }))),
      ).toBe(true);
    });

    test('keep what is noted about them', async () => {
      const entityId = await planned();
      const report = {
        verified: 2,
        equal: 1,
        differs: [{ travellerId: 't1', fields: ['Air/MealCode'] }],
        missing: [],
        unverified: [],
        notRemovable: 0,
        warnings: 0,
      };
      const change = {
        digest: 'd',
        firstReadAt: T0,
        plannedAt: minutesAfter(1),
        report,
        state: 'verifying',
      } as const;
      expect(await store().migrations.updateMigration(entityId, 1, change)).toMatchObject(change);
      expect(await store().migrations.migration(entityId, 1)).toMatchObject(change);
    });

    test('replace items while they plan, and not afterwards', async () => {
      const entityId = await planned('create', 'update');
      await store().migrations.putItems([item(entityId, 't0', 'bind')]);
      expect(await store().migrations.counts(entityId, 1)).toMatchObject({ create: 0, update: 1, bind: 1 });
      await store().migrations.updateMigration(entityId, 1, { state: 'awaiting-approval' });
      const late = store().migrations.putItems([item(entityId, 't9', 'create')]);
      expect(isMigrationNotPlanning(await errorOf(late))).toBe(true);
    });

    test('give out unfinished work in traveller order', async () => {
      const entityId = await planned('create', 'unchanged', 'update', 'refused', 'bind');
      const open = async (limit: number): Promise<string[]> =>
        (await store().migrations.openItems(entityId, 1, limit)).map(({ travellerId }) => travellerId);
      expect(await open(2)).toEqual(['t0', 't2']);
      const result = { outcome: 'done', replanned: true, at: T0, detail: 'moved' } as const;
      await store().migrations.finishItem(entityId, 1, 't0', result);
      expect(await open(5)).toEqual(['t2', 't4']);
      expect(await store().migrations.item(entityId, 1, 't0')).toMatchObject({
        outcome: 'done',
        replanned: true,
        detail: 'moved',
      });
      const nobody = store().migrations.finishItem(entityId, 1, 't99', result);
      expect(isMigrationUnknown(await errorOf(nobody))).toBe(true);
    });

    test('count actions and outcomes, and never finish what needs no work', async () => {
      const entityId = await planned('create', 'unchanged', 'update', 'refused', 'bind', 'create');
      const finish = (id: string, outcome: 'done' | 'quarantined' | 'needs-approval' | 'skipped') =>
        store().migrations.finishItem(entityId, 1, id, { outcome, replanned: false, at: T0 });
      await Promise.all([
        finish('t0', 'done'),
        finish('t2', 'quarantined'),
        finish('t4', 'needs-approval'),
        finish('t5', 'skipped'),
      ]);
      expect(await store().migrations.counts(entityId, 1)).toEqual({
        create: 2,
        update: 1,
        bind: 1,
        unchanged: 1,
        refused: 1,
        done: 1,
        quarantined: 1,
        needsApproval: 1,
        skipped: 1,
      });
      expect(await errorOf(finish('t1', 'done'))).toMatchObject({ code: '23514' });
    });

    test('list items by outcome and action, page by page, plans opened', async () => {
      const entityId = await planned('create', 'create', 'create', 'refused');
      await store().migrations.finishItem(entityId, 1, 't1', { outcome: 'done', replanned: false, at: T0 });
      const open = await store().migrations.listItems(entityId, 1, {
        outcome: 'open',
        action: 'create',
        limit: 1,
      });
      expect(open).toMatchObject({
        nextCursor: 't0',
        items: [{ travellerId: 't0', plan: { login: 't0@example.test' } }],
      });
      const rest = await store().migrations.listItems(entityId, 1, {
        outcome: 'open',
        action: 'create',
        limit: 9,
        cursor: 't0',
      });
      expect(rest.items.map(({ travellerId }) => travellerId)).toEqual(['t2']);
      expect(
        (await store().migrations.items(entityId, 1, 't1', 10)).map(({ travellerId }) => travellerId),
      ).toEqual(['t2', 't3']);
    });

    test('forget their plans after the retention', async () => {
      const entityId = await planned('create', 'bind');
      await store().migrations.updateMigration(entityId, 1, { state: 'completed', completedAt: T0 });
      await store().migrations.forgetPlans(T0);
      expect(await store().migrations.item(entityId, 1, 't0')).toHaveProperty('plan');
      await store().migrations.forgetPlans(minutesAfter(1));
      expect(await store().migrations.item(entityId, 1, 't0')).not.toHaveProperty('plan');
    });
  });
}
