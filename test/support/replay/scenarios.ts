import { type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import {
  approveMigration,
  authorisationLost,
  cancelMigration,
  migrationFinished,
  offboardEntity,
  openWindow,
  pauseEntity,
  pausePolling,
  pausePublishing,
  pollNow,
  publishNow,
  rejectMigration,
  resumeEntity,
  resumePolling,
  resumePublishing,
  tokenReceived,
  wakePublisher,
  workflowIds,
} from '../../../workflows/messages';
import { waitUntil } from '../wait-until';
import { refusalOf, type Scene } from '../workflow/environment';
import { type FakeActivities } from '../workflow/fake-activities';
import { aMigration, anEntityLifecycle } from '../workflow/inputs';

interface Stage {
  readonly scene: Scene;
  readonly fakes: FakeActivities;
  readonly entityId: string;
}

/** Plays on a server whose clock cannot be skipped, and says which workflow's history is wanted. */
type Scenario = (stage: Stage) => Promise<WorkflowHandle>;

const SECOND = 1_000;
const HOUR = 3_600 * SECOND;
const EVERY_MINUTE = Array.from({ length: 60 }, (_none, minute) => minute);

function fail(type: string): never {
  throw ApplicationFailure.nonRetryable('Concur says no.', type);
}

async function startLifecycle({ scene, fakes, entityId }: Stage): Promise<void> {
  const input = { ...anEntityLifecycle(), entityId };
  await scene.start('entityLifecycle', workflowIds.lifecycle(entityId), input);
  await waitUntil('the lifecycle is active', () => fakes.calls.includes('startLoops'));
}

const lifecycle: Scenario = async ({ scene, fakes, entityId }) => {
  const handle = await scene.start('entityLifecycle', workflowIds.lifecycle(entityId), {
    entityId,
    reminderMinutes: [0.02],
    refreshIntervalMinutes: 0.1,
    state: { stage: 'requested', migrated: false, paused: false, strategy: 'publish' },
  });
  const stageIs = (stage: string) => waitUntil(`stage ${stage}`, () => fakes.stage === stage);
  async function open(lifetime: number) {
    const issuedAt = Date.now();
    const window = { issuedAt, expiresAt: issuedAt + lifetime };
    await handle.executeUpdate(openWindow, { args: [window] });
    return window;
  }
  const submit = (credentialId: string, window: Awaited<ReturnType<typeof open>>) =>
    handle.executeUpdate(tokenReceived, { args: [{ credentialId, ...window }] });

  const late = await open(3 * SECOND);
  await waitUntil('the window ends', () => fakes.kinds.includes('request-token-expired'));
  await stageIs('requested');
  await refusalOf(submit('too-late', late));
  await submit('in-time', await open(12 * HOUR));
  await stageIs('migrating');
  await waitUntil('a migration is opened', () => fakes.calls.includes('openMigration'));
  await handle.signal(migrationFinished, { number: 1, state: 'completed' });
  await stageIs('active');
  await waitUntil('a renewal', () => fakes.calls.includes('refreshTokens'));
  await handle.executeUpdate(pauseEntity);
  await stageIs('paused');
  await handle.executeUpdate(resumeEntity);
  await stageIs('active');
  await handle.signal(authorisationLost, { reason: 'Concur asks for a new authorisation.' });
  await waitUntil('people are asked', () => fakes.kinds.includes('needs-reauthorisation'));
  await submit('again', await open(12 * HOUR));
  await stageIs('active');
  await handle.executeUpdate(offboardEntity, { args: [{ erase: false }] });
  await handle.result();
  return handle;
};

const poll: Scenario = async (stage) => {
  const { scene, fakes, entityId } = stage;
  await startLifecycle(stage);
  let trouble: string | undefined;
  fakes.pull = () => {
    if (trouble !== undefined) fail(trouble);
    return Promise.resolve({ minutes: EVERY_MINUTE });
  };
  const input = { entityId, minutes: EVERY_MINUTE, spreadSeconds: 0 };
  const handle = await scene.start('pollConcur', workflowIds.poll(entityId), input);
  const polls = (count: number) => waitUntil(`poll ${count}`, () => fakes.pulls.length >= count, 70 * SECOND);
  const ask = async (requestId: string) => {
    const before = fakes.pulls.length;
    await handle.executeUpdate(pollNow, { args: [{ requestId }] });
    await polls(before + 1);
  };
  await polls(1);
  await ask('asked');
  trouble = 'ConcurUnavailable';
  await ask('concur-down');
  trouble = 'ReauthorisationRequired';
  await ask('authorisation-lost');
  await waitUntil('people are asked', () => fakes.kinds.includes('needs-reauthorisation'));
  trouble = undefined;
  await handle.signal(resumePolling);
  await ask('resumed');
  await handle.signal(pausePolling);
  await refusalOf(handle.executeUpdate(pollNow, { args: [{ requestId: 'while-paused' }] }));
  await handle.signal(resumePolling);
  await ask('last');
  return handle;
};

const publish: Scenario = async (stage) => {
  const { scene, fakes, entityId } = stage;
  await startLifecycle(stage);
  let trouble: string | undefined;
  fakes.drain = () => {
    if (trouble !== undefined) fail(trouble);
    return Promise.resolve({ published: 1, remaining: fakes.drains.length === 1 ? 1 : 0 });
  };
  const drains = (count: number) => waitUntil(`drain ${count}`, () => fakes.drains.length >= count);
  const handle = await scene.start('publishChanges', workflowIds.publish(entityId), { entityId });
  await drains(2);
  trouble = 'ConcurUnavailable';
  await handle.signal(wakePublisher);
  await drains(3);
  trouble = undefined;
  await drains(4);
  trouble = 'ReauthorisationRequired';
  await handle.signal(wakePublisher);
  await waitUntil('people are asked', () => fakes.kinds.includes('needs-reauthorisation'));
  trouble = undefined;
  await handle.signal(resumePublishing);
  await drains(6);
  await handle.signal(pausePublishing);
  await handle.signal(wakePublisher);
  await handle.signal(resumePublishing);
  await drains(7);
  await handle.executeUpdate(publishNow, { args: [{ requestId: 'asked' }] });
  await drains(8);
  return handle;
};

async function planned({ scene, fakes, entityId }: Stage): Promise<WorkflowHandle> {
  const input = { ...aMigration('publish'), entityId };
  const handle = await scene.start('migrateTravellers', workflowIds.migration(entityId, 1), input);
  await waitUntil('the plan is closed', () => fakes.calls.includes('finishPlan'));
  return handle;
}

async function decide(handle: WorkflowHandle, fakes: FakeActivities): Promise<void> {
  const refusal = await refusalOf(handle.executeUpdate(approveMigration, { args: [{ digest: 'another' }] }));
  if (refusal.type !== 'plan-changed') throw refusal;
  await handle.executeUpdate(approveMigration, { args: [{ digest: fakes.migration.digest }] });
}

const approved: Scenario = async (stage) => {
  await startLifecycle(stage);
  const handle = await planned(stage);
  await decide(handle, stage.fakes);
  await handle.result();
  return handle;
};

const migratedWithoutWriting: Scenario = async ({ scene, entityId }) => {
  const input = { ...aMigration('none'), entityId };
  const handle = await scene.start('migrateTravellers', workflowIds.migration(entityId, 1), input);
  await handle.result();
  return handle;
};

const rejected: Scenario = async (stage) => {
  await startLifecycle(stage);
  const handle = await planned(stage);
  await waitUntil('it can be rejected', async () => {
    const [outcome] = await Promise.allSettled([handle.executeUpdate(rejectMigration)]);
    return outcome.status === 'fulfilled';
  });
  await handle.result();
  return handle;
};

const cancelled: Scenario = async (stage) => {
  const handle = await planned(stage);
  stage.fakes.migration.duringChunk = async (done) => {
    if (done > 0) await handle.executeUpdate(cancelMigration);
  };
  await decide(handle, stage.fakes);
  await handle.result();
  return handle;
};

/** Three chunks, an outage before the last, and a repair. */
const reconciled: Scenario = async ({ scene, fakes, entityId }) => {
  const { reconciliation } = fakes;
  reconciliation.chunks = ['here', 'there', 'repair', 'completed'];
  reconciliation.beforeChunk = (done) => {
    if (done === 1 && fakes.calls.filter((call) => call === 'reconcileChunk').length === 2)
      throw ApplicationFailure.retryable('Concur does not answer.', 'ConcurUnavailable');
    return Promise.resolve();
  };
  const id = workflowIds.reconciliation(entityId, 1);
  const handle = await scene.start('reconcileEntity', id, { entityId, number: 1 });
  await handle.result();
  return handle;
};

const reconciliationGivenUp: Scenario = async ({ scene, fakes, entityId }) => {
  fakes.reconciliation.beforeChunk = () => fail('ReauthorisationRequired');
  const id = workflowIds.reconciliation(entityId, 1);
  const handle = await scene.start('reconcileEntity', id, { entityId, number: 1 });
  await handle.result();
  return handle;
};

const sweep: Scenario = async ({ scene, entityId }) => {
  const handle = await scene.start('maintainFleet', `sweep-${entityId}`, undefined);
  await handle.result();
  return handle;
};

/** The first run, up to where it continues as new: the recorder's server suggests it early. */
async function firstRun(
  { client }: Scene,
  { workflowId }: WorkflowHandle,
  act: () => Promise<unknown>,
): Promise<WorkflowHandle> {
  const anyRun = client.workflow.getHandle(workflowId);
  const { runId } = await anyRun.describe();
  await waitUntil('another run', async () => {
    await act();
    return (await anyRun.describe()).runId !== runId;
  });
  return client.workflow.getHandle(workflowId, runId);
}

const pollContinued: Scenario = async ({ scene, fakes, entityId }) => {
  const input = { entityId, minutes: [0], spreadSeconds: 0 };
  const handle = await scene.start('pollConcur', workflowIds.poll(entityId), input);
  return firstRun(scene, handle, async () => {
    const before = fakes.pulls.length;
    await handle.executeUpdate(pollNow, { args: [{ requestId: `asked-${before}` }] });
    await waitUntil('the poll', () => fakes.pulls.length > before);
  });
};

const publishContinued: Scenario = async ({ scene, entityId }) => {
  const handle = await scene.start('publishChanges', workflowIds.publish(entityId), { entityId });
  return firstRun(scene, handle, () => handle.executeUpdate(publishNow, { args: [{ requestId: 'asked' }] }));
};

/** As offboarding does it. */
async function stopped(handle: WorkflowHandle): Promise<WorkflowHandle> {
  await handle.cancel();
  await waitUntil('it is stopped', async () => (await handle.describe()).status.name === 'CANCELLED');
  return handle;
}

const pollStopped: Scenario = async ({ scene, fakes, entityId }) => {
  const input = { entityId, minutes: [0], spreadSeconds: 0 };
  const handle = await scene.start('pollConcur', workflowIds.poll(entityId), input);
  await handle.executeUpdate(pollNow, { args: [{ requestId: 'asked' }] });
  await waitUntil('a poll', () => fakes.pulls.length > 0);
  return stopped(handle);
};

const publishStopped: Scenario = async ({ scene, fakes, entityId }) => {
  const handle = await scene.start('publishChanges', workflowIds.publish(entityId), { entityId });
  await waitUntil('a drain', () => fakes.drains.length > 0);
  return stopped(handle);
};

/** Stands where it waits for the next attempt. */
const reconciliationWaiting: Scenario = async ({ scene, fakes, entityId }) => {
  fakes.reconciliation.beforeChunk = () => fail('ConcurUnavailable');
  const id = workflowIds.reconciliation(entityId, 1);
  const handle = await scene.start('reconcileEntity', id, { entityId, number: 1 });
  await waitUntil('it waits', async () => {
    const { events } = await handle.fetchHistory();
    return events?.at(-1)?.timerStartedEventAttributes != null;
  });
  return handle;
};

const night: Scenario = async ({ scene, fakes, entityId }) => {
  fakes.reconciliation.due = [40, 0];
  const handle = await scene.start('reconcileFleet', `night-${entityId}`, {});
  await handle.result();
  return handle;
};

/** By the name of the file in test/replay/histories. */
export const scenarios: Readonly<Record<string, Scenario>> = {
  'lifecycle-from-expired-window-to-offboarding': lifecycle,
  'poll-loop': poll,
  'publish-loop': publish,
  'migration-approved': approved,
  'migration-rejected': rejected,
  'migration-cancelled-without-lifecycle': cancelled,
  'reconciliation-with-outage-and-repair': reconciled,
  'reconciliation-given-up': reconciliationGivenUp,
  'reconciliation-waiting': reconciliationWaiting,
  'reconciliation-night': night,
  'migration-without-writing': migratedWithoutWriting,
  'fleet-sweep': sweep,
  'poll-loop-continued': pollContinued,
  'poll-loop-stopped': pollStopped,
  'publish-loop-continued': publishContinued,
  'publish-loop-stopped': publishStopped,
};
