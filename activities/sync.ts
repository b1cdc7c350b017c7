import { autoSpreadSeconds, nextPollSlot, pollOffsetMs } from '../sync/model/poll-slots';
import { publishOnce } from '../sync/engine/publish';
import { pullOnce, type PullResult } from '../sync/engine/pull';
import { type EngineDeps } from '../sync/engine/ports';
import { type EntityCounts } from '../hub/contract';
import { type Entity, type Health } from '../hub/types';
import { workflowIds } from '../workflows/messages';
import { countDrain, countPoll } from './counted';
import { type ActivityDeps } from './deps';
import { translated } from './failures';
import { trackedAlive } from './tracked';

export interface PullInput {
  readonly entityId: string;
  readonly requestId?: string;
  /** ISO instant of Concur's clock to read again from. */
  readonly since?: string;
}

export interface PullOutcome {
  readonly seen: number;
  readonly changed: number;
  readonly quarantined: number;
  /** When to poll from now on, so that the loop follows the entity's settings. */
  readonly minutes: number[];
  readonly spreadSeconds: number;
  readonly health: Health;
  readonly counts: EntityCounts;
}

export interface PublishOutcome {
  readonly published: number;
  readonly quarantined: number;
  readonly remaining: number;
  readonly leased: number;
}

/** The two directions of one entity. */
export interface SyncActivities {
  pullChanges(input: PullInput): Promise<PullOutcome>;
  publishDirty(input: { entityId: string }): Promise<PublishOutcome>;
}

/** One activity does so much at most; the loop comes back for the rest. */
const TRAVELLERS_PER_DRAIN = 500;

export function createSyncActivities(deps: ActivityDeps): SyncActivities {
  return {
    pullChanges: (input) =>
      translated(() =>
        trackedAlive(deps, input.entityId, async (tell) => {
          const lagMs = input.requestId === undefined ? await lagOf(deps, input.entityId) : undefined;
          // Before anything is read: what is pushed from now on needs another poll.
          await deps.store.pushes.pollBegins(input.entityId);
          const result = await countPoll(
            deps,
            lagMs,
            pullOnce(engineDeps(deps, input.entityId), deps.settings.engine, input.entityId, {
              ...(input.requestId === undefined ? {} : { requestId: input.requestId }),
              ...(input.since === undefined ? {} : { since: new Date(input.since) }),
              onProgress: ({ page, seen }) => tell({ page, seen }),
            }),
          );
          const rhythm = await pollRhythm(deps, input.entityId);
          const { seen, changed, quarantined } = result;
          const health = await settleHealth(deps, input.entityId, result);
          // A merge may have left something for Concur that nobody else wakes the publisher for.
          if (changed > 0) await wakeIfDirty(deps, input.entityId);
          const counts = await deps.store.entities.counts(input.entityId);
          return { seen, changed, quarantined, ...rhythm, health, counts };
        }),
      ),

    publishDirty: ({ entityId }) =>
      translated(() =>
        trackedAlive(deps, entityId, async (tell) => {
          const result = await countDrain(
            deps.metrics,
            publishOnce(engineDeps(deps, entityId), deps.settings.engine, entityId, {
              limit: TRAVELLERS_PER_DRAIN,
              onProgress: (done) => tell({ done }),
              onWritten: (latencyMs) => deps.metrics.published(latencyMs),
            }),
          );
          const { published, quarantined, remaining, leased } = result;
          return { published, quarantined, remaining, leased };
        }),
      ),
  };
}

export function engineDeps(deps: ActivityDeps, entityId: string): EngineDeps {
  return {
    store: deps.store.sync,
    concur: deps.concur(entityId).profiles,
    cards: deps.concur(entityId).cards,
    clock: deps.clock,
    random: deps.random,
    ids: deps.ids,
  };
}

/** How long after its turn a poll begins that nobody asked for: its slot, and its place in the spread. */
async function lagOf(deps: ActivityDeps, entityId: string): Promise<number | undefined> {
  const { nextPollAt } = await deps.store.entities.get(entityId);
  if (nextPollAt === undefined) return undefined;
  const turn = nextPollAt.getTime() + placeOf(entityId, await spreadOf(deps));
  const lag = deps.clock.now().getTime() - turn;
  // Before its turn: somebody woke the loop.
  return lag < 0 ? undefined : lag;
}

/** Where in the spread an entity's loop polls, milliseconds after the slot. */
function placeOf(entityId: string, spreadSeconds: number): number {
  return pollOffsetMs(workflowIds.poll(entityId), spreadSeconds);
}

/** When an entity polls: its own minutes or the setting's, and the spread after the slot. */
export async function pollRhythm(
  deps: Pick<ActivityDeps, 'store' | 'settings' | 'clock'>,
  entityId: string,
): Promise<{ minutes: number[]; spreadSeconds: number }> {
  const { store, settings, clock } = deps;
  const entity = await store.entities.get(entityId);
  const minutes = [...(entity.pollMinutes ?? settings.pollMinutes)];
  const spreadSeconds = await spreadOf(deps);
  // A slot whose place in the spread is yet to come is not over: as the loop counts.
  const now = clock.now().getTime() - placeOf(entityId, spreadSeconds);
  const nextPollAt = new Date(nextPollSlot(now, minutes));
  await store.entities.setState(entityId, { nextPollAt });
  return { minutes, spreadSeconds };
}

/** Over how many seconds after a slot the polls of all entities are spread. */
async function spreadOf({ store, settings }: Pick<ActivityDeps, 'store' | 'settings'>): Promise<number> {
  if (settings.pollSpreadSeconds !== 'auto') return settings.pollSpreadSeconds;
  const totals = await store.fleet.totals();
  return autoSpreadSeconds(totals.reduce((sum, { entities }) => sum + entities, 0));
}

async function settleHealth(deps: ActivityDeps, entityId: string, result: PullResult): Promise<Health> {
  const entity = await deps.store.entities.get(entityId);
  const healthReason = degradation(result, entity);
  const health = healthReason === undefined ? 'ok' : 'degraded';
  await deps.store.entities.setState(entityId, { health, healthReason: healthReason ?? null });
  return health;
}

/** In words, why a poll that succeeded is not all it should be. */
function degradation(
  { settled, withoutLogin }: PullResult,
  { apiVersion, scopes }: Pick<Entity, 'apiVersion' | 'scopes'>,
): string | undefined {
  if (!settled) return 'The list kept changing while it was read; the next poll reads the same period again.';
  if (withoutLogin > 0)
    return `Concur lists ${withoutLogin} profiles without a login; they cannot be read. Give them a login in Concur.`;
  return weakIdentity(apiVersion, scopes);
}

const TOLD_APART = 'travellers are told apart by login and sync id, and a renamed login has to be reviewed';

/** Without UUIDs (docs/architecture.md, identity); no scopes known: nothing is said to be missing. */
function weakIdentity(apiVersion: 1 | 2, scopes: readonly string[]): string | undefined {
  if (apiVersion === 1) {
    return `The entity is on Travel Profile v1, which can only be read and shows no UUIDs: ${TOLD_APART}. Move it to apiVersion 2.`;
  }
  if (scopes.length === 0 || scopes.includes('TMCSP')) return undefined;
  return `The scope TMCSP was not granted, so Concur shows no UUIDs: ${TOLD_APART}. Ask Concur to grant it.`;
}

export async function wakeIfDirty(deps: ActivityDeps, entityId: string): Promise<void> {
  const now = deps.clock.now();
  const { ready } = await deps.store.sync.countDirty(entityId, 'concur', now);
  if (ready > 0 && (await deps.store.entities.setWake(entityId, { now })))
    await deps.engine.wakePublisher(entityId);
}
