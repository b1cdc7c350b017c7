import { type Entity, type Target } from '../../hub/types';
import { isRecordFailure } from './failures';
import { GroupCommit } from './group-commit';
import { AdaptiveLimit, settleAll } from './pool';
import { type EngineDeps, type EngineSettings } from './ports';
import { publishLeased } from './publish-traveller';
import { leaseFrom, type PublishOutcome } from './publish-types';

export interface PublishOptions {
  /** Which system the hub's changes go to. */
  readonly target?: Target;
  /** Ends the drain after this many travellers, so that one activity stays short. */
  readonly limit?: number;
  /** Called after each batch, so that a long drain shows that it lives. */
  readonly onProgress?: (done: number) => void;
  /** Called for each traveller that was written, with the time since its last change in the hub. */
  readonly onWritten?: (latencyMs: number) => void;
}

export interface PublishResult {
  readonly published: number;
  readonly unchanged: number;
  readonly quarantined: number;
  /** Travellers that are still dirty and free to be published now. */
  readonly remaining: number;
  /** Dirty travellers that somebody else holds at the moment. */
  readonly leased: number;
}

const BATCH = 32;

/**
 * Drains what is dirty: every traveller whose hub version is newer than its published one arrives in Concur
 * (docs/architecture.md, "Publishing"). In order per traveller, in parallel across travellers.
 * @throws the port's failure when Concur, the connection or the store fails; the rest stays dirty
 */
export async function publishOnce(
  deps: EngineDeps,
  settings: EngineSettings,
  entityId: string,
  options: PublishOptions = {},
): Promise<PublishResult> {
  const target = options.target ?? 'concur';
  const limit = new AdaptiveLimit(settings.concurrency);
  // Cleared before reading: a change that comes after it sets the flag again and wakes us again.
  await deps.store.clearWake(entityId);
  const entity = await deps.store.entity(entityId);
  const commits = new GroupCommit(deps, entity, target);
  const counts = { published: 0, unchanged: 0, quarantined: 0 };
  let done = 0;
  for (;;) {
    const size = Math.min(BATCH, (options.limit ?? Infinity) - done);
    const outcomes =
      size <= 0 ? [] : await publishBatch(deps, settings, entity, target, limit, size, commits, options);
    if (outcomes.length === 0) break;
    for (const outcome of outcomes) countOutcome(counts, outcome);
    done += outcomes.length;
    options.onProgress?.(done);
  }
  const { ready, leased } = await deps.store.countDirty(entityId, target, deps.clock.now());
  return { ...counts, remaining: ready, leased };
}

function countOutcome(
  counts: { published: number; unchanged: number; quarantined: number },
  outcome: PublishOutcome,
) {
  if (outcome.kind === 'written') counts.published += 1;
  else if (outcome.kind === 'unchanged') counts.unchanged += 1;
  else if (outcome.kind === 'quarantined') counts.quarantined += 1;
}

async function publishBatch(
  deps: EngineDeps,
  settings: EngineSettings,
  entity: Entity,
  target: Target,
  limit: AdaptiveLimit,
  size: number,
  commits: GroupCommit,
  { onWritten }: Pick<PublishOptions, 'onWritten'>,
): Promise<PublishOutcome[]> {
  const holder = { id: deps.ids.next(), leaseMs: settings.leaseMs };
  const lease = leaseFrom(deps.clock.now(), holder);
  const batch = await deps.store.leaseDirty(entity.id, target, { ...lease, limit: size });
  const results = await settleAll(batch, limit, async (leased) => {
    const outcome = await publishLeased(deps, entity, leased, holder, undefined, commits);
    if (outcome.kind === 'written')
      onWritten?.(deps.clock.now().getTime() - leased.traveller.changedAt.getTime());
    return outcome;
  });
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    // Whoever was not finished stays dirty; its lease is given back so that the retry need not wait.
    await Promise.all(
      batch.map(({ traveller }) => deps.store.releaseLease(entity.id, target, traveller.id, lease.holder)),
    );
    const reason: unknown = failed.reason;
    if (isRecordFailure(reason)) throw new Error('a record failure escaped the publish of its traveller');
    throw reason instanceof Error ? reason : new Error('the publish of a traveller failed');
  }
  return results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
}
