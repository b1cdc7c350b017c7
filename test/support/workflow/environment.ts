import { TestWorkflowEnvironment } from '@temporalio/testing';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker, type WorkflowBundle } from '@temporalio/worker';
import { searchAttributes } from '../../../workflows/messages';
import { timeSkippingServerPath } from '../local-servers';
import { FakeActivities } from './fake-activities';

/** A server whose clock jumps to the next timer, and one bundle of the workflows for all tests of a file. */
export interface WorkflowTestBed {
  readonly env: TestWorkflowEnvironment;
  readonly bundle: WorkflowBundle;
  close(): Promise<void>;
}

const REGISTERED = [
  ...Object.values(searchAttributes),
  // The server wants at least one of each kind that workflows upsert; these are all.
  defineSearchAttributeKey('ConcordanceTest', SearchAttributeType.KEYWORD),
];

let installed = false;

export function quietRuntime(): void {
  if (installed) return;
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { forward: {} } } });
  installed = true;
}

export async function openTestBed(): Promise<WorkflowTestBed> {
  quietRuntime();
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: await timeSkippingServerPath() } },
  });
  await env.connection.operatorService.addSearchAttributes({
    namespace: 'default',
    searchAttributes: Object.fromEntries(
      REGISTERED.map(({ name, type }) => [name, INDEXED_VALUE[type] ?? 2]),
    ),
  });
  const bundle = await bundleWorkflowCode({
    workflowsPath: require.resolve('../../../workflows'),
    logger: new DefaultLogger('ERROR'),
  });
  return { env, bundle, close: () => env.teardown() };
}

const INDEXED_VALUE: Readonly<Record<string, number>> = { KEYWORD: 2, INT: 3, DATETIME: 6 };

let queues = 0;

/**
 * Runs `work` with a worker whose activities are fakes. Unless the scene is a long one no workflow is cached,
 * so every task replays the history and a workflow that is not deterministic fails here.
 */
export async function withWorker<T>(
  bed: WorkflowTestBed,
  fakes: FakeActivities,
  work: (taskQueue: string) => Promise<T>,
  options: { readonly long?: boolean } = {},
): Promise<T> {
  queues += 1;
  const taskQueue = `test-${process.pid}-${queues}`;
  const worker = await Worker.create({
    connection: bed.env.nativeConnection,
    taskQueue,
    workflowBundle: bed.bundle,
    activities: fakes.activities,
    ...(options.long === true ? {} : { maxCachedWorkflows: 0 }),
  });
  return worker.runUntil(work(taskQueue));
}
