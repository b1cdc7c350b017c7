import { type WorkflowHandle } from '@temporalio/client';
import { type History } from '@temporalio/common/lib/proto-utils';
import {
  approveMigration,
  changeRhythm,
  type LifecycleState,
  lifecycleState,
  migrationFinished,
  pauseEntity,
  pollNow,
  pollState,
  publishNow,
  publishState,
  resumeEntity,
  wakePublisher,
  workflowIds,
} from '../../workflows/messages';
import { type TestTemporalServer } from '../support/local-servers';
import { playScene, type Scene } from '../support/workflow/environment';
import { FakeActivities } from '../support/workflow/fake-activities';
import { aMigration, anEntityLifecycle, aPoll, ENTITY } from '../support/workflow/inputs';
import { devServer } from '../support/workflow/servers';
import { waitUntil } from '../support/wait-until';

jest.setTimeout(90_000);

let server: TestTemporalServer;
beforeAll(async () => {
  server = await devServer({ suggestContinueAsNewAfter: 30 });
});
afterAll(() => server.stop());

/** Each test uses a type of workflow of its own, so their ids do not meet on the one server. */
const play = (fakes: FakeActivities, scene: (scene: Scene) => Promise<void>) =>
  playScene(fakes, scene, { server });

/** Does something again and again until the workflow has begun another run; says how often. */
async function untilAnotherRun(
  { client }: Scene,
  { workflowId }: WorkflowHandle,
  act: (times: number) => Promise<unknown>,
): Promise<number> {
  const anyRun = client.workflow.getHandle(workflowId);
  const { runId } = await anyRun.describe();
  for (let times = 1; times <= 30; times += 1) {
    await act(times);
    if ((await anyRun.describe()).runId !== runId) return times;
  }
  throw new Error(`${workflowId} did not continue as new`);
}

/** How many Updates each run of a workflow took and answered, from the first run on. */
async function updatesPerRun({ client }: Scene, workflowId: string, firstRunId: string) {
  const runs: { accepted: number; answered: number }[] = [];
  for (let runId: string | undefined = firstRunId; runId !== undefined;) {
    const history: History = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    const list = history.events ?? [];
    runs.push({
      accepted: list.filter((event) => event.workflowExecutionUpdateAcceptedEventAttributes != null).length,
      answered: list.filter((event) => event.workflowExecutionUpdateCompletedEventAttributes != null).length,
    });
    const next: string | null | undefined =
      list.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
    runId = next == null || next === '' ? undefined : next;
  }
  return runs;
}

/** All that was sent was answered, in the run that took it, and the runs were at least two. */
async function expectAllAnswered(scene: Scene, handle: WorkflowHandle, runId: string, sent: number) {
  const runs = await updatesPerRun(scene, handle.workflowId, runId);
  expect(runs.length).toBeGreaterThan(1);
  expect(runs.map(({ answered }) => answered)).toEqual(runs.map(({ accepted }) => accepted));
  expect(runs.reduce((sum, { answered }) => sum + answered, 0)).toBe(sent);
}

test('no Update and no signal that reaches a lifecycle during the switch is lost', () => {
  const fakes = new FakeActivities();
  return play(fakes, async (scene) => {
    const entityId = `${ENTITY}-bursts`;
    const input = { ...anEntityLifecycle({ migrated: false, migration: 7 }), entityId };
    const handle = await scene.start('entityLifecycle', workflowIds.lifecycle(entityId), input);
    const anyRun = scene.client.workflow.getHandle(handle.workflowId);
    const { runId } = await anyRun.describe();
    await waitUntil('it is active', () => fakes.stage === 'active');
    const rounds = await untilAnotherRun(scene, handle, (round) =>
      Promise.all([
        anyRun.executeUpdate(pauseEntity),
        anyRun.executeUpdate(pauseEntity),
        ...(round === 1 ? [anyRun.signal(migrationFinished, { number: 7, state: 'completed' })] : []),
      ]).then(() => anyRun.executeUpdate(resumeEntity)),
    );
    await anyRun.executeUpdate(pauseEntity);
    await waitUntil('it is paused', () => fakes.stage === 'paused');
    const { migrated, migration, paused } = await anyRun.query(lifecycleState);
    expect({ migrated, migration, paused }).toEqual({ migrated: true, migration: undefined, paused: true });
    await expectAllAnswered(scene, handle, runId, 3 * rounds + 1);
  });
});

test('no request and no change of the minutes that reaches a poll loop during the switch is lost', () => {
  const fakes = new FakeActivities();
  return play(fakes, async (scene) => {
    const entityId = `${ENTITY}-bursts`;
    const handle = await scene.start('pollConcur', workflowIds.poll(entityId), { ...aPoll([0]), entityId });
    const anyRun = scene.client.workflow.getHandle(handle.workflowId);
    const { runId } = await anyRun.describe();
    let minute = 0;
    const rounds = await untilAnotherRun(scene, handle, (round) => {
      minute = round;
      fakes.follow({ minutes: [round], spreadSeconds: 0 });
      return Promise.all([
        anyRun.executeUpdate(pollNow, { args: [{ requestId: `a${round}` }] }),
        anyRun.signal(changeRhythm, { minutes: [round], spreadSeconds: 0 }),
        anyRun.executeUpdate(pollNow, { args: [{ requestId: `b${round}` }] }),
      ]);
    });
    await anyRun.executeUpdate(pollNow, { args: [{ requestId: 'last' }] });
    await waitUntil('the last poll', () => fakes.pulls.at(-1)?.input.requestId === 'last');
    const asked = new Set(fakes.pulls.map(({ input }) => input.requestId?.slice(1)));
    for (let round = 1; round < rounds; round += 1) expect(asked).toContain(String(round));
    await waitUntil('the wait', async () => (await anyRun.query(pollState)).nextPollAt !== undefined);
    const { nextPollAt = 0 } = await anyRun.query(pollState);
    expect(new Date(nextPollAt).getUTCMinutes()).toBe(minute);
    await expectAllAnswered(scene, handle, runId, 2 * rounds + 1);
  });
});

test('no wake and no request that reaches a publish loop during the switch is lost', () => {
  const fakes = new FakeActivities();
  /** What is dirty; a drain takes all of it. */
  let dirty = 0;
  fakes.drain = () => {
    const published = dirty;
    dirty = 0;
    return Promise.resolve({ published });
  };
  return play(fakes, async (scene) => {
    const entityId = `${ENTITY}-bursts`;
    const handle = await scene.start('publishChanges', workflowIds.publish(entityId), { entityId });
    const anyRun = scene.client.workflow.getHandle(handle.workflowId);
    const { runId } = await anyRun.describe();
    let changes = 0;
    const change = async (tell: () => Promise<unknown>) => {
      changes += 1;
      dirty += 1;
      await tell();
    };
    const rounds = await untilAnotherRun(scene, handle, (round) =>
      Promise.all([
        change(() => anyRun.signal(wakePublisher)),
        change(() => anyRun.executeUpdate(publishNow, { args: [{ requestId: `r${round}` }] })),
        change(() => anyRun.signal(wakePublisher)),
      ]),
    );
    await waitUntil('all is published', async () => (await anyRun.query(publishState)).published === changes);
    await expectAllAnswered(scene, handle, runId, rounds);
  });
});

test('a poll loop keeps its count, its minutes and its requests', () => {
  const fakes = new FakeActivities({ minutes: [7, 37], spreadSeconds: 3 });
  return play(fakes, async (scene) => {
    const handle = await scene.start('pollConcur', workflowIds.poll(ENTITY), aPoll([0]));
    const anyRun = scene.client.workflow.getHandle(handle.workflowId);
    await untilAnotherRun(scene, handle, async (times) => {
      await anyRun.executeUpdate(pollNow, { args: [{ requestId: `r${times}` }] });
      await waitUntil('the poll', () => fakes.pulls.length === times);
    });
    await waitUntil('the count', async () => (await anyRun.query(pollState)).polls === fakes.pulls.length);
    expect(fakes.pulls.map(({ input }) => input.requestId)).toEqual(
      fakes.pulls.map((_pull, index) => `r${index + 1}`),
    );
    const { nextPollAt = 0 } = await anyRun.query(pollState);
    expect([7, 37]).toContain(new Date(nextPollAt).getUTCMinutes());
  });
});

test('a publish loop keeps its count and misses no request', () => {
  const fakes = new FakeActivities();
  fakes.drain = () => Promise.resolve({ published: 3 });
  return play(fakes, async (scene) => {
    const handle = await scene.start('publishChanges', workflowIds.publish(ENTITY), { entityId: ENTITY });
    const anyRun = scene.client.workflow.getHandle(handle.workflowId);
    const drained = (count: number) =>
      waitUntil('the drain', async () => (await anyRun.query(publishState)).published === 3 * count);
    await drained(1);
    const times = await untilAnotherRun(scene, handle, async (time) => {
      await anyRun.executeUpdate(publishNow, { args: [{ requestId: `r${time}` }] });
      await drained(time + 1);
    });
    expect(fakes.drains).toHaveLength(times + 1);
  });
});

test('a lifecycle keeps all that it knows of its entity', () => {
  const fakes = new FakeActivities();
  const known: Partial<LifecycleState> = {
    strategy: 'merge',
    refreshTokenExpiresAt: Date.UTC(2099, 0, 1),
    nextRefreshAt: Date.UTC(2098, 0, 1),
  };
  return play(fakes, async (scene) => {
    const input = anEntityLifecycle(known);
    const handle = await scene.start('entityLifecycle', workflowIds.lifecycle(ENTITY), input);
    const anyRun = scene.client.workflow.getHandle(handle.workflowId);
    await waitUntil('it is active', () => fakes.stage === 'active');
    await untilAnotherRun(scene, handle, async () => {
      await anyRun.executeUpdate(pauseEntity);
      await waitUntil('it is paused', () => fakes.stage === 'paused');
      await anyRun.executeUpdate(resumeEntity);
      await waitUntil('it is active', () => fakes.stage === 'active');
    });
    await anyRun.executeUpdate(pauseEntity);
    await waitUntil('it is paused', () => fakes.stage === 'paused');
    expect(await anyRun.query(lifecycleState)).toMatchObject({
      ...known,
      stage: 'paused',
      paused: true,
      migrated: true,
    });
  });
});

test('a migration goes on where it stood', () => {
  const fakes = new FakeActivities();
  fakes.migration.travellers = 200;
  return play(fakes, async ({ start, client }) => {
    const handle = await start('migrateTravellers', workflowIds.migration(ENTITY, 1), aMigration());
    const anyRun = client.workflow.getHandle(handle.workflowId);
    const first = await anyRun.describe();
    await waitUntil('the plan is closed', () => fakes.calls.includes('finishPlan'));
    await anyRun.executeUpdate(approveMigration, { args: [{ digest: fakes.migration.digest }] });
    await anyRun.result();
    expect((await anyRun.describe()).runId).not.toBe(first.runId);
    expect(fakes.migration.planned).toHaveLength(8);
    expect(fakes.count('executeChunk')).toBe(8);
    expect(fakes.count('verifyChunk')).toBe(8);
    expect(fakes.migration.closed).toBe('completed');
  });
});
