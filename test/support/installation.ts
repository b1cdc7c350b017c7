import { Connection, ScheduleClient } from '@temporalio/client';
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApiClient } from '../../cli/api-client';
import { parts } from '../../cli/start/compose';
import { type Part } from '../../cli/start/parts';
import { settingsSchema } from '../../config/settings';
import { type RunningSandbox, startSandbox } from '../../sandbox';
import { testKeys } from './hub/stores';
import { testPostgres, type TestTemporalServer } from './local-servers';
import { devServer } from './workflow/servers';

export interface InstallationOptions {
  readonly databaseUrl: string;
  readonly temporal: TestTemporalServer;
  readonly sandbox: RunningSandbox;
  /** For `DATA_DIR` and the log. */
  readonly folder: string;
  /** Settings as the environment would have them. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Store, worker and API as `concordance start` composes them, in this process, on servers of the test. */
export interface Installation {
  readonly api: ApiClient;
  /** The sweep of every minute, now. */
  sweep(): Promise<void>;
  stop(): Promise<void>;
}

export async function startInstallation(options: InstallationOptions): Promise<Installation> {
  const { databaseUrl, temporal, sandbox, folder } = options;
  const key = `cnc_${randomBytes(32).toString('base64url')}`;
  const settings = settingsSchema.parse({
    DATA_DIR: folder,
    API_KEY: key,
    ENCRYPTION_KEYS: testKeys(),
    CONCUR_CLIENT_ID: sandbox.clientId,
    CONCUR_CLIENT_SECRET: sandbox.clientSecret,
    CONCUR_AUTH_URL: sandbox.authUrl,
    CONCUR_ALLOWED_ORIGINS: sandbox.origins.join(','),
    CONCUR_RETRY_BASE_MS: '50',
    CONCUR_UNAVAILABLE_DELAY_MS: '100',
    POLL_SPREAD_SECONDS: '0',
    ...options.settings,
  });
  const { address, namespace } = temporal;
  const composition = parts.compose({
    settings,
    env: {},
    databaseUrl,
    temporal: { address, namespace, configured: false },
    log: { level: 'info', file: `${folder}/concordance.log` },
  });
  const running: Part[] = [];
  const stop = async (): Promise<void> => {
    for (let part = running.pop(); part !== undefined; part = running.pop()) await part.stop();
  };
  try {
    running.push(await composition.openStore());
    running.push(await composition.prepareTemporal(settings));
    running.push(await composition.startWorker(settings));
    const api = await composition.startApi(settings, { host: '127.0.0.1', port: 0, simulation: true });
    running.push(api);
    return {
      api: new ApiClient({ base: api.url, key }),
      sweep: () => sweep(address, namespace),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** An installation with servers and a sandbox of its own. */
export interface WholeInstallation extends Installation {
  readonly sandbox: RunningSandbox;
  readonly temporal: TestTemporalServer;
}

/** @param temporalFeatures of the dev server */
export async function startWholeInstallation(
  temporalFeatures: Parameters<typeof devServer>[0] = {},
): Promise<WholeInstallation> {
  const folder = await mkdtemp(join(tmpdir(), 'concordance-installation-'));
  const [postgres, temporal, sandbox] = await Promise.all([
    testPostgres(),
    devServer(temporalFeatures),
    startSandbox(),
  ]);
  const databaseUrl = await postgres.createDatabase();
  const installation = await startInstallation({ databaseUrl, temporal, sandbox, folder });
  return {
    ...installation,
    sandbox,
    temporal,
    async stop() {
      await installation.stop();
      await Promise.all([postgres.stop(), temporal.stop(), sandbox.stop()]);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function sweep(address: string, namespace: string): Promise<void> {
  const connection = await Connection.connect({ address });
  try {
    await new ScheduleClient({ connection, namespace }).getHandle('concordance-fleet').trigger();
  } finally {
    await connection.close();
  }
}
