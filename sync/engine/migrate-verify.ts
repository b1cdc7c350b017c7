import { type Entity, type MigrationItem, type MigrationReport, type TravellerSync } from '../../hub/types';
import { compareImages } from '../model/compare';
import { imageOfProfile, imageOfTraveller } from './absorb';
import { isRecordFailure } from './failures';
import { onlyIds } from './group-commit';
import { findProfile } from './identity';
import { type ChunkResult, type MigrationDeps, type MigrationRef } from './migrate';
import { AdaptiveLimit, settleOrThrow } from './pool';
import { type EngineSettings } from './ports';

const EMPTY_REPORT: MigrationReport = {
  verified: 0,
  equal: 0,
  differs: [],
  notTaken: [],
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
  const verdicts = await settleOrThrow(items, pool, (item) => verifyItem(deps, entity, item));
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
      readonly kind: 'missing' | 'unverified';
      readonly warnings: number;
      readonly notRemovable: number;
    }
  | {
      readonly travellerId: string;
      readonly kind: 'equal';
      /** Known not to be taken by Concur. */
      readonly notTaken: readonly string[];
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
  const [current] = await deps.store.load(entity.id, 'concur', [travellerId]);
  const isBound = current?.state.locator !== undefined || current?.state.concurUuid !== undefined;
  if (current === undefined || item.action === 'refused' || (!isBound && item.outcome !== 'done')) {
    return { travellerId, kind: 'unverified', warnings: 0, notRemovable: 0 };
  }
  const { traveller, state } = current;
  const counted = {
    travellerId,
    warnings: state.notes.length,
    notRemovable: state.notes.filter((note) => note.code === 'not-removable').length,
  };
  const found = await findProfile(deps, { login: state.locator, uuid: state.concurUuid }).catch(
    (error: unknown) => {
      if (!isRecordFailure(error)) throw error;
      return undefined;
    },
  );
  if (found === undefined) {
    await lookAgain(deps, current);
    return { ...counted, kind: 'missing' };
  }
  const concur = imageOfProfile(entity, found.profile, state.baseConcur);
  const { differs, accepted } = compareImages(imageOfTraveller(traveller), concur, state.notes);
  if (differs.length === 0) return { ...counted, kind: 'equal', notTaken: accepted };
  await lookAgain(deps, current);
  return { ...counted, kind: 'differs', fields: differs };
}

/**
 * The publisher has to look at the traveller once more: it merges what Concur changed meanwhile, or puts in
 * quarantine, with its reason, what Concur no longer shows.
 */
async function lookAgain(
  deps: MigrationDeps,
  { traveller, state: { target } }: TravellerSync,
): Promise<void> {
  await deps.store.transaction(async (tx) => {
    const [now] = await tx.lock(traveller.entityId, target, onlyIds([traveller.id]));
    if (now === undefined || now.state.publishedVersion < now.traveller.version) return;
    await tx.save([{ state: { ...now.state, publishedVersion: now.traveller.version - 1 } }]);
  });
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
    notTaken: [
      ...(report.notTaken ?? []),
      ...verdicts.flatMap((v) =>
        v.kind === 'equal' && v.notTaken.length > 0
          ? [{ travellerId: v.travellerId, fields: v.notTaken }]
          : [],
      ),
    ],
    missing: [...report.missing, ...ids('missing')],
    unverified: [...report.unverified, ...ids('unverified')],
    notRemovable: report.notRemovable + sum((verdict) => verdict.notRemovable),
    warnings: report.warnings + sum((verdict) => verdict.warnings),
  };
}
