import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  bundleWorkflowCode,
  NativeConnection,
  Runtime,
  Worker,
  type WorkflowBundle,
} from '@temporalio/worker';
import { type MetricMeter } from '@temporalio/common';
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
import { type CallRecord, isNoSuchUser } from '../concur';
import { type Settings } from '../config';
import { type HubStore, timeSortedIds } from '../hub';
import { BULK_TASK_QUEUE, TASK_QUEUE } from '../workflows/messages';
import { openConcur } from './concur-access';
import { CallJournal } from './journal';
import { noteWorkContext } from './log-context';
import { readFleetFigures } from './metrics/fleet-reader';
import { createMetricsRecorder } from './metrics/recorder';
import { eventWebhook } from './notify';
import { activitySettings } from './start-inputs';

export interface WorkerParts {
  readonly settings: Settings;
  readonly store: HubStore;
  readonly temporal: TemporalTarget;
  readonly keys: PayloadKeys;
  readonly engine: TemporalEngine;
  readonly log: Logger;
  /** Where metrics go, see installRuntime. */
  readonly meter: MetricMeter;
}

export interface RunningWorker {
  /** Lets running activities end, then gives up its connections. Rejects when the worker had failed. */
  stop(): Promise<void>;
  /** Settles when the worker ends, also by a failure. */
  readonly ended: Promise<void>;
}

const SHUTDOWN_GRACE = '20 seconds' as const;
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
  const metrics = createMetricsRecorder(parts.meter);
  const journal = new CallJournal({ calls: store.calls, log, ids: timeSortedIds(Date.now) });
  const concur = openConcur(
    settings,
    store.credentials,
    (entityId) => store.entities.get(entityId),
    (entityId, call: CallRecord) => {
      journal.note(entityId, call);
      metrics.concurCall(call);
      logCall(log, entityId, call);
    },
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
    metrics,
    ...(settings.NOTIFY_WEBHOOK_URL === undefined
      ? {}
      : { notify: eventWebhook(settings.NOTIFY_WEBHOOK_URL, log) }),
  });
  const common = {
    connection,
    namespace: temporal.namespace,
    dataConverter: dataConverter(parts.keys),
    activities,
    interceptors: { activity: [noteWorkContext] },
    shutdownGraceTime: SHUTDOWN_GRACE,
  };
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
  const stopReading = readFleetFigures({
    figures: (now) => store.fleet.figures(now),
    recorder: metrics,
    now: () => new Date(),
    log,
  });
  const ended = Promise.all(workers.map((worker) => worker.run())).then(() => undefined);
  return {
    ended,
    async stop() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      try {
        await ended;
      } finally {
        await stopReading();
        await journal.flush();
        await concur.close();
        await connection.close();
      }
    },
  };
}

/** A failure can be found by the id that Concur's support asks for; what was sent and answered is in the journal. */
function logCall(log: Logger, entityId: string, call: CallRecord): void {
  const { function: name, status, failure, durationMs, correlationId = call.correlationIdSent } = call;
  const fields = { entityId, function: name, status, failure, correlationId, ms: durationMs };
  if (failure === undefined || isNoSuchUser(failure)) log.debug(fields, 'call to Concur');
  else log.info(fields, 'call to Concur failed');
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
