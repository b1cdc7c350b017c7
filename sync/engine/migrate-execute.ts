import { type Entity, type ItemOutcome, type MigrationItem } from '../../hub/types';
import { sectionOfSlot } from '../model/slots';
import { type MigrationDeps, type MigrationRef, planHashOf, storedPlan, type StoredPlan } from './migrate';
import { RecordFailure } from './failures';
import { AdaptiveLimit, settleOrThrow } from './pool';
import { type EngineSettings } from './ports';
import { publishLeased } from './publish-traveller';
import { type Gate, leaseFrom, type PlannedWrite, type PublishOutcome } from './publish-types';

/**
 * Executes the next approved items. Each is compared with the ground first: unmoved, it is done; moved but
 * clearing and overwriting nothing more than was approved, it is done and marked; else it needs approval.
 */
export async function executeChunk(
  deps: MigrationDeps,
  settings: EngineSettings,
  ref: MigrationRef,
  limit: number,
): Promise<{ readonly finished: number }> {
  const entity = await deps.store.entity(ref.entityId);
  const items = await deps.migrations.openItems(ref.entityId, ref.number, limit);
  const pool = new AdaptiveLimit(settings.concurrency);
  const ended = await settleOrThrow(items, pool, (item) => executeItem(deps, settings, entity, item));
  const finished = ended.filter((isFinished) => isFinished).length;
  return { finished };
}

/** @returns false when somebody else holds the traveller: the item stays open */
async function executeItem(
  deps: MigrationDeps,
  settings: EngineSettings,
  entity: Entity,
  item: MigrationItem,
): Promise<boolean> {
  const watch = new PlanWatch(deps, entity, item);
  const outcome = await publishOne(deps, settings, entity, item.travellerId, (planned) =>
    watch.allows(planned),
  );
  if (outcome === undefined || outcome.kind === 'lost-lease') return false;
  const result = resultOf(outcome);
  // A create leaves out roles until everybody exists, and cards; they follow at once where they can.
  if (outcome.kind === 'written' && outcome.action === 'Create') {
    await publishOne(deps, settings, entity, item.travellerId, addsOnlyWhatFollows);
  }
  await deps.migrations.finishItem(entity.id, item.migrationNumber, item.travellerId, {
    outcome: result,
    ...(outcome.kind === 'quarantined' ? { detail: outcome.code } : {}),
    replanned: watch.replanned,
    at: deps.clock.now(),
  });
  return true;
}

async function publishOne(
  deps: MigrationDeps,
  settings: EngineSettings,
  entity: Entity,
  travellerId: string,
  gate: Gate,
) {
  const holder = { id: deps.ids.next(), leaseMs: settings.leaseMs };
  const leased = await deps.store.lease(
    entity.id,
    'concur',
    travellerId,
    leaseFrom(deps.clock.now(), holder),
  );
  return leased === undefined ? undefined : publishLeased(deps, entity, leased, holder, gate);
}

function addsOnlyWhatFollows({ action, plan }: PlannedWrite): boolean {
  const follows = plan.sent.every((id) => ['roles', 'cards'].includes(sectionOfSlot(id)));
  return action === 'Update' && follows && plan.clears.length === 0;
}

function resultOf(outcome: PublishOutcome): ItemOutcome {
  if (outcome.kind !== 'quarantined') return 'done';
  return outcome.code === NEEDS_APPROVAL ? 'needs-approval' : 'quarantined';
}

const NEEDS_APPROVAL = 'NeedsApproval';

/** Compares what is about to be sent with what was approved. */
class PlanWatch {
  replanned = false;

  constructor(
    private readonly deps: MigrationDeps,
    private readonly entity: Entity,
    private readonly item: MigrationItem,
  ) {}

  /** @throws RecordFailure `NeedsApproval`: quarantined, so that no loop sends it behind the approver's back */
  async allows(planned: PlannedWrite): Promise<true> {
    const { action } = planned;
    const now = storedPlan(planned);
    if ((await planHashOf(this.deps, this.entity.id, now)) === this.item.planHash) return true;
    this.replanned = true;
    const approved = this.item.plan;
    if (isStoredPlan(approved) && approved.action === action && asksNoMore(now, approved)) return true;
    throw new RecordFailure(
      NEEDS_APPROVAL,
      'The profile has changed in Concur since the plan was approved, and publishing would now overwrite or clear more than was approved. Plan another migration and approve it, or retry to publish all the same.',
    );
  }
}

function isStoredPlan(plan: unknown): plan is StoredPlan {
  return typeof plan === 'object' && plan !== null && 'overwrites' in plan && 'clears' in plan;
}

function asksNoMore(now: StoredPlan, approved: StoredPlan): boolean {
  return (
    now.loginId.toLowerCase() === approved.loginId.toLowerCase() &&
    now.clears.every((slot) => approved.clears.includes(slot)) &&
    now.overwrites.every((slot) => approved.overwrites.includes(slot))
  );
}

/** Closes the migration; the polls start where its first read stood. */
export async function completeMigration(
  deps: MigrationDeps,
  settings: EngineSettings,
  ref: MigrationRef,
): Promise<void> {
  const now = deps.clock.now();
  const { firstReadAt } = await deps.migrations.migration(ref.entityId, ref.number);
  if (firstReadAt !== undefined) {
    const cursor = new Date(firstReadAt.getTime() - settings.overlapSeconds * 1000);
    await deps.store.transaction((tx) => tx.setCursor(ref.entityId, cursor));
  }
  await deps.migrations.updateMigration(ref.entityId, ref.number, { state: 'completed', completedAt: now });
}
