import { ApplicationFailure } from '@temporalio/common';
import { endWork } from '../../activities/end-work';
import { TemporalEngine } from '../../client';
import { type HubDatabase, type HubStore } from '../../hub';
import { migrationProgress, offboardEntity, workflowIds } from '../../workflows/messages';
import { anEntity, T0 } from '../support/builders';
import { pgliteDatabase, storeOn } from '../support/hub/stores';
import { type TestTemporalServer } from '../support/local-servers';
import { waitUntil } from '../support/wait-until';
import { playScene } from '../support/workflow/environment';
import { FakeActivities } from '../support/workflow/fake-activities';
import { aMigration, aPoll, anEntityLifecycle } from '../support/workflow/inputs';
import { devServer } from '../support/workflow/servers';

jest.setTimeout(90_000);

let server: TestTemporalServer;
let db: HubDatabase;
let store: HubStore;
beforeAll(async () => {
  [server, db] = await Promise.all([devServer(), pgliteDatabase()]);
  store = storeOn(db);
}, 120_000);
afterAll(() => Promise.all([server.stop(), db.destroy()]));

/** An entity that is offboarded while its migration is open; what the migration does is up to the fakes. */
async function offboarded(fakes: FakeActivities, ready: (state: string) => Promise<boolean>): Promise<void> {
  const { id: entityId, ...definition } = anEntity();
  await store.entities.create({ id: entityId, ...definition }, { now: T0 });
  const { number } = await store.migrations.create(entityId, 'publish', { now: T0 });
  await store.entities.setState(entityId, { stage: 'migrating' });
  const input = { ...aMigration(), entityId };
  await playScene(
    fakes,
    async ({ client, start }) => {
      const engine = new TemporalEngine(client, {
        lifecycle: () => Promise.resolve({ ...anEntityLifecycle(), entityId }),
        poll: () => Promise.resolve({ ...aPoll(), entityId }),
        switches: () => Promise.resolve({ active: true, poll: true, publish: true }),
        migration: async () =>
          (await store.migrations.migration(entityId, number)).state === 'cancelled' ? undefined : input,
      });
      fakes.stop = (leaving) => endWork({ store, engine, clock: { now: () => T0 } }, leaving.entityId);
      const state = { stage: 'migrating', migrated: false, strategy: 'publish', migration: number } as const;
      const lifecycle = await start('entityLifecycle', workflowIds.lifecycle(entityId), {
        ...anEntityLifecycle(state),
        entityId,
      });
      const migration = client.workflow.getHandle(workflowIds.migration(entityId, number));
      await engine.startMigration(entityId, number);
      await waitUntil('the migration is where it is wanted', async () =>
        ready((await migration.query(migrationProgress)).state),
      );
      await lifecycle.executeUpdate(offboardEntity, { args: [{ erase: true }] });
      await lifecycle.result();
      await waitUntil(
        'the migration ends',
        async () => (await migration.describe()).status.name === 'CANCELLED',
      );
      const { runId } = await migration.describe();
      expect(await store.migrations.migration(entityId, number)).toMatchObject({
        state: 'cancelled',
        completedAt: T0,
      });

      // Neither a command that was accepted before nor whoever read "open" a moment ago begins it anew.
      await engine.startMigration(entityId, number);
      const late = { kind: 'approve-migration', number, digest: 'digest-1' } as const;
      expect(await engine.deliver({ id: 'late', entityId, request: late })).toMatchObject({
        status: 'refused',
        code: 'wrong-stage',
      });
      expect((await migration.describe()).runId).toBe(runId);
      expect((await store.fleet.openMigrations({ limit: 10 })).items).toEqual([]);
    },
    { server },
  );
}

test('an offboarding ends a migration that tries again and again', async () => {
  const fakes = new FakeActivities();
  fakes.migration.plan = () => {
    throw ApplicationFailure.nonRetryable('The connection is gone.', 'ReauthorisationRequired');
  };
  await offboarded(fakes, () => Promise.resolve(fakes.count('planChunk') > 0));
  expect(fakes.migration.closed).toBeUndefined();
  expect(fakes.stage).toBe('offboarded');
});

test('an offboarding ends a migration that waits for its approval', async () => {
  const fakes = new FakeActivities();
  await offboarded(fakes, (state) => Promise.resolve(state === 'awaiting-approval'));
  expect(fakes.calls).not.toContain('beginExecution');
  expect(fakes.calls.at(-1)).toBe('disconnect');
});

test('an offboarding that is tried again leaves a migration that is over as it was', async () => {
  const { id: entityId, ...definition } = anEntity();
  await store.entities.create({ id: entityId, ...definition }, { now: T0 });
  const asked: string[] = [];
  const engine = {
    stopLoops: () => Promise.resolve(void asked.push('loops')),
    stopMigration: (_id: string, number: number) => Promise.resolve(void asked.push(`migration ${number}`)),
  };
  const end = () => endWork({ store, engine, clock: { now: () => T0 } }, entityId);
  await end();
  expect(asked).toEqual(['loops']);
  await store.migrations.create(entityId, 'publish', { now: T0 });
  await store.migrations.updateMigration(entityId, 1, { state: 'completed', completedAt: T0 });
  await end();
  expect(await store.migrations.migration(entityId, 1)).toMatchObject({ state: 'completed' });
  // An attempt before may have closed the row and not got as far as the workflow.
  expect(asked).toEqual(['loops', 'loops', 'migration 1']);
});
