import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Client } from '@temporalio/client';
import { destination, type Logger, pino } from 'pino';
import { startApi } from '../../api';
import {
  connectClient,
  EncryptionCodec,
  ensureFleetSchedule,
  ensureNightSchedule,
  ensureSearchAttributes,
  type PayloadKeys,
  SEARCH_ATTRIBUTE_TYPES,
  TemporalEngine,
  type TemporalTarget,
} from '../../client';
import { clientIdTail } from '../../concur';
import { type Settings } from '../../config';
import {
  bootstrapKey,
  createHubStore,
  type HubStore,
  type KeyRing,
  migrateToLatest,
  openDatabase,
  openKeyRing,
  timeSortedIds,
} from '../../hub';
import { SANDBOX_CLIENT, startSandbox } from '../../sandbox';
import {
  claimDataDir,
  portOrFree,
  rememberedOrFreePort,
  requireFreePort,
  runningInfrastructure,
  startLocalInfrastructure,
} from '../../workers/local';
import { errorCode } from '../../workers/local/errors';
import { readRunState } from '../../workers/local/run-file';
import { startInputs } from '../../workers/start-inputs';
import { workContext } from '../../workers/log-context';
import { installRuntime } from '../../workers/runtime';
import { startWorker } from '../../workers/worker';
import { apiUrl, sandboxSection } from '../api-address';
import { CliError } from '../errors';
import {
  type ComposeOptions,
  type Composition,
  type LogTarget,
  type Parts,
  type RunningSandbox,
  type TemporalAddress,
} from './parts';

/** Nothing listens, no such host, too slow; a wrong password, user or database. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ETIMEDOUT',
  '28P01',
  '28000',
  '3D000',
]);

/** No company's tasks wait behind the mass change of another (client/starts.ts). */
const FAIRNESS = { 'matching.enableFairness': 'true' } as const;

/** A little more than the longest that an answer may take. */
const API_STOP_LIMIT_MS = 10_000;

/** The one place where the command meets the other rooms' ways to start. */
export const parts: Parts = {
  claim: claimDataDir,
  requireFreePort: (port, settingName, host) => requireFreePort(port, settingName, host),
  freePort: (remembered) => rememberedOrFreePort(remembered),

  async startInfrastructure({ settings, env, claim, codecEndpoint, log }) {
    const local = await startLocalInfrastructure({
      settings,
      env,
      claim,
      log,
      codecEndpoint,
      searchAttributes: SEARCH_ATTRIBUTE_TYPES,
      dynamicConfig: FAIRNESS,
    });
    const databaseUrl = settings.DATABASE_URL ?? local.postgres?.url;
    const address = settings.TEMPORAL_ADDRESS ?? local.temporal?.address;
    if (databaseUrl === undefined || address === undefined) throw new Error('a server was not started');
    return {
      databaseUrl,
      temporal: addressOf(address, settings),
      temporalUi: local.temporal?.uiUrl,
      stop: () => local.stop(),
    };
  },

  async findInfrastructure(settings) {
    const running = await runningInfrastructure(settings.DATA_DIR);
    const databaseUrl = settings.DATABASE_URL ?? running?.databaseUrl;
    const address = settings.TEMPORAL_ADDRESS ?? running?.temporalAddress;
    if (databaseUrl === undefined || address === undefined) {
      const missing = [
        ...(databaseUrl === undefined ? ['DATABASE_URL'] : []),
        ...(address === undefined ? ['TEMPORAL_ADDRESS'] : []),
      ].join(' and ');
      throw new CliError(
        'no-infrastructure',
        `${missing} must be set, or a start must run on the same DATA_DIR (${settings.DATA_DIR}).`,
      );
    }
    const uiPort =
      settings.TEMPORAL_ADDRESS === undefined ? readRunState(settings.DATA_DIR).temporal?.uiPort : undefined;
    const temporalUi = uiPort === undefined ? undefined : `http://127.0.0.1:${uiPort}`;
    const sandbox = running === undefined ? undefined : sandboxOf(settings);
    return {
      databaseUrl,
      temporal: addressOf(address, settings),
      temporalUi,
      settings: { ...settings, ...sandbox },
      simulation: sandbox !== undefined,
    };
  },

  async startSandbox({ settings, log }): Promise<RunningSandbox> {
    const stateFile = join(settings.DATA_DIR, 'sandbox.json');
    mkdirSync(settings.DATA_DIR, { recursive: true, mode: 0o700 });
    const running = await startSandbox({
      port: settings.SANDBOX_PORT,
      port2: settings.SANDBOX_PORT_2,
      stateFile,
      log: createLog(log).child({ part: 'sandbox' }),
    });
    const [url = running.authUrl, url2 = url] = running.origins;
    return {
      url,
      url2,
      port: running.port,
      port2: running.port2,
      settings: {
        CONCUR_AUTH_URL: running.authUrl,
        CONCUR_ALLOWED_ORIGINS: [...new Set([...settings.CONCUR_ALLOWED_ORIGINS, ...running.origins])],
        CONCUR_CLIENT_ID: running.clientId,
        CONCUR_CLIENT_SECRET: running.clientSecret,
      },
      stop: () => running.stop(),
    };
  },

  compose: (options) => new RealComposition(options),
};

/** Settings for the sandbox of the running start; undefined where it has none or the settings name an application. */
function sandboxOf(settings: Settings): RunningSandbox['settings'] | undefined {
  const section = sandboxSection.safeParse(readRunState(settings.DATA_DIR).sandbox);
  if (!section.success || settings.CONCUR_CLIENT_ID !== undefined) return undefined;
  const { url, url2 = url } = section.data;
  return {
    CONCUR_AUTH_URL: url,
    CONCUR_ALLOWED_ORIGINS: [...new Set([...settings.CONCUR_ALLOWED_ORIGINS, url, url2])],
    CONCUR_CLIENT_ID: SANDBOX_CLIENT.clientId,
    CONCUR_CLIENT_SECRET: SANDBOX_CLIENT.clientSecret,
  };
}

function addressOf(address: string, settings: Settings): TemporalAddress {
  return {
    address,
    namespace: settings.TEMPORAL_NAMESPACE,
    configured: settings.TEMPORAL_ADDRESS !== undefined,
  };
}

function createLog({ level, file }: LogTarget): Logger {
  if (file !== undefined) mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  return pino(
    { level, mixin: workContext },
    file === undefined ? destination(2) : destination({ dest: file, sync: true, mode: 0o600 }),
  );
}

class RealComposition implements Composition {
  private readonly log: Logger;
  private readonly ids = timeSortedIds(Date.now);
  private readonly target: TemporalTarget;
  private opened: { readonly store: HubStore; readonly keys: PayloadKeys } | undefined;
  private connected: { readonly client: Client } | undefined;

  constructor(private readonly options: ComposeOptions) {
    this.log = createLog(options.log);
    const { address, namespace, configured } = options.temporal;
    this.target = { address, namespace, ...(configured ? { env: options.env } : {}) };
  }

  async openStore() {
    const { settings, databaseUrl } = this.options;
    const keyRing = await openKeyRing(settings);
    const db = openDatabase(databaseUrl, {
      onIdleError: (error) => this.log.warn({ error: error.message }, 'a connection to PostgreSQL broke'),
    });
    try {
      await migrateToLatest(db);
      const store = createHubStore({ db, keyRing, ids: this.ids });
      await store.apiKeys.ensureBootstrap(await bootstrapKey(settings), { now: new Date() });
      this.opened = { store, keys: payloadKeys(keyRing) };
      return { stop: () => store.close() };
    } catch (error) {
      await db.destroy();
      throw unreachable(error) ?? error;
    }
  }

  async prepareTemporal({ RECONCILE_HOUR: hour }: Settings) {
    const client = await connectClient(this.target, this.parts.keys);
    this.connected = { client };
    await ensureSearchAttributes(client);
    await ensureFleetSchedule(client);
    await ensureNightSchedule(client, hour);
    return { stop: () => client.connection.close() };
  }

  async startWorker(settings: Settings) {
    const { store, keys } = this.parts;
    const { METRICS_HOST: host } = settings;
    const port = await portOrFree(settings.METRICS_PORT, host);
    const meter = installRuntime({
      log: this.log.child({ part: 'temporal' }),
      metricsAddress: `${host.includes(':') ? `[${host}]` : host}:${port}`,
    });
    const worker = await startWorker({
      settings,
      store,
      keys,
      temporal: this.target,
      engine: this.engine(settings),
      log: this.log.child({ part: 'worker' }),
      meter,
    });
    return { ...worker, metrics: { port, url: `${apiUrl(host, port)}/metrics` } };
  }

  async startApi(settings: Settings, options: Parameters<Composition['startApi']>[1]) {
    const { store, keys } = this.parts;
    const { uiOrigin } = options;
    const api = await startApi({
      settings: { ...settings, API_HOST: options.host, API_PORT: options.port },
      store,
      engine: this.engine(settings),
      codec: new EncryptionCodec(keys),
      clock: { now: () => new Date() },
      ids: this.ids,
      log: this.log.child({ part: 'api' }),
      simulation: options.simulation,
      application: {
        name: settings.CONCUR_APPLICATION_NAME,
        clientIdTail: settings.CONCUR_CLIENT_ID && clientIdTail(settings.CONCUR_CLIENT_ID),
      },
      ...(uiOrigin === undefined ? {} : { uiOrigin }),
    });
    return { url: api.url, stop: () => api.stop(), stopLimitMs: API_STOP_LIMIT_MS };
  }

  private engine(settings: Settings): TemporalEngine {
    if (this.connected === undefined) throw new Error('Temporal is prepared first');
    return new TemporalEngine(this.connected.client, startInputs(this.parts.store, settings));
  }

  private get parts() {
    if (this.opened === undefined) throw new Error('the store is opened first');
    return this.opened;
  }
}

/** Payloads in Temporal have keys of their own, derived from the same ring. */
function payloadKeys(ring: KeyRing): PayloadKeys {
  return { activeId: ring.activeId, key: (id) => ring.key(id, 'temporal-payloads') };
}

/** A database that does not answer is told by its setting, not by the driver's words. */
function unreachable(error: unknown): CliError | undefined {
  const code = errorCode(error);
  if (code === undefined || !UNREACHABLE.has(code)) return undefined;
  return new CliError(
    'database-unreachable',
    `DATABASE_URL: the database does not answer (${code}). Start it, or correct address, user and password.`,
    { cause: error },
  );
}
