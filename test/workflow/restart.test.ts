import { type LoopSwitches, TemporalEngine } from '../../client';
import {
  type MigrationInput,
  migrationProgress,
  pollState,
  publishState,
  workflowIds,
} from '../../workflows/messages';
import { type TestTemporalServer } from '../support/local-servers';
import { waitUntil } from '../support/wait-until';
import { playScene, type Scene } from '../support/workflow/environment';
import { FakeActivities } from '../support/workflow/fake-activities';
import { aMigration, aPoll, anEntityLifecycle, ENTITY } from '../support/workflow/inputs';
import { devServer } from '../support/workflow/servers';

/** Temporal has lost everything, SQL says where things stood. On a dev server: the other has no start with an Update. */
jest.setTimeout(90_000);

let server: TestTemporalServer;
beforeAll(async () => {
  server = await devServer();
}, 120_000);
afterAll(() => server.stop());

/** Each scene has an entity of its own: they share a server. */
function playAfterLoss(
  fakes: FakeActivities,
  known: (entityId: string) => {
    migration?: MigrationInput | undefined;
    minutes?: number[];
    switches?: LoopSwitches;
  },
  play: (scene: Scene & { engine: TemporalEngine; entityId: string }) => Promise<void>,
): Promise<void> {
  const entityId = `${ENTITY}-${(scenes += 1)}`;
  return playScene(
    fakes,
    (scene) => {
      const engine = new TemporalEngine(scene.client, {
        lifecycle: () => Promise.resolve({ ...anEntityLifecycle(), entityId }),
        poll: () => Promise.resolve({ ...aPoll(known(entityId).minutes), entityId }),
        switches: () => Promise.resolve(known(entityId).switches ?? ALL_ON),
        migration: () => Promise.resolve(known(entityId).migration),
      });
      return play({ ...scene, engine, entityId });
    },
    { server },
  );
}
let scenes = 0;
const ALL_ON: LoopSwitches = { active: true, poll: true, publish: true };

const at = (entityId: string, progress: MigrationInput['progress']): MigrationInput => ({
  ...aMigration(),
  entityId,
  ...(progress === undefined ? {} : { progress }),
});
const executing = { state: 'executing', digest: 'digest-1', approved: true } as const;
const waiting = { state: 'awaiting-approval', digest: 'digest-1', approved: false } as const;

test('a migration is executed on and verified, without a new plan or a second approval', () => {
  const fakes = new FakeActivities();
  return playAfterLoss(
    fakes,
    (entityId) => ({ migration: at(entityId, executing) }),
    async ({ engine, client, entityId }) => {
      await engine.startMigration(entityId, 1);
      const handle = client.workflow.getHandle(workflowIds.migration(entityId, 1));
      await handle.result();
      const { runId } = await handle.describe();
      expect(new Set(fakes.calls)).toEqual(
        new Set(['executeChunk', 'beginVerification', 'verifyChunk', 'completeMigration']),
      );
      // A sweep that read "open" just before the end.
      await engine.startMigration(entityId, 1);
      expect((await handle.describe()).runId).toBe(runId);
    },
  );
});

test('a migration that waits can be approved at once, before any sweep, and by its digest only', () => {
  const fakes = new FakeActivities();
  return playAfterLoss(
    fakes,
    (entityId) => ({ migration: at(entityId, waiting) }),
    async ({ engine, client, entityId }) => {
      const approve = (id: string, digest: string) =>
        engine.deliver({ id, entityId, request: { kind: 'approve-migration', number: 1, digest } });
      expect(await approve('r1', 'another')).toMatchObject({ status: 'refused', code: 'plan-changed' });
      expect(await approve('r2', 'digest-1')).toEqual({ status: 'delivered' });
      await client.workflow.getHandle(workflowIds.migration(entityId, 1)).result();
      expect(fakes.calls[0]).toBe('beginExecution');
      expect(fakes.migration.closed).toBe('completed');
    },
  );
});

test('a migration can be cancelled; one that is over for SQL too cannot', () => {
  const fakes = new FakeActivities();
  let migration: MigrationInput | undefined;
  return playAfterLoss(
    fakes,
    () => ({ migration }),
    async ({ engine, client, entityId }) => {
      const cancel = (id: string) =>
        engine.deliver({ id, entityId, request: { kind: 'cancel-migration', number: 1 } });
      expect(await cancel('r1')).toMatchObject({ status: 'refused', code: 'wrong-stage' });
      migration = at(entityId, waiting);
      expect(await cancel('r2')).toEqual({ status: 'delivered' });
      await client.workflow.getHandle(workflowIds.migration(entityId, 1)).result();
      expect(fakes.migration.closed).toBe('cancelled');
      expect(fakes.calls).not.toContain('beginExecution');
    },
  );
});

test('one that was terminated by hand goes on where SQL says it stands', () => {
  const fakes = new FakeActivities();
  return playAfterLoss(
    fakes,
    (entityId) => ({ migration: at(entityId, waiting) }),
    async ({ engine, client, entityId }) => {
      await engine.startMigration(entityId, 1);
      const handle = client.workflow.getHandle(workflowIds.migration(entityId, 1));
      await handle.terminate('by mistake');
      await engine.startMigration(entityId, 1);
      expect(await handle.query(migrationProgress)).toMatchObject(waiting);
      await handle.terminate('the scene is over');
    },
  );
});

test('changed minutes reach a loop that runs; where none runs there is nobody to tell', () => {
  const fakes = new FakeActivities();
  const minutes = [...Array(60).keys()].filter((minute) => minute !== new Date().getUTCMinutes());
  return playAfterLoss(
    fakes,
    () => ({ minutes }),
    async ({ engine, client, start, entityId }) => {
      const change = (id: string) =>
        engine.deliver({ id, entityId, request: { kind: 'change-poll-minutes' } });
      expect(await change('r1')).toEqual({ status: 'delivered' });
      const passed = new Date().getUTCMinutes();
      const handle = await start('pollConcur', workflowIds.poll(entityId), { ...aPoll([passed]), entityId });
      const next = async () => (await handle.query(pollState)).nextPollAt ?? 0;
      await waitUntil('it waits', async () => (await next()) > Date.now() + 120_000);
      expect(await change('r2')).toEqual({ status: 'delivered' });
      await waitUntil('it waits for the nearer slot', async () => (await next()) < Date.now() + 120_000);
      await client.workflow.getHandle(workflowIds.poll(entityId)).terminate('the scene is over');
    },
  );
});

test('a direction that is switched off stands still, and goes on when it is switched on', () => {
  const fakes = new FakeActivities();
  let switches = ALL_ON;
  return playAfterLoss(
    fakes,
    () => ({ switches }),
    async ({ engine, client, entityId }) => {
      const change = async (id: string, next: LoopSwitches) => {
        switches = next;
        return engine.deliver({ id, entityId, request: { kind: 'change-switches' } });
      };
      const { workflow } = client;
      const poll = workflow.getHandle(workflowIds.poll(entityId));
      const publish = workflow.getHandle(workflowIds.publish(entityId));
      const paused = async () => [
        (await poll.query(pollState)).paused,
        (await publish.query(publishState)).paused,
      ];
      await engine.startLoops(entityId);
      expect(await paused()).toEqual([false, false]);
      expect(await change('r1', { active: true, poll: false, publish: true })).toEqual({
        status: 'delivered',
      });
      expect(await paused()).toEqual([true, false]);
      await change('r2', { active: true, poll: false, publish: false });
      expect(await paused()).toEqual([true, true]);
      // Whoever starts the loops, a sweep for one, does not start what is off.
      await engine.startLoops(entityId);
      expect(await paused()).toEqual([true, true]);
      // Told while the entity is paused: its stage decides, the switch counts when it is resumed.
      await change('r3', { active: false, poll: true, publish: true });
      expect(await paused()).toEqual([true, true]);
      await change('r4', ALL_ON);
      expect(await paused()).toEqual([false, false]);
      for (const loop of [poll, publish]) await loop.terminate('the scene is over');
    },
  );
});
