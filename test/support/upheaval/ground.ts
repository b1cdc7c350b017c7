import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type ApiClient } from '../../../cli/api-client';
import { SandboxClient } from '../../../cli/sandbox-client';
import { SEARCH_ATTRIBUTE_TYPES } from '../../../client';
import {
  claimDataDir,
  endTemporalServer,
  findTemporalCli,
  freePort,
  type ProcessIdentity,
  runLocalPostgres,
  startTemporalServer,
} from '../../../workers/local';
import { apiOf, text } from '../chaos/clients';
import { dataDirOf, killCommands, runCommand, type RunningCommand } from '../chaos/command';

const READY_MS = 180_000;
/** The commands from their sources: nothing has to be built. */
const SOURCES = resolve(__dirname, '../../integration/cli/run-cli.mjs');

/** Waits and leases short enough that minutes show what hours would. */
const SETTINGS = {
  CONCUR_TIMEOUT_MS: '5000',
  CONCUR_UNAVAILABLE_DELAY_MS: '500',
  CONCUR_RETRY_BASE_MS: '100',
  POLL_MINUTES: Array.from({ length: 60 }, (_, minute) => minute).join(','),
  POLL_SPREAD_SECONDS: '0',
  LOG_LEVEL: 'warn',
  METRICS_PORT: '0',
};

/** An installation of separate processes, each of which can be killed and comes back. */
export interface Ground {
  readonly api: ApiClient;
  readonly sandbox: SandboxClient;
  killWorker(): Promise<void>;
  killTemporal(): Promise<void>;
  killPostgres(): Promise<void>;
  /** The last lines of worker and API, for messages. */
  tail(): string;
  stop(): Promise<void>;
}

export async function openGround(): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), 'concordance-upheaval-'));
  const closers: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) await close();
  };
  try {
    const postgres = await runningPostgres(join(folder, 'servers'), closers);
    const temporal = await runningTemporal(folder, closers);
    closers.push(killCommands);
    const concur = runCommand(folder, ['sandbox', '--json'], {}, SOURCES);
    const concurReady = await concur.event('ready', READY_MS);
    const names = ['CONCUR_AUTH_URL', 'CONCUR_ALLOWED_ORIGINS', 'CONCUR_CLIENT_ID', 'CONCUR_CLIENT_SECRET'];
    const settings = {
      ...Object.fromEntries(names.map((name) => [name, text(concurReady, name)])),
      ...SETTINGS,
      DATABASE_URL: postgres.url,
      TEMPORAL_ADDRESS: temporal.address,
    };
    const server = runCommand(folder, ['api', '--json'], settings, SOURCES);
    const api = apiOf(await server.event('ready', READY_MS), dataDirOf(folder));
    const startWorker = async (): Promise<RunningCommand> => {
      const started = runCommand(folder, ['worker', '--json'], settings, SOURCES);
      await started.event('ready', READY_MS);
      return started;
    };
    let worker = await startWorker();
    return {
      api,
      sandbox: new SandboxClient(text(concurReady, 'sandbox')),
      async killWorker() {
        await worker.end('SIGKILL');
        worker = await startWorker();
      },
      killTemporal: () => temporal.kill(),
      killPostgres: () => postgres.kill(),
      tail: () => server.tail() + worker.tail(),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Closers = (() => Promise<unknown>)[];

async function runningPostgres(dataDir: string, closers: Closers) {
  const claim = await claimDataDir(dataDir);
  const start = () => runLocalPostgres({ claim, env: process.env, log: () => undefined, detached: false });
  let server = await start();
  closers.push(() => server.stop());
  return {
    url: server.url,
    async kill() {
      process.kill(server.pid, 'SIGKILL');
      server = await start();
    },
  };
}

async function runningTemporal(folder: string, closers: Closers) {
  const env = process.env;
  const options = {
    binary: await findTemporalCli({ settings: { TEMPORAL_CLI_PATH: undefined }, env, log: () => undefined }),
    port: await freePort(),
    namespace: 'default',
    searchAttributes: SEARCH_ATTRIBUTE_TYPES,
    dbFilename: join(folder, 'temporal.db'),
    logFile: join(folder, 'temporal.log'),
    ...{ env, detached: false },
  };
  let identity: ProcessIdentity = await startTemporalServer(options);
  closers.push(() => endTemporalServer(identity));
  return {
    address: `127.0.0.1:${options.port}`,
    async kill() {
      process.kill(identity.pid, 'SIGKILL');
      identity = await startTemporalServer(options);
    },
  };
}
