import { createHash } from 'node:crypto';
import {
  basesBeside,
  type ConcurCards,
  type ConcurProfiles,
  createConcurCards,
  createConcurProfiles,
  createConnection,
  createOAuth,
  createOriginGate,
  createSend,
} from '../../../concur';
import { type HubDatabase, type HubStore } from '../../../hub';
import {
  ALL_SCOPES,
  type ConcurSandbox,
  createConcurSandbox,
  GLOBAL_ORIGIN,
  SANDBOX_CLIENT,
} from '../../../sandbox';
import { type EngineSettings } from '../../../sync/engine/ports';
import { aConnection, TokenStoreInMemory } from '../concur/tokens';
import { inProcess, VirtualClock } from '../engine/world';
import { storeOn } from '../hub/stores';
import { simulationDatabase } from './database';
import { type History } from './history';

const TRAVEL_CONFIG = '4711';
const WAITS = { unavailableDelayMs: 5_000, retryBaseMs: 1_000 };

/** As in production but for the lease, which is as long as a few of the simulation's calls. */
export const SETTINGS: EngineSettings = {
  overlapSeconds: 120,
  concurrency: 3,
  byTravelConfig: true,
  leaseMs: 20_000,
};

/** What all histories of a process share. */
export interface Ground {
  readonly db: HubDatabase;
  readonly store: HubStore;
  /** SQL statements so far. */
  statements(): number;
  nextEntity(): string;
}

export async function openGround(): Promise<Ground> {
  const { db, statements } = await simulationDatabase();
  let entities = 0;
  return { db, store: storeOn(db), statements, nextEntity: () => `sim-${(entities += 1)}` };
}

/** One entity and its company: the real engine's surroundings for one history. */
export interface SimulatedWorld {
  readonly store: HubStore;
  readonly sandbox: ConcurSandbox;
  readonly clock: VirtualClock;
  readonly concur: ConcurProfiles;
  readonly cards: ConcurCards;
  readonly entityId: string;
  readonly companyUuid: string;
}

export async function simulatedWorld(ground: Ground, history: History): Promise<SimulatedWorld> {
  const clock = new VirtualClock();
  const sandbox = createConcurSandbox({
    now: () => clock.now().getTime(),
    sleep: (ms) => clock.sleep(ms),
  });
  sandbox.admin.setClock({ offsetMs: history.clockAhead * 1000 });
  const companyUuid = '00000000-0000-4000-8000-000000000001';
  const hidden = ['FOP', 'GHOST', ...(history.uuids ? [] : ['TMCSP'])];
  const scopes = ALL_SCOPES.filter((scope) => !hidden.includes(scope));
  sandbox.admin.putCompany({
    companyUuid,
    travelConfigIds: [TRAVEL_CONFIG],
    customFields: 'any',
    scopes: [...scopes],
    behaviour: { undocumentedLists: history.lists },
  });
  const entityId = ground.nextEntity();
  const { store } = ground;
  const definition = {
    id: entityId,
    agencyId: 'agency-1',
    name: 'Example Company',
    companyUuid,
    travelConfigId: TRAVEL_CONFIG,
    ids: {},
    conflictRule: { default: history.rule },
    unknownProfiles: 'create',
    apiVersion: 2,
  } as const;
  await store.entities.create(definition, { now: clock.now() });
  await store.entities.setState(entityId, { stage: 'active', scopes });
  const { concur, cards } = await connect(sandbox, clock, companyUuid, scopes);
  return { store, sandbox, clock, concur, cards, entityId, companyUuid };
}

/** The real client; its tokens are in memory, as nothing here is about them. */
async function connect(
  sandbox: ConcurSandbox,
  clock: VirtualClock,
  companyUuid: string,
  scopes: readonly string[],
): Promise<Pick<SimulatedWorld, 'concur' | 'cards'>> {
  let ids = 0;
  const newId = (): string => `00000000-0000-4000-9000-${String((ids += 1)).padStart(12, '0')}`;
  const gate = createOriginGate([]);
  const now = (): Date => clock.now();
  const send = createSend({ gate, transport: inProcess(sandbox), now, newId, timeoutMs: 60_000, ...WAITS });
  const oauth = createOAuth({
    send,
    gate,
    now,
    ...SANDBOX_CLIENT,
    authUrl: GLOBAL_ORIGIN,
    otherBases: basesBeside(GLOBAL_ORIGIN, []),
    delays: WAITS,
  });
  const tokenStore = new TokenStoreInMemory(aConnection({ companyUuid }));
  const connection = createConnection({
    entityId: 'simulation',
    tokenStore,
    oauth,
    now,
    sleep: (ms) => clock.sleep(ms),
    newId,
    timeoutMs: 60_000,
  });
  await connection.exchange(sandbox.admin.issueRequestToken(companyUuid).requestToken);
  const parts = { connection, send, delays: WAITS };
  const grantedScopes = () => Promise.resolve(scopes);
  return { concur: createConcurProfiles(parts), cards: createConcurCards({ ...parts, grantedScopes }) };
}

/** Not random at all, so that the same history is the same run. */
export const NO_RANDOM = {
  next: () => 0.5,
  bytes: (count: number) => createHash('sha512').update(String(count)).digest().subarray(0, count),
};
