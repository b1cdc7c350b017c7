import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  bundleWorkflowCode,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundle,
} from '@temporalio/worker';
import { type Logger } from 'pino';
import { createActivities } from '../activities';
import {
  connectionOptions,
  dataConverter,
  type PayloadKeys,
  type TemporalEngine,
  type TemporalTarget,
  TemporalUnreachable,
} from '../client';
import { type CallRecord } from '../concur';
import { type Settings } from '../config';
import { type HubStore, timeSortedIds } from '../hub';
import { BULK_TASK_QUEUE, TASK_QUEUE } from '../workflows/messages';
import { openConcur } from './concur-access';
import { CallJournal } from './journal';
import { eventWebhook } from './notify';
import { activitySettings } from './start-inputs';

export interface WorkerParts {
  readonly settings: Settings;
  readonly store: HubStore;
  readonly temporal: TemporalTarget;
  readonly keys: PayloadKeys;
  readonly engine: TemporalEngine;
  readonly log: Logger;
}

export interface RunningWorker {
  /** Lets running activities end, then gives up its connections. Rejects when the worker had failed. */
  stop(): Promise<void>;
  /** Settles when the worker ends, also by a failure. */
  readonly ended: Promise<void>;
}

const SHUTDOWN_GRACE = '20 seconds';
/** Light work is mostly waiting for Concur; workflow tasks need the processor. */
const MAX_ACTIVITIES = 100;
const MAX_BULK_ACTIVITIES = 8;

/**
 * Runs a worker for both task queues in this process: workflows and light activities on one, migrations and
 * other long work on the other, so that neither waits for the other.
 * @throws TemporalUnreachable, ConcurSettingsMissing
 */
export async function startWorker(parts: WorkerParts): Promise<RunningWorker> {
  const { settings, store, temporal, log } = parts;
  const journal = new CallJournal({ calls: store.calls, log, ids: timeSortedIds(Date.now) });
  const concur = openConcur(
    settings,
    store.credentials,
    (entityId) => store.entities.get(entityId),
    (entityId, call: CallRecord) => journal.note(entityId, call),
  );
  const connection = await connectNative(temporal);
  const activities = createActivities({
    store,
    concur: concur.access,
    engine: parts.engine,
    clock: { now: () => new Date(), sleep: (ms) => sleep(ms) },
    random: { next: () => randomInt(2 ** 32) / 2 ** 32, bytes: (count) => randomBytes(count) },
    ids: { next: randomUUID },
    settings: activitySettings(settings),
    log,
    ...(settings.NOTIFY_WEBHOOK_URL === undefined
      ? {}
      : { notify: eventWebhook(settings.NOTIFY_WEBHOOK_URL, log) }),
  });
  const common = {
    connection,
    namespace: temporal.namespace,
    dataConverter: dataConverter(parts.keys),
    activities,
    shutdownGraceTime: SHUTDOWN_GRACE,
  } as const;
  const workers = [
    await Worker.create({
      ...common,
      taskQueue: TASK_QUEUE,
      workflowBundle: await workflowBundle(),
      maxConcurrentActivityTaskExecutions: MAX_ACTIVITIES,
    }),
    await Worker.create({
      ...common,
      taskQueue: BULK_TASK_QUEUE,
      maxConcurrentActivityTaskExecutions: MAX_BULK_ACTIVITIES,
    }),
  ];
  const ended = Promise.all(workers.map((worker) => worker.run())).then(() => undefined);
  return {
    ended,
    async stop() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      try {
        await ended;
      } finally {
        await journal.flush();
        await concur.close();
        await connection.close();
      }
    },
  };
}

let bundle: Promise<WorkflowBundle> | undefined;

/** The workflows as one file for the sandbox; made once per process (1–2 s). */
export function workflowBundle(): Promise<WorkflowBundle> {
  bundle ??= bundleWorkflowCode({
    workflowsPath: require.resolve('../workflows'),
    failureConverterPath: require.resolve('../client/failure-converter'),
    logger: Runtime.instance().logger,
  });
  return bundle;
}

async function connectNative(target: TemporalTarget): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(connectionOptions(target));
  } catch (error) {
    throw new TemporalUnreachable(target.address, { cause: error });
  }
}
