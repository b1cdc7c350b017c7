import { Connection } from '@temporalio/client';
import { type Environment } from '../../config';
import { serverEnvironment } from './child-environment';
import { reasonOf } from './errors';
import { isListening } from './ports';
import { type EndingStep, endProcess, type ProcessIdentity } from './processes';
import { type ServerCommand, spawnServer, waitUntilReady } from './server-process';

export type SearchAttributeKind = 'Text' | 'Keyword' | 'Int' | 'Double' | 'Bool' | 'Datetime' | 'KeywordList';

/** What the dev server offers, whichever ports it runs on. */
export interface TemporalFeatures {
  namespace: string;
  /** Registered at the start; those that a database already has are left as they are. */
  searchAttributes?: Readonly<Record<string, SearchAttributeKind>>;
  /** Where the UI has payloads decoded. */
  codecEndpoint?: string;
  /** Values are JSON, e.g. `{ 'limit.historyCount.suggestContinueAsNew': '50' }`. */
  dynamicConfig?: Readonly<Record<string, string>>;
}

export interface TemporalServerOptions extends TemporalFeatures {
  binary: string;
  port: number;
  /** Absent: no UI. */
  uiPort?: number | undefined;
  /** Absent: state in memory, gone with the process. */
  dbFilename?: string | undefined;
}

export interface StartTemporalOptions extends TemporalServerOptions {
  env: Environment;
  logFile: string;
  detached: boolean;
  /** Called before anything is waited for, so that a child is on record as soon as it exists. */
  onSpawned?: (identity: ProcessIdentity) => void;
}

const TITLE = 'The local Temporal server';
/** Seen: 1.8 s for a first start on two cores; a loaded machine may take many times that. */
const START_TIMEOUT_MS = 60_000;
const ANSWER_TIMEOUT_MS = 5_000;

/** Seen: 1.3 s from SIGTERM to the end. */
const PATIENCE_MS = 15_000;
/** SQLite survives this as well. */
const FIRMLY: readonly EndingStep[] = [{ signal: 'SIGKILL', waitMs: 5_000, group: true }];

/** Arguments of `temporal`; the same options always give the same list, by which a server is recognised. */
export function temporalArguments(options: TemporalServerOptions): string[] {
  const each = (flag: string, values: Readonly<Record<string, string>> | undefined): string[] =>
    Object.entries(values ?? {})
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .flatMap(([name, value]) => [flag, `${name}=${value}`]);
  return [
    'server',
    'start-dev',
    ...(options.dbFilename === undefined ? [] : ['--db-filename', options.dbFilename]),
    ...['--ip', '127.0.0.1', '--port', String(options.port)],
    ...(options.uiPort === undefined ? ['--headless'] : ['--ui-port', String(options.uiPort)]),
    ...['--namespace', options.namespace, '--log-level', 'error'],
    ...(options.codecEndpoint === undefined ? [] : ['--ui-codec-endpoint', options.codecEndpoint]),
    ...each('--search-attribute', options.searchAttributes),
    ...each('--dynamic-config-value', options.dynamicConfig),
  ];
}

/** Part of the command line of every dev server on this database file, whatever its other options. */
export function temporalMarker(dbFilename: string): string {
  return ` server start-dev --db-filename ${dbFilename} --ip `;
}

/**
 * Starts a dev server and waits until it answers.
 * @throws LocalServerError `server-ended` or `server-timeout`; nothing is left running then
 */
export async function startTemporalServer(options: StartTemporalOptions): Promise<ProcessIdentity> {
  const command: ServerCommand = {
    title: TITLE,
    command: options.binary,
    args: temporalArguments(options),
    env: serverEnvironment(options.env),
    logFile: options.logFile,
    detached: options.detached,
  };
  const started = await spawnServer(command);
  options.onSpawned?.(started.identity);
  try {
    await waitUntilReady(command, started, START_TIMEOUT_MS, async () => {
      if (started.ended() !== undefined) return 'it ended';
      if (options.uiPort !== undefined && !(await isListening(options.uiPort)))
        return 'the UI does not listen';
      return await temporalObjection(options);
    });
  } catch (error) {
    await endTemporalServer(started.identity);
    throw error;
  }
  return started.identity;
}

/** @param patienceMs how long it may take to end properly; less for one that does not answer anyway */
export async function endTemporalServer(
  identity: ProcessIdentity,
  patienceMs: number = PATIENCE_MS,
): Promise<boolean> {
  return await endProcess(identity, [{ signal: 'SIGTERM', waitMs: patienceMs }, ...FIRMLY]);
}

/** Why the server on this port is not usable as wanted; undefined if it answers and has everything in place. */
export async function temporalObjection(
  wanted: Pick<TemporalServerOptions, 'port' | 'namespace' | 'searchAttributes'>,
): Promise<string | undefined> {
  if (!(await isListening(wanted.port))) return `nothing listens on port ${wanted.port}`;
  try {
    const connection = await Connection.connect({
      address: `127.0.0.1:${wanted.port}`,
      connectTimeout: ANSWER_TIMEOUT_MS,
      // A proxy in the environment is for the internet, not for loopback.
      channelArgs: { 'grpc.enable_http_proxy': 0 },
    });
    try {
      return await connection.withDeadline(Date.now() + ANSWER_TIMEOUT_MS, () =>
        whatIsMissing(connection, wanted),
      );
    } finally {
      await connection.close();
    }
  } catch (error) {
    return reasonOf(error);
  }
}

/** The dev server listens before it has made namespaces and search attributes. */
async function whatIsMissing(
  connection: Connection,
  { namespace, searchAttributes }: Pick<TemporalServerOptions, 'namespace' | 'searchAttributes'>,
): Promise<string | undefined> {
  await connection.workflowService.describeNamespace({ namespace });
  if (searchAttributes === undefined) return undefined;
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.keys(searchAttributes).find((name) => !(name in customAttributes));
  return missing === undefined ? undefined : `the search attribute ${missing} is missing`;
}
