import { type WorkflowHandle } from '@temporalio/client';
import {
  approveMigration,
  type LifecycleState,
  lifecycleState,
  pauseEntity,
  pollNow,
  pollState,
  publishNow,
  publishState,
  resumeEntity,
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
