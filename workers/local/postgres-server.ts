import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Client } from 'pg';
import { type Environment } from '../../config';
import { serverEnvironment } from './child-environment';
import { errorCode, LocalServerError, reasonOf } from './errors';
import { type EndingStep, endProcess, type ProcessIdentity } from './processes';
import { SUPERUSER } from './postgres-cluster';
import { openFolder } from './postgres-folder';
import { type PostgresAccount } from './postgres-account';
import { type PostgresBinaries } from './postgres-binaries';
import { type ServerCommand, spawnServer, waitUntilReady } from './server-process';

/** Role and database of the product. */
export const PRODUCT_NAME = 'concordance';

export interface StartPostgresOptions {
  dataDir: string;
  port: number;
  password: string;
  account: PostgresAccount | undefined;
  binaries: PostgresBinaries;
  env: Environment;
  detached: boolean;
  durable: boolean;
  /** Called before anything is waited for, so that a child is on record as soon as it exists. */
  onSpawned: (identity: ProcessIdentity) => void;
}

const TITLE = 'The embedded PostgreSQL';
/** Seen: 0.2 s. After a crash it replays its log first, which takes longer the more was written. */
const START_TIMEOUT_MS = 120_000;
const CONNECT_TIMEOUT_MS = 5_000;
const WRONG_PASSWORD = '28P01';
const DUPLICATE = ['42710', '42P04'];

/** For SIGINT, the fast shutdown: clients are cut off and everything is written. */
const PATIENCE_MS = 30_000;
/** Without writing: the next start recovers from the log. */
const FIRMLY: readonly EndingStep[] = [
  { signal: 'SIGQUIT', waitMs: 3_000 },
  { signal: 'SIGKILL', waitMs: 5_000, group: true },
];

export function postgresFolder(dataDir: string): string {
  return join(dataDir, 'postgres');
}

/** Name that a server bears for the files it serves: part of its command line, and asked over SQL. */
export function clusterName(dataDir: string): string {
  return `concordance-${createHash('sha256').update(postgresFolder(dataDir)).digest('hex').slice(0, 16)}`;
}

/** Connection string of the product. Holds the password: never logged, never put on a command line. */
export function postgresUrl(port: number, password: string): string {
  return `postgres://${PRODUCT_NAME}:${encodeURIComponent(password)}@127.0.0.1:${port}/${PRODUCT_NAME}`;
}

/**
 * Starts PostgreSQL on the files of this folder and waits until it accepts connections.
 * @throws LocalServerError; nothing is left running then
 */
export async function startPostgresServer(options: StartPostgresOptions): Promise<ProcessIdentity> {
  const { dataDir, port, account } = options;
  const folder = await openFolder(postgresFolder(dataDir), account);
  const command: ServerCommand = {
    title: TITLE,
    command: options.binaries.postgres,
    args: ['-D', `${folder.path}/data`, '-p', String(port), ...settings(options)],
    env: serverEnvironment(options.env),
    logFile: join(dataDir, 'logs', 'postgres.log'),
    detached: options.detached,
    uid: account?.uid,
    gid: account?.gid,
    folder: folder.descriptor,
  };
  const started = await spawnServer(command).catch(async (error: unknown) => {
    await folder.close();
    throw error;
  });
  options.onSpawned(started.identity);
  try {
    await folder.close();
    await waitUntilReady(command, started, START_TIMEOUT_MS, async () => {
      return started.ended() === undefined ? await connectObjection(port, options.password) : 'it ended';
    });
    await ensureDatabase(port, options.password);
  } catch (error) {
    await endPostgresServer(started.identity);
    throw error;
  }
  return started.identity;
}

function settings({ dataDir, durable }: StartPostgresOptions): string[] {
  const values = {
    cluster_name: clusterName(dataDir),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    fsync: durable ? 'on' : 'off',
    logging_collector: 'off',
    log_checkpoints: 'off',
    log_min_messages: 'warning',
    // Statements and the DETAIL of an error hold values of travellers; the log file is for operators.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
  };
  return Object.entries(values).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** @param patienceMs how long it may take to end properly; less for one that does not answer anyway */
export async function endPostgresServer(
  identity: ProcessIdentity,
  patienceMs: number = PATIENCE_MS,
): Promise<boolean> {
  return await endProcess(identity, [{ signal: 'SIGINT', waitMs: patienceMs }, ...FIRMLY]);
}

/** Why the server on this port is not the one of these files; undefined if it lets us in and is. */
export async function postgresObjection(
  dataDir: string,
  port: number,
  password: string,
): Promise<string | undefined> {
  try {
    return await withClient(port, password, SUPERUSER, async (client) => {
      const { rows } = await client.query<{ cluster_name: string }>('SHOW cluster_name');
      return rows[0]?.cluster_name === clusterName(dataDir) ? undefined : 'it serves other files';
    });
  } catch (error) {
    return reasonOf(error);
  }
}

/**
 * Why the server does not accept connections yet: it does not listen, or still replays its log.
 * @throws LocalServerError `postgres-password` if the password is not the one of these files
 */
async function connectObjection(port: number, password: string): Promise<string | undefined> {
  try {
    return await withClient(port, password, SUPERUSER, () => Promise.resolve(undefined));
  } catch (error) {
    if (errorCode(error) !== WRONG_PASSWORD) return reasonOf(error);
    throw new LocalServerError(
      'postgres-password',
      'DATA_DIR: the password in postgres-password does not open the database in postgres/. Restore the file that belongs to it, or remove both to begin with an empty database.',
      { cause: error },
    );
  }
}

/** The product's role owns its database and is no superuser. */
async function ensureDatabase(port: number, password: string): Promise<void> {
  await withClient(port, password, SUPERUSER, async (client) => {
    const role = `CREATE ROLE ${PRODUCT_NAME} LOGIN CREATEDB PASSWORD ${client.escapeLiteral(password)}`;
    const database = `CREATE DATABASE ${PRODUCT_NAME} OWNER ${PRODUCT_NAME}`;
    for (const statement of [role, database]) {
      await client.query(statement).catch((error: unknown) => {
        if (!DUPLICATE.includes(errorCode(error) ?? '')) throw error;
      });
    }
  });
}

async function withClient<T>(
  port: number,
  password: string,
  database: string,
  work: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: SUPERUSER,
    password,
    database,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  // A connection that breaks between two queries is seen by the next query.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await work(client);
  } finally {
    await client.end();
  }
}
