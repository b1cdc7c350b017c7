import { type Client, type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { type TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import {
  BULK_TASK_QUEUE,
  type LifecycleInput,
  type MigrationInput,
  type NightInput,
  type PollInput,
  type PublishInput,
  type ReconcileInput,
  TASK_QUEUE,
} from '../../../workflows/messages';
import { type TestTemporalServer } from '../local-servers';
import { testBundle } from './bundle';
import { type FakeActivities } from './fake-activities';
import { historyTail } from './history-tail';
import { connectTo, TEST_IDENTITY, timeSkippingServer } from './servers';
import { testDataConverter } from './test-keys';

interface Inputs {
  readonly entityLifecycle: LifecycleInput;
  readonly migrateTravellers: MigrationInput;
  readonly pollConcur: PollInput;
  readonly publishChanges: PublishInput;
  readonly reconcileEntity: ReconcileInput;
  readonly reconcileFleet: NightInput;
  readonly maintainFleet: undefined;
}

/** What a test plays on: workers with fake activities, and the server's clock. */
export interface Scene {
  readonly client: Client;
  start<Type extends keyof Inputs>(type: Type, id: string, input: Inputs[Type]): Promise<WorkflowHandle>;
  /** The server's time, milliseconds since the epoch. */
  now(): Promise<number>;
  /**
   * Lets so much of the server's time pass; timers fire on the way. It must not end where a timer is due: the
   * time-skipping server loses a workflow task for ever when a timer that the task cancels fires during it.
   */
  skip(ms: number): Promise<void>;
}

export interface SceneOptions {
  /**
   * Keep workflows in memory between tasks. Without it every task replays the whole history, so that a
   * workflow that is not deterministic fails here; too slow for histories of thousands of events.
   */
  readonly cached?: boolean;
  /** Where to play instead of a time-skipping server of its own. */
  readonly server?: TestTemporalServer;
  readonly deadlineMs?: number;
}

const SCENE_DEADLINE_MS = 60_000;

/**
 * Plays a scene with workers that are gone when it ends, however it ends. One that fails or does not end in
 * time says where its workflows stood.
 */
export async function playScene<T>(
  fakes: FakeActivities,
  play: (scene: Scene) => Promise<T>,
  options: SceneOptions = {},
): Promise<T> {
  const env = await (options.server === undefined ? timeSkippingServer() : connectTo(options.server));
  try {
    fakes.now = () => env.currentTimeMs();
    const workers = await startWorkers(env, fakes, options.cached ?? false);
    try {
      return await directed(env, play, options.deadlineMs ?? SCENE_DEADLINE_MS);
    } finally {
      fakes.now = () => Promise.resolve(0);
      await workers.stop();
    }
  } finally {
    await env.teardown();
  }
}

async function startWorkers(env: TestWorkflowEnvironment, fakes: FakeActivities, cached: boolean) {
  const common = {
    connection: env.nativeConnection,
    namespace: env.namespace ?? 'default',
    dataConverter: testDataConverter,
    activities: fakes.activities,
    identity: TEST_IDENTITY,
    shutdownForceTime: '5 seconds',
  } as const;
  const workers = [
    await Worker.create({
      ...common,
      taskQueue: TASK_QUEUE,
      workflowBundle: await testBundle(),
      // In this thread: the same sandbox, without 1.5 s for a thread of its own in every scene.
      debugMode: true,
      ...(cached ? {} : { maxCachedWorkflows: 0 }),
    }),
    await Worker.create({ ...common, taskQueue: BULK_TASK_QUEUE }),
  ];
  const runs = Promise.allSettled(workers.map((worker) => worker.run()));
  return {
    async stop() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await runs;
    },
  };
}

async function directed<T>(
  env: TestWorkflowEnvironment,
  play: (scene: Scene) => Promise<T>,
  deadlineMs: number,
): Promise<T> {
  const handles: WorkflowHandle[] = [];
  const playing = play({
    client: env.client,
    async start(type, workflowId, input) {
      const args = input === undefined ? [] : [input];
      const options = { taskQueue: TASK_QUEUE, workflowId, args };
      const handle = await env.client.workflow.start(type, options);
      handles.push(handle);
      return handle;
    },
    now: () => env.currentTimeMs(),
    skip: (ms) => env.sleep(ms),
  });
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    const late = new Error(`the scene did not end within ${deadlineMs} ms`);
    timer = setTimeout(() => reject(late), deadlineMs);
  });
  try {
    return await Promise.race([playing, deadline]);
  } catch (error) {
    const tails = await Promise.all(handles.map((handle) => historyTail(handle)));
    if (error instanceof Error) error.message = [error.message, ...tails].join('\n\n');
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The failure that an update was refused with. */
export async function refusalOf(update: Promise<unknown>): Promise<ApplicationFailure> {
  try {
    await update;
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure)
      return error.cause;
    throw error;
  }
  throw new Error('the update was accepted');
}
