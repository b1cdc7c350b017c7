import { randomBytes, randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { pino } from 'pino';
import { type AccessToken } from '../../concur/connection';
import { type Settings, settingsSchema } from '../../config/settings';
import { createHubStore, type HubStore, migrateToLatest, openDatabase, parseKeyRing } from '../../hub';
import { type EngineDeps, type EngineSettings } from '../../sync/engine/ports';
import { openConcur } from '../../workers/concur-access';
import { CallJournal } from '../../workers/journal';
import { activitySettings } from '../../workers/start-inputs';
import { SandboxChild } from './sandbox-child';

export const TRAVEL_CONFIG_ID = '4711';

/** An entity that is connected to a company of the simulated Concur. */
export interface ConnectedEntity {
  readonly id: string;
  readonly deps: EngineDeps;
  /** Good for an hour at least. */
  readonly token: AccessToken;
}

/**
 * What a worker has, without Temporal: the real store on a real PostgreSQL, the real client over HTTP, all
 * settings at their defaults, the journal of calls included.
 */
export interface BenchWorld {
  readonly store: HubStore;
  readonly sandbox: SandboxChild;
  readonly settings: EngineSettings;
  /** What a worker of this world starts with. */
  readonly workerSettings: Settings;
  /** The same as the environment of another process would have it, with the key ring. */
  readonly environment: Readonly<Record<string, string>>;
  readonly databaseUrl: string;
  /** The yardsticks' own way to the same database. */
  readonly pool: Pool;
  newCompany(): Promise<string>;
  connect(companyUuid: string): Promise<ConnectedEntity>;
  /** Writes what the journal has collected, which is part of the work. */
  flushJournal(): Promise<void>;
  close(): Promise<void>;
}

/** @param databaseUrl an empty database */
export async function openWorld(databaseUrl: string): Promise<BenchWorld> {
  const sandbox = await SandboxChild.start();
  try {
    return await worldWith(sandbox, databaseUrl);
  } catch (error) {
    await sandbox.stop();
    throw error;
  }
}

async function worldWith(sandbox: SandboxChild, databaseUrl: string): Promise<BenchWorld> {
  const { authUrl, origins, clientId, clientSecret } = sandbox.address;
  const ring = `k1:${randomBytes(32).toString('base64')}`;
  const environment = {
    CONCUR_CLIENT_ID: clientId,
    CONCUR_CLIENT_SECRET: clientSecret,
    CONCUR_AUTH_URL: authUrl,
    CONCUR_ALLOWED_ORIGINS: origins.join(','),
    ENCRYPTION_KEYS: ring,
  };
  const settings = settingsSchema.parse(environment);
  const db = openDatabase(databaseUrl);
  const pool = new Pool({ connectionString: databaseUrl, max: 4 });
  pool.on('error', (error) => process.stderr.write(`bench: ${error.message}\n`));
  await migrateToLatest(db);
  const keyRing = parseKeyRing(ring);
  const store = createHubStore({ db, keyRing, ids: { next: randomUUID } });
  const log = pino({ level: 'warn' }, process.stderr);
  const journal = new CallJournal({ calls: store.calls, log, ids: { next: randomUUID } });
  const concur = openConcur(
    settings,
    store.credentials,
    (entityId) => store.entities.get(entityId),
    (entityId, call) => journal.note(entityId, call),
  );
  let companies = 0;
  let entities = 0;

  return {
    store,
    sandbox,
    databaseUrl,
    pool,
    settings: activitySettings(settings).engine,
    workerSettings: settings,
    environment,

    async newCompany() {
      const companyUuid = `company${String((companies += 1)).padStart(4, '0')}`;
      await sandbox.ask({ kind: 'company', companyUuid, travelConfigId: TRAVEL_CONFIG_ID });
      return companyUuid;
    },

    async connect(companyUuid) {
      const id = `entity-${(entities += 1)}`;
      const definition = {
        id,
        agencyId: 'agency-1',
        name: `Example Company ${id}`,
        companyUuid,
        travelConfigId: TRAVEL_CONFIG_ID,
        ids: {},
        conflictRule: { default: 'hub-wins' },
        unknownProfiles: 'create',
        apiVersion: 2,
      } as const;
      await store.entities.create(definition, { now: new Date() });
      const { connection, profiles, cards } = concur.access(id);
      const { requestToken } = await sandbox.ask({ kind: 'token', companyUuid });
      await connection.exchange(requestToken);
      await store.entities.setState(id, { stage: 'active' });
      const deps: EngineDeps = {
        store: store.sync,
        concur: profiles,
        cards,
        clock: { now: () => new Date(), sleep: (ms) => sleep(ms) },
        random: { next: () => randomInt(2 ** 32) / 2 ** 32, bytes: (count) => randomBytes(count) },
        ids: { next: randomUUID },
      };
      return { id, deps, token: await connection.accessToken() };
    },

    flushJournal: () => journal.flush(),

    async close() {
      await journal.flush();
      await concur.close();
      await pool.end();
      await store.close();
      await sandbox.stop();
    },
  };
}
