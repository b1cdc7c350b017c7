import { createHash } from 'node:crypto';
import {
  basesBeside,
  type Connection,
  type ConcurCards,
  createConcurCards,
  createConnection,
  createOAuth,
  createOriginGate,
  createSend,
  createVersionedProfiles,
  type ConcurProfiles,
  type Transport,
  TransportFailure,
} from '../../../concur';
import { type HubDatabase, type HubStore } from '../../../hub';
import { type EntityDefinition } from '../../../hub/types';
import {
  type ConcurSandbox,
  createConcurSandbox,
  GLOBAL_ORIGIN,
  isConnectionReset,
  SANDBOX_CLIENT,
} from '../../../sandbox';
import { type MigrationDeps } from '../../../sync/engine/migrate';
import { type ReconcileDeps } from '../../../sync/engine/reconcile-types';
import { type Clock, type EngineSettings } from '../../../sync/engine/ports';
import { anEntity, T0 } from '../builders';
import { storeOn } from '../hub/stores';

/** Time that only moves when somebody waits or says so. */
export class VirtualClock implements Clock {
  constructor(private time: number = T0.getTime()) {}

  now(): Date {
    return new Date(this.time);
  }

  sleep(ms: number): Promise<void> {
    this.time += ms;
    return Promise.resolve();
  }

  advance(ms: number): void {
    this.time += ms;
  }
}

export const SETTINGS: EngineSettings = {
  overlapSeconds: 120,
  concurrency: 4,
  byTravelConfig: true,
  leaseMs: 300_000,
};

/** The real engine, store and client against the sandbox, all in this process and on a virtual clock. */
export interface EngineWorld {
  readonly deps: MigrationDeps & ReconcileDeps;
  readonly store: HubStore;
  readonly sandbox: ConcurSandbox;
  readonly clock: VirtualClock;
  readonly connection: Connection;
  readonly entityId: string;
  readonly companyUuid: string;
}

/** An entity that is connected to its company in the sandbox. */
export async function engineWorld(
  db: HubDatabase,
  change: Partial<EntityDefinition> = {},
): Promise<EngineWorld> {
  const clock = new VirtualClock();
  const sandbox = createConcurSandbox({
    now: () => clock.now().getTime(),
    sleep: (ms) => clock.sleep(ms),
  });
  const entity = anEntity().with(change);
  const { companyUuid, id: entityId, travelConfigId } = entity;
  sandbox.admin.putCompany({ companyUuid, travelConfigIds: [travelConfigId], customFields: 'any' });
  const store = storeOn(db);
  await store.entities.create({ ...entity }, { now: clock.now() });
  const { connection, profiles, cards } = concurOf(sandbox, store, clock, entityId);
  await connection.exchange(sandbox.admin.issueRequestToken(companyUuid).requestToken);
  await store.entities.setState(entityId, { stage: 'active' });
  let ids = 0;
  const deps: EngineWorld['deps'] = {
    store: store.sync,
    migrations: store.migrations,
    reconciliations: store.reconciliations,
    concur: profiles,
    cards,
    clock,
    random: {
      next: () => 0.5,
      bytes: (count) => createHash('sha512').update(String(count)).digest().subarray(0, count),
    },
    ids: { next: () => `${entityId}-${(ids += 1)}` },
  };
  return { deps, store, sandbox, clock, connection, entityId, companyUuid };
}

/** The real client, that speaks to a sandbox of this process. */
export function concurOf(
  sandbox: ConcurSandbox,
  store: HubStore,
  clock: VirtualClock,
  entityId: string,
): { connection: Connection; profiles: ConcurProfiles; cards: ConcurCards } {
  let ids = 0;
  const newId = () => `00000000-0000-4000-9000-${String((ids += 1)).padStart(12, '0')}`;
  const gate = createOriginGate([]);
  const now = () => clock.now();
  const waits = { unavailableDelayMs: 300_000, retryBaseMs: 1_000 };
  const send = createSend({ gate, transport: inProcess(sandbox), now, newId, timeoutMs: 60_000, ...waits });
  const oauth = createOAuth({
    send,
    gate,
    now,
    ...SANDBOX_CLIENT,
    authUrl: GLOBAL_ORIGIN,
    otherBases: basesBeside(GLOBAL_ORIGIN, []),
    delays: waits,
  });
  const connection = createConnection({
    entityId,
    tokenStore: store.credentials,
    oauth,
    now,
    sleep: (ms) => clock.sleep(ms),
    newId,
    timeoutMs: 60_000,
  });
  const profiles = createVersionedProfiles(
    { connection, send, delays: waits },
    { read: async () => (await store.entities.get(entityId)).apiVersion, now },
  );
  const cards = createConcurCards({
    connection,
    send,
    delays: waits,
    grantedScopes: async () => (await store.entities.get(entityId)).scopes,
  });
  return { connection, profiles, cards };
}

/** Calls a sandbox of this process; nothing leaves it. */
export function inProcess(sandbox: ConcurSandbox): Transport {
  return async ({ method, url, headers, body }) => {
    try {
      const answer = await sandbox.handle({
        method,
        origin: url.origin,
        path: `${url.pathname}${url.search}`,
        headers: { ...headers, 'content-length': String(Buffer.byteLength(body ?? '')) },
        ...(body === undefined ? {} : { body }),
      });
      if (answer.truncated === true) throw new TransportFailure('unreachable', 'ECONNRESET');
      return answer;
    } catch (error) {
      if (isConnectionReset(error)) throw new TransportFailure('unreachable', 'ECONNRESET');
      throw error;
    }
  };
}
