import {
  type ConnectionOptions,
  type ConnectionPlugin,
  defaultGrpcRetryOptions,
  makeGrpcRetryInterceptor,
} from '@temporalio/client';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { SEARCH_ATTRIBUTE_TYPES } from '../../../client/namespace';
import { type TestTemporalServer, testTemporalServer, timeSkippingServerPath } from '../local-servers';
import { boundedCalls } from './bounded-calls';
import { testDataConverter } from './test-keys';

/** Longer than any answer of a server that is well, shorter than any scene. */
const CALL_DEADLINE_MS = 30_000;
/** Skipping half a year plays all that happens in it. */
const SKIP_DEADLINE_MS = 150_000;

/** gRPC's status code. */
const RESOURCE_EXHAUSTED: number = 8;

/**
 * Of the SDK's retries only the one for a workflow that is just continuing as new ("workflow is closing"): any
 * other would send a call again after its scene is over.
 */
const patiently = makeGrpcRetryInterceptor({
  ...defaultGrpcRetryOptions(),
  retryableDecider: (attempt, { code }) => Number(code) === RESOURCE_EXHAUSTED && attempt <= 50,
  delayFunction: () => 50,
});

/**
 * Every call has a deadline, so that one that is never answered fails. And no pings every 30 s: the
 * time-skipping server drops clients for them ("excess pings"), and nobody needs them on 127.0.0.1.
 */
const withDeadlines: ConnectionPlugin = {
  name: 'deadlines for tests',
  configureConnection: (options: ConnectionOptions): ConnectionOptions => ({
    ...options,
    channelArgs: { 'grpc.keepalive_time_ms': 3_600_000 },
    interceptors: [
      (call, next) => {
        const skips = call.method_definition.path.endsWith('/UnlockTimeSkippingWithSleep');
        const deadline = Date.now() + (skips ? SKIP_DEADLINE_MS : CALL_DEADLINE_MS);
        return patiently({ ...call, deadline: call.deadline ?? deadline }, next);
      },
    ],
  }),
};

/** Stands in recorded histories instead of the name of somebody's machine. */
export const TEST_IDENTITY = 'concordance-test';

const connected = {
  plugins: [withDeadlines],
  client: {
    dataConverter: testDataConverter,
    identity: TEST_IDENTITY,
    interceptors: { workflow: [boundedCalls] },
  },
};

// temporal.api.enums.v1.IndexedValueType; this server cannot list what it has, so `ensureSearchAttributes` fails.
const INDEXED_VALUE_TYPE = { Keyword: 2, Int: 3, Datetime: 6 } as const;
const searchAttributes = Object.fromEntries(
  Object.entries(SEARCH_ATTRIBUTE_TYPES).map(([name, type]) => [name, INDEXED_VALUE_TYPE[type]]),
);

let installed = false;

function quietRuntime(): void {
  if (installed) return;
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { forward: {} } } });
  installed = true;
}

/**
 * A server whose clock jumps to the next timer, ready in 0.3 s. Its clock stands still for ever once a
 * workflow is terminated during a workflow task (the lock of that task is not given back), so every scene
 * has a server of its own and terminates nothing.
 */
export async function timeSkippingServer(): Promise<TestWorkflowEnvironment> {
  quietRuntime();
  const path = await timeSkippingServerPath();
  const env = await TestWorkflowEnvironment.createTimeSkipping({
    ...connected,
    server: { executable: { type: 'existing-path', path } },
  });
  try {
    await env.connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes });
    return env;
  } catch (error) {
    await env.teardown();
    throw error;
  }
}

/** A dev server that suggests to continue as new after so many events; the time-skipping one does after 4,096. */
export function devServer(
  options: {
    readonly suggestContinueAsNewAfter?: number;
    readonly dynamicConfig?: Readonly<Record<string, string>>;
  } = {},
) {
  const { suggestContinueAsNewAfter, dynamicConfig = {} } = options;
  return testTemporalServer({
    searchAttributes: SEARCH_ATTRIBUTE_TYPES,
    dynamicConfig: {
      ...dynamicConfig,
      ...(suggestContinueAsNewAfter === undefined
        ? {}
        : { 'limit.historyCount.suggestContinueAsNew': String(suggestContinueAsNewAfter) }),
    },
  });
}

/** Connections to a dev server, for one scene. */
export function connectTo({ address, namespace }: TestTemporalServer): Promise<TestWorkflowEnvironment> {
  quietRuntime();
  return TestWorkflowEnvironment.createFromExistingServer({ ...connected, address, namespace });
}
