import { type Entity, type ItemOutcome, type MigrationItem, type MigrationReport } from '../../hub/types';
import { compareImages } from '../model/compare';
import { sectionOfSlot } from '../model/slots';
import { imageOfProfile, imageOfTraveller } from './absorb';
import { isRecordFailure } from './failures';
import { findProfile } from './identity';
import {
  type ChunkResult,
  type MigrationDeps,
  type MigrationRef,
  planHashOf,
  storedPlan,
  type StoredPlan,
} from './migrate';
import { AdaptiveLimit, settleAll } from './pool';
import { type EngineSettings } from './ports';
import { publishLeased } from './publish-traveller';
import { type Gate, type PlannedWrite } from './publish-types';

/**
 * Executes the next approved items. Each is compared with the ground first: unmoved, it is done; moved but
 * clearing and overwriting nothing more than was approved, it is done and marked; else it needs approval.
 */
export async function executeChunk(
  deps: MigrationDeps,
  settings: EngineSettings,
  ref: MigrationRef,
  limit: number,
): Promise<{ readonly finished: number; readonly claimed: number }> {
  const entity = await deps.store.entity(ref.entityId);
  const holder = deps.ids.next();
  const now = deps.clock.now();
  const until = new Date(now.getTime() + settings.leaseMs);
  const items = await deps.migrations.claimItems(ref.entityId, ref.number, { holder, now, until, limit });
  const pool = new AdaptiveLimit(settings.concurrency);
  const results = await settleAll(items, pool, (item) => executeItem(deps, settings, entity, item));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    const reason: unknown = failed.reason;
    throw reason instanceof Error ? reason : new Error('an item of the migration failed');
  }
  const finished = results.filter((result) => result.status === 'fulfilled' && result.value).length;
  return { finished, claimed: items.length };
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
  const result = resultOf(outcome.kind);
  // A create leaves out roles until everybody exists; they follow at once where they can.
  if (outcome.kind === 'written' && outcome.action === 'Create') {
    await publishOne(deps, settings, entity, item.travellerId, addsOnlyRoles);
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
  const holder = deps.ids.next();
  const now = deps.clock.now();
  const until = new Date(now.getTime() + settings.leaseMs);
  const leased = await deps.store.lease(entity.id, 'concur', travellerId, { holder, now, until });
  return leased === undefined ? undefined : publishLeased(deps, entity, leased, holder, gate);
}

function addsOnlyRoles({ action, plan }: PlannedWrite): boolean {
  const onlyRoles = plan.sent.every((id) => sectionOfSlot(id) === 'roles');
  return action === 'Update' && onlyRoles && plan.clears.length === 0;
}

function resultOf(kind: 'written' | 'unchanged' | 'quarantined' | 'refused-by-gate'): ItemOutcome {
  if (kind === 'quarantined') return 'quarantined';
  return kind === 'refused-by-gate' ? 'needs-approval' : 'done';
}

/** Compares what is about to be sent with what was approved. */
class PlanWatch {
  replanned = false;

  constructor(
    private readonly deps: MigrationDeps,
    private readonly entity: Entity,
    private readonly item: MigrationItem,
  ) {}

  async allows({ action, loginId, plan }: PlannedWrite): Promise<boolean> {
    const now = storedPlan(action, loginId, plan);
    if ((await planHashOf(this.deps, this.entity.id, now)) === this.item.planHash) return true;
    this.replanned = true;
    const approved = this.item.plan;
    return isStoredPlan(approved) && approved.action === action && asksNoMore(now, approved);
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

const EMPTY_REPORT: MigrationReport = {
  verified: 0,
  equal: 0,
  differs: [],
  missing: [],
  unverified: [],
  notRemovable: 0,
  warnings: 0,
};

/** Verifies the next items: reads each profile back and compares it with the hub, field by field. */
export async function verifyChunk(
  deps: MigrationDeps,
  settings: EngineSettings,
  ref: MigrationRef,
  limit: number,
): Promise<ChunkResult> {
  const migration = await deps.migrations.migration(ref.entityId, ref.number);
  const report = migration.report ?? EMPTY_REPORT;
  const items = await deps.migrations.items(ref.entityId, ref.number, report.through, limit);
  const entity = await deps.store.entity(ref.entityId);
  const pool = new AdaptiveLimit(settings.concurrency);
  const results = await settleAll(items, pool, (item) => verifyItem(deps, entity, item));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    const reason: unknown = failed.reason;
    throw reason instanceof Error ? reason : new Error('an item could not be verified');
  }
  const verdicts = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const through = items.at(-1)?.travellerId ?? report.through;
  await deps.migrations.updateMigration(ref.entityId, ref.number, {
    report: { ...addVerdicts(report, verdicts), ...(through === undefined ? {} : { through }) },
  });
  const more = items.length === limit && through !== undefined;
  return { done: items.length, ...(more ? { next: through } : {}) };
}

type Verdict =
  | {
      readonly travellerId: string;
      readonly kind: 'equal' | 'missing' | 'unverified';
      readonly warnings: number;
      readonly notRemovable: number;
    }
  | {
      readonly travellerId: string;
      readonly kind: 'differs';
      readonly fields: readonly string[];
      readonly warnings: number;
      readonly notRemovable: number;
    };

async function verifyItem(deps: MigrationDeps, entity: Entity, item: MigrationItem): Promise<Verdict> {
  const { travellerId } = item;
  const plain = { travellerId, warnings: 0, notRemovable: 0 };
  const [current] = await deps.store.load(entity.id, 'concur', [travellerId]);
  if (current === undefined) return { ...plain, kind: 'missing' };
  const { traveller, state } = current;
  if (item.action === 'refused' || (state.locator === undefined && state.concurUuid === undefined)) {
    return { ...plain, kind: 'unverified' };
  }
  const counted = {
    travellerId,
    warnings: state.notes.length,
    notRemovable: state.notes.filter((note) => note.code === 'not-removable').length,
  };
  try {
    const found = await findProfile(deps, { login: state.locator, uuid: state.concurUuid });
    if (found === undefined) return { ...counted, kind: 'missing' };
    const concur = imageOfProfile(entity, found.profile, state.baseConcur);
    const { differs } = compareImages(imageOfTraveller(traveller), concur, state.notes);
    return differs.length === 0
      ? { ...counted, kind: 'equal' }
      : { ...counted, kind: 'differs', fields: differs };
  } catch (error) {
    if (!isRecordFailure(error)) throw error;
    return { ...counted, kind: 'missing' };
  }
}

function addVerdicts(report: MigrationReport, verdicts: readonly Verdict[]): MigrationReport {
  const ids = (kind: Verdict['kind']) => verdicts.filter((v) => v.kind === kind).map((v) => v.travellerId);
  const sum = (pick: (verdict: Verdict) => number) =>
    verdicts.reduce((total, verdict) => total + pick(verdict), 0);
  return {
    verified: report.verified + verdicts.length - ids('unverified').length,
    equal: report.equal + ids('equal').length,
    differs: [
      ...report.differs,
      ...verdicts.flatMap((v) =>
        v.kind === 'differs' ? [{ travellerId: v.travellerId, fields: v.fields }] : [],
      ),
    ],
    missing: [...report.missing, ...ids('missing')],
    unverified: [...report.unverified, ...ids('unverified')],
    notRemovable: report.notRemovable + sum((verdict) => verdict.notRemovable),
    warnings: report.warnings + sum((verdict) => verdict.warnings),
  };
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
