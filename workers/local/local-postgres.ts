import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Environment } from '../../config';
import { type DataDirClaim } from './data-dir';
import { errorCode, LocalServerError } from './errors';
import { type Log } from './log';
import { rememberedOrFreePort } from './ports';
import { retryOnPortClash } from './server-process';
import { commandLine, identify, isRunning, type ProcessIdentity, watchProcess } from './processes';
import { postgresAccount } from './postgres-account';
import { postgresBinaries } from './postgres-binaries';
import { ensureCluster, readPassword } from './postgres-cluster';
import {
  clusterName,
  endPostgresServer,
  postgresFolder,
  postgresObjection,
  postgresUrl,
  startPostgresServer,
} from './postgres-server';

export interface LocalPostgres {
  /** Connection string with the password: never log it. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Whether it was still running from an earlier start. */
  readonly adopted: boolean;
  /** Fast shutdown: clients are cut off, everything committed is kept. */
  stop(): Promise<void>;
}

export interface LocalPostgresOptions {
  claim: DataDirClaim;
  env: Environment;
  log: Log;
  /** Default true; see ServerCommand. */
  detached?: boolean;
  /** Default true; false only for tests: a power cut may lose everything. */
  durable?: boolean;
}

/** Its log makes up for what a server did not write that had to be killed. */
const LEFTOVER_PATIENCE_MS = 5_000;

/**
 * Runs the PostgreSQL of a data folder: adopts the one that survived an earlier start if it serves
 * these files, else ends exactly that one and starts anew.
 * @throws LocalServerError with a one-line message
 */
export async function runLocalPostgres(options: LocalPostgresOptions): Promise<LocalPostgres> {
  const { claim, env, log } = options;
  const survivor = await adoptable(claim, log);
  if (survivor !== undefined) {
    log(`PostgreSQL: still running from an earlier start (pid ${survivor.identity.pid}).`);
    return describe(options, survivor.identity, survivor.port, survivor.password, true);
  }
  await endLeftoverPostgres(claim, log);

  const account = await postgresAccount(postgresFolder(claim.dir), env);
  const binaries = await postgresBinaries({ account, env });
  const durable = options.durable ?? true;
  const password = await ensureCluster({ dataDir: claim.dir, account, binaries, env, durable });
  return await retryOnPortClash(async () => {
    const port = await rememberedOrFreePort(claim.runFile.read().postgres?.port);
    const identity = await startPostgresServer({
      ...{ dataDir: claim.dir, port, password, account, binaries, env, durable },
      detached: options.detached ?? true,
      onSpawned: (spawned) => claim.runFile.update({ postgres: { ...spawned, port } }),
    });
    return describe(options, identity, port, password, false);
  });
}

/**
 * Ends the PostgreSQL that still serves this folder, found by the pid file it keeps in its data.
 * A pid file of a process that is gone is left to PostgreSQL, which understands it; one whose pid went
 * to another program would block the start and is removed.
 */
export async function endLeftoverPostgres(claim: DataDirClaim, log: Log): Promise<void> {
  const pidFile = join(postgresFolder(claim.dir), 'data', 'postmaster.pid');
  const identity = await recordedIn(pidFile);
  if (identity === undefined) return;
  const line = commandLine(identity.pid) ?? '';
  if (line.includes(`cluster_name=${clusterName(claim.dir)}`)) {
    log(`PostgreSQL: ending the server of an earlier start (pid ${identity.pid}).`);
    if (!(await endPostgresServer(identity, LEFTOVER_PATIENCE_MS))) throw cannotEnd(identity);
    return;
  }
  if (!line.includes('postgres')) {
    await rm(pidFile, { force: true });
    return;
  }
  throw new LocalServerError(
    'postgres-data-foreign',
    `DATA_DIR: a PostgreSQL that this project did not start here (pid ${identity.pid}) is named in ${pidFile}. End it; or, if the folder is a copy, remove that file.`,
  );
}

async function recordedIn(pidFile: string): Promise<ProcessIdentity | undefined> {
  try {
    const pid = Number((await readFile(pidFile, 'utf8')).split('\n', 1)[0]);
    return Number.isInteger(pid) && pid > 0 ? identify(pid) : undefined;
  } catch (error) {
    // EACCES: the files of another user; postgresAccount() says so.
    if (['ENOENT', 'EACCES'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}

async function adoptable(
  claim: DataDirClaim,
  log: Log,
): Promise<{ identity: ProcessIdentity; port: number; password: string } | undefined> {
  const { pid, startedAt, port } = claim.runFile.read().postgres ?? {};
  if (pid === undefined || startedAt === undefined || port === undefined) return undefined;
  const identity = { pid, startedAt };
  const password = await readPassword(claim.dir);
  if (password === undefined || !isRunning(identity)) return undefined;
  const objection = await postgresObjection(claim.dir, port, password);
  if (objection === undefined) return { identity, port, password };
  log(`PostgreSQL: the server of an earlier start (pid ${pid}) is not adopted (${objection}).`);
  return undefined;
}

function describe(
  { claim, log }: LocalPostgresOptions,
  identity: ProcessIdentity,
  port: number,
  password: string,
  adopted: boolean,
): LocalPostgres {
  const unwatch = watchProcess(identity, () => {
    log(
      `PostgreSQL: the server (pid ${identity.pid}) ended by itself; see ${join(claim.dir, 'logs', 'postgres.log')}.`,
    );
  });
  return {
    url: postgresUrl(port, password),
    port,
    pid: identity.pid,
    adopted,
    async stop() {
      unwatch();
      if (!(await endPostgresServer(identity))) throw cannotEnd(identity);
      claim.runFile.update({ postgres: { port } });
    },
  };
}

function cannotEnd({ pid }: ProcessIdentity): LocalServerError {
  return new LocalServerError(
    'server-timeout',
    `The embedded PostgreSQL (pid ${pid}) does not end. End it by hand (kill -INT ${pid}), perhaps as another user, and start again.`,
  );
}
