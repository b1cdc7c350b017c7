import { join } from 'node:path';
import { type Environment, type Settings } from '../../config';
import { type DataDirClaim } from '../../workers/local/data-dir';
import { apiUrl } from '../api-address';
import { type Clock } from '../context';
import { type LogTarget, type Part, type Parts, type RunningSandbox } from './parts';
import { type Reporter } from './reporter';
import { StopStack } from './stop-stack';

export interface StartOptions {
  readonly settings: Settings;
  readonly env: Environment;
  /** Also start the simulated Concur, and speak to it. */
  readonly sandbox: boolean;
}

export interface Supervised {
  readonly apiUrl: string;
  readonly temporalUi: string | undefined;
  readonly temporalAddress: string;
  readonly metricsUrl: string;
  readonly sandbox: RunningSandbox | undefined;
  readonly logFile: string;
  /** Settles when a part ends that nobody has stopped. */
  readonly brokeDown: Promise<{ readonly name: string; readonly reason: string }>;
  /** API, worker, sandbox, store, then Temporal and PostgreSQL. @returns what could not be stopped */
  stop(): Promise<string[]>;
}

/** Where the parts log, so that the terminal stays readable. */
export function logFileOf({ DATA_DIR }: Pick<Settings, 'DATA_DIR'>): string {
  return join(DATA_DIR, 'logs', 'concordance.log');
}

/**
 * Everything on one machine, in the order in which each needs the ones before. What was started is stopped
 * again when a later step fails, or when `check` throws.
 * @param check called before each step; throws when somebody wants the end
 */
export async function startAll(
  parts: Parts,
  options: StartOptions,
  reporter: Reporter,
  clock: Pick<Clock, 'sleep'>,
  check: () => void,
): Promise<Supervised> {
  const stack = new StopStack(clock);
  const stop = (): Promise<string[]> => stack.stopAll((name) => reporter.step(`Stopping ${name} …`));
  try {
    return await startInOrder(parts, options, { stack, reporter, check, stop });
  } catch (error) {
    for (const failure of await stop()) reporter.detail(failure);
    throw error;
  }
}

interface Supervision {
  readonly stack: StopStack;
  readonly reporter: Reporter;
  readonly check: () => void;
  readonly stop: () => Promise<string[]>;
}

async function startInOrder(
  parts: Parts,
  { settings, env, sandbox: withSandbox }: StartOptions,
  { stack, reporter, check, stop }: Supervision,
): Promise<Supervised> {
  const step = (text: string): void => {
    check();
    reporter.step(text);
  };
  step(`Data folder ${settings.DATA_DIR}`);
  const claim = await parts.claim(settings.DATA_DIR);
  stack.push('', released(claim));
  const port = await apiPort(parts, settings, claim);
  const url = apiUrl(settings.API_HOST, port);
  const log: LogTarget = { level: settings.LOG_LEVEL, file: logFileOf(settings) };

  step('Temporal and PostgreSQL …');
  const infrastructure = await parts.startInfrastructure({
    settings,
    env,
    claim,
    codecEndpoint: `${url}/codec`,
    log: (line) => reporter.detail(line),
  });
  stack.push('Temporal and PostgreSQL', infrastructure);
  const { databaseUrl, temporal, temporalUi } = infrastructure;
  const composition = parts.compose({ settings, env, databaseUrl, temporal, log });

  step('Store: bringing its schema up to date …');
  stack.push('the store', await composition.openStore());
  step('Temporal: search attributes and schedules …');
  stack.push('the connection to Temporal', await composition.prepareTemporal(settings));

  let sandbox: RunningSandbox | undefined;
  if (withSandbox) {
    step('Sandbox: a simulation of SAP Concur …');
    sandbox = stack.push('the sandbox', await parts.startSandbox({ settings, log }));
  }
  claim.runFile.update({ sandbox: sandbox === undefined ? undefined : sandboxSection(sandbox) });
  const pointed: Settings = { ...settings, ...sandbox?.settings };
  step('Worker …');
  const { metrics } = stack.push('the worker', await composition.startWorker(pointed));
  step('API …');
  const api = await composition.startApi(pointed, {
    host: settings.API_HOST,
    port,
    simulation: withSandbox,
    ...(temporalUi === undefined ? {} : { uiOrigin: new URL(temporalUi).origin }),
  });
  stack.push('the API', api);
  claim.runFile.update({ api: { port, host: settings.API_HOST }, metrics: { port: metrics.port } });
  check();
  reporter.step('Ready.');
  return {
    apiUrl: url,
    temporalUi,
    temporalAddress: temporal.address,
    metricsUrl: metrics.url,
    sandbox,
    logFile: logFileOf(settings),
    brokeDown: stack.firstToEnd(),
    stop,
  };
}

export function sandboxSection({ url, url2, port, port2 }: RunningSandbox): Record<string, unknown> {
  return { url, url2, port, port2 };
}

function released(claim: DataDirClaim): Part {
  return {
    stop: () => {
      claim.release();
      return Promise.resolve();
    },
  };
}

/** Checked before anything is started; 0 means a free one. */
async function apiPort(parts: Parts, settings: Settings, claim: DataDirClaim): Promise<number> {
  if (settings.API_PORT === 0) return parts.freePort(claim.runFile.read().api?.port);
  await parts.requireFreePort(settings.API_PORT, 'API_PORT', settings.API_HOST);
  return settings.API_PORT;
}
