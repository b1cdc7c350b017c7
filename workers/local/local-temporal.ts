import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { type Environment, type Settings } from '../../config';
import { type DataDirClaim } from './data-dir';
import { LocalServerError } from './errors';
import { type Log } from './log';
import { rememberedOrFreePort, requireFreePort } from './ports';
import { commandLine, findByCommandLine, isRunning, type ProcessIdentity, watchProcess } from './processes';
import { type RunState } from './run-file';
import { retryOnPortClash } from './server-process';
import { findTemporalCli } from './temporal-binary';
import {
  endTemporalServer,
  startTemporalServer,
  temporalArguments,
  type TemporalFeatures,
  temporalMarker,
  temporalObjection,
  type TemporalServerOptions,
} from './temporal-server';

export interface LocalTemporal {
  /** `host:port` for clients and workers. */
  readonly address: string;
  readonly uiUrl: string | undefined;
  readonly pid: number;
  /** Whether it was still running from an earlier start. */
  readonly adopted: boolean;
  stop(): Promise<void>;
}

export interface LocalTemporalOptions extends Omit<TemporalFeatures, 'namespace'> {
  settings: Pick<Settings, 'TEMPORAL_CLI_PATH' | 'TEMPORAL_NAMESPACE' | 'TEMPORAL_PORT' | 'TEMPORAL_UI_PORT'>;
  claim: DataDirClaim;
  env: Environment;
  log: Log;
  /** Default true. */
  ui?: boolean;
  /** Default true; see ServerCommand. */
  detached?: boolean;
}

const LEFTOVER_PATIENCE_MS = 5_000;

/**
 * Runs the Temporal dev server of a data folder: adopts the one that survived an earlier start if it
 * answers and has the wanted options, else ends exactly that one and starts anew on the same file.
 * (A second server would open the same file without complaint.)
 * @throws LocalServerError with a one-line message
 */
export async function runLocalTemporal(options: LocalTemporalOptions): Promise<LocalTemporal> {
  const { settings, claim, log } = options;
  const binary = await findTemporalCli({ settings, env: options.env, log });
  const recorded = claim.runFile.read().temporal;
  const wanted: TemporalServerOptions = {
    binary,
    dbFilename: databaseFile(claim),
    namespace: settings.TEMPORAL_NAMESPACE,
    port: settings.TEMPORAL_PORT || (recorded?.port ?? 0),
    uiPort: options.ui === false ? undefined : settings.TEMPORAL_UI_PORT || (recorded?.uiPort ?? 0),
    ...pickFeatures(options),
  };
  const survivor = await adoptable(recorded, wanted, log);
  if (survivor !== undefined) {
    log(`Temporal: still running from an earlier start (pid ${survivor.pid}).`);
    return describe(options, survivor, wanted, true);
  }
  await endLeftoverTemporal(claim, log);

  return await retryOnPortClash(() => start(options, wanted));
}

async function start(options: LocalTemporalOptions, wanted: TemporalServerOptions): Promise<LocalTemporal> {
  const { settings, claim } = options;
  const recorded = claim.runFile.read().temporal;
  const port = await choosePort(settings.TEMPORAL_PORT, 'TEMPORAL_PORT', recorded?.port);
  const uiPort =
    wanted.uiPort === undefined
      ? undefined
      : await choosePort(settings.TEMPORAL_UI_PORT, 'TEMPORAL_UI_PORT', recorded?.uiPort);
  const chosen = { ...wanted, port, uiPort };
  const identity = await startTemporalServer({
    ...chosen,
    env: options.env,
    logFile: join(claim.dir, 'logs', 'temporal.log'),
    detached: options.detached ?? true,
    onSpawned: (spawned) => claim.runFile.update({ temporal: { ...spawned, port, uiPort } }),
  });
  // The server makes it readable for everybody, and DATA_DIR may have been there with an open mode.
  await chmod(databaseFile(claim), 0o600);
  return describe(options, identity, chosen, false);
}

/** Ends whatever dev server still has the database file of this folder open. */
export async function endLeftoverTemporal(claim: DataDirClaim, log: Log): Promise<void> {
  for (const identity of findByCommandLine(temporalMarker(databaseFile(claim)))) {
    log(`Temporal: ending the server of an earlier start (pid ${identity.pid}).`);
    if (!(await endTemporalServer(identity, LEFTOVER_PATIENCE_MS))) throw cannotEnd(identity);
  }
}

function databaseFile(claim: DataDirClaim): string {
  return join(claim.dir, 'temporal.db');
}

async function adoptable(
  recorded: RunState['temporal'],
  wanted: TemporalServerOptions,
  log: Log,
): Promise<ProcessIdentity | undefined> {
  if (recorded?.pid === undefined || recorded.startedAt === undefined) return undefined;
  const identity = { pid: recorded.pid, startedAt: recorded.startedAt };
  if (!isRunning(identity)) return undefined;
  // The command line names the database file: a copied run.json points at a server of other files.
  const expected = [wanted.binary, ...temporalArguments(wanted)].join(' ');
  if (commandLine(identity.pid) !== expected) return undefined;
  const objection = await temporalObjection(wanted);
  if (objection === undefined) return identity;
  log(`Temporal: the server of an earlier start (pid ${identity.pid}) does not answer (${objection}).`);
  return undefined;
}

function pickFeatures(options: LocalTemporalOptions): Omit<TemporalFeatures, 'namespace'> {
  const { searchAttributes, codecEndpoint, dynamicConfig } = options;
  return {
    ...(searchAttributes === undefined ? {} : { searchAttributes }),
    ...(codecEndpoint === undefined ? {} : { codecEndpoint }),
    ...(dynamicConfig === undefined ? {} : { dynamicConfig }),
  };
}

async function choosePort(
  port: number,
  settingName: string,
  remembered: number | undefined,
): Promise<number> {
  if (port === 0) return await rememberedOrFreePort(remembered);
  await requireFreePort(port, settingName);
  return port;
}

function describe(
  { claim, log }: LocalTemporalOptions,
  identity: ProcessIdentity,
  { port, uiPort }: TemporalServerOptions,
  adopted: boolean,
): LocalTemporal {
  const unwatch = watchProcess(identity, () => {
    log(
      `Temporal: the local server (pid ${identity.pid}) ended by itself; see ${join(claim.dir, 'logs', 'temporal.log')}.`,
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    uiUrl: uiPort === undefined ? undefined : `http://127.0.0.1:${uiPort}`,
    pid: identity.pid,
    adopted,
    async stop() {
      unwatch();
      if (!(await endTemporalServer(identity))) throw cannotEnd(identity);
      claim.runFile.update({ temporal: { port, uiPort } });
    },
  };
}

function cannotEnd({ pid }: ProcessIdentity): LocalServerError {
  return new LocalServerError(
    'server-timeout',
    `The local Temporal server (pid ${pid}) does not end. End it by hand (kill -9 ${pid}), perhaps as another user, and start again.`,
  );
}
