import { type Environment, type Settings } from '../../config';
import { claimDataDir, type DataDirClaim } from './data-dir';
import { endLeftoverPostgres, type LocalPostgres, runLocalPostgres } from './local-postgres';
import { endLeftoverTemporal, type LocalTemporal, runLocalTemporal } from './local-temporal';
import { errorCode, LocalServerError, propertyOf, unusableDataDir } from './errors';
import { type Log } from './log';
import { isRunning } from './processes';
import { readPassword } from './postgres-cluster';
import { postgresUrl } from './postgres-server';
import { readRunState, type RunFile, type RunState } from './run-file';
import { type TemporalFeatures } from './temporal-server';

export interface LocalInfrastructureOptions extends Omit<TemporalFeatures, 'namespace'> {
  settings: Pick<
    Settings,
    | 'DATA_DIR'
    | 'DATABASE_URL'
    | 'TEMPORAL_ADDRESS'
    | 'TEMPORAL_CLI_PATH'
    | 'TEMPORAL_NAMESPACE'
    | 'TEMPORAL_PORT'
    | 'TEMPORAL_UI_PORT'
  >;
  env: Environment;
  log: Log;
  /** Whether the Temporal UI is served; default true. */
  ui?: boolean;
  /** Which servers to run; by default those whose address no setting gives. */
  needs?: { temporal: boolean; postgres: boolean };
  /** A claim that the caller has made and will release; by default one is made and released here. */
  claim?: DataDirClaim;
}

export interface LocalInfrastructure {
  readonly temporal: LocalTemporal | undefined;
  readonly postgres: LocalPostgres | undefined;
  /** For the caller's own sections (`api`, `sandbox`). */
  readonly runFile: RunFile;
  /** Ends what runs, adopted or not. To be called last, after the worker has drained. */
  stop(): Promise<void>;
}

/**
 * Provides the servers that `start` needs and no setting names: adopts or starts them, in parallel.
 * They outlive this process unless stop() is called.
 * @throws LocalServerError with a message that says what to do; nothing is left running then
 */
export async function startLocalInfrastructure(
  options: LocalInfrastructureOptions,
): Promise<LocalInfrastructure> {
  const { settings, env, log } = options;
  if (process.platform === 'win32') {
    throw new LocalServerError(
      'unsupported-platform',
      'The local servers run on Linux and macOS. On Windows start in WSL, or set TEMPORAL_ADDRESS and DATABASE_URL.',
    );
  }
  const needs = options.needs ?? {
    temporal: settings.TEMPORAL_ADDRESS === undefined,
    postgres: settings.DATABASE_URL === undefined,
  };
  const claim = options.claim ?? (await claimDataDir(settings.DATA_DIR));
  const servers: { stop(): Promise<void> }[] = [];
  const keep = <T extends { stop(): Promise<void> } | void>(server: T): T => {
    if (server !== undefined) servers.push(server);
    return server;
  };
  const stop = async (): Promise<void> => {
    const stopping = await Promise.allSettled(servers.map((server) => server.stop()));
    if (options.claim === undefined) claim.release();
    throwFirstFailure(stopping);
  };
  const starting = [
    needs.temporal ? runLocalTemporal({ ...options, claim }).then(keep) : endLeftoverTemporal(claim, log),
    needs.postgres ? runLocalPostgres({ claim, env, log }).then(keep) : endLeftoverPostgres(claim, log),
  ] as const;
  const started = await Promise.allSettled(starting);
  if (started.some((result) => result.status === 'rejected')) {
    await stop();
    throwFirstFailure(started, readable);
  }
  const [temporal, postgres] = await Promise.all(starting);
  return { temporal: temporal ?? undefined, postgres: postgres ?? undefined, runFile: claim.runFile, stop };
}

function throwFirstFailure(
  results: readonly PromiseSettledResult<unknown>[],
  translate: (error: unknown) => unknown = (error) => error,
): void {
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw translate(failed.reason);
}

const DISK_ERRORS = ['EACCES', 'EPERM', 'EROFS', 'ENOSPC', 'EDQUOT', 'EIO', 'ENOTDIR', 'EISDIR'];

/** A full or closed disk shows wherever a file is touched; it is always about the data folder. */
function readable(error: unknown): unknown {
  const path = propertyOf(error, 'path');
  const isAboutDisk = DISK_ERRORS.includes(errorCode(error) ?? '') && typeof path === 'string';
  return isAboutDisk ? unusableDataDir(path, error) : error;
}

/**
 * Ends the servers that still run on a claimed folder, for a `start` that is interrupted before
 * startLocalInfrastructure() has returned.
 */
export async function endLeftovers(claim: DataDirClaim, log: Log): Promise<void> {
  throwFirstFailure(
    await Promise.allSettled([endLeftoverTemporal(claim, log), endLeftoverPostgres(claim, log)]),
  );
}

export interface RunningInfrastructure {
  readonly temporalAddress: string | undefined;
  /** With the password: never log it. */
  readonly databaseUrl: string | undefined;
  readonly apiPort: number | undefined;
}

/**
 * Where the servers of a running `start` on this folder are, for `worker`, `api` and `doctor`.
 * @returns undefined if no `start` runs there
 */
export async function runningInfrastructure(dataDir: string): Promise<RunningInfrastructure | undefined> {
  const state = readRunState(dataDir);
  if (state.start === undefined || !isRunning(state.start)) return undefined;
  const password = await readPassword(dataDir);
  const { temporal, postgres } = state;
  return {
    temporalAddress: runs(temporal) ? `127.0.0.1:${temporal.port}` : undefined,
    databaseUrl: runs(postgres) && password !== undefined ? postgresUrl(postgres.port, password) : undefined,
    apiPort: state.api?.port,
  };
}

type RecordedServer = NonNullable<RunState['postgres']>;

function runs(server: RecordedServer | undefined): server is RecordedServer {
  const { pid, startedAt } = server ?? {};
  return pid !== undefined && startedAt !== undefined && isRunning({ pid, startedAt });
}
