import { type MigrationCounts } from '../hub/types';
import { completeMigration, executeChunk, verifyChunk } from '../sync/engine/migrate-execute';
import {
  finishPlan,
  type MigrationDeps,
  type MigrationRef,
  planChunk,
  startPlan,
} from '../sync/engine/migrate';
import { type ActivityDeps } from './deps';
import { translated } from './failures';
import { engineDeps } from './sync';

/** The steps of a migration; each commits what it did, so that the next attempt goes on from there. */
export interface MigrationActivities {
  planChunk(
    input: MigrationRef & { after?: string; limit: number },
  ): Promise<{ next?: string; counts: MigrationCounts }>;
  finishPlan(input: MigrationRef): Promise<{ digest: string }>;
  beginExecution(input: MigrationRef): Promise<void>;
  executeChunk(
    input: MigrationRef & { limit: number },
  ): Promise<{ claimed: number; open: number; counts: MigrationCounts }>;
  beginVerification(input: MigrationRef): Promise<void>;
  verifyChunk(input: MigrationRef & { limit: number }): Promise<{ next?: string }>;
  completeMigration(input: MigrationRef): Promise<void>;
  closeMigration(input: MigrationRef & { state: 'rejected' | 'cancelled' }): Promise<void>;
}

export function createMigrationActivities(deps: ActivityDeps): MigrationActivities {
  const { store, clock, settings } = deps;
  const forEntity = (entityId: string): MigrationDeps => ({
    ...engineDeps(deps, entityId),
    migrations: store.migrations,
  });
  const countsOf = ({ entityId, number }: MigrationRef) => store.migrations.counts(entityId, number);
  return {
    planChunk: ({ after, limit, ...ref }) =>
      translated(async () => {
        const work = forEntity(ref.entityId);
        await startPlan(work, ref);
        const { next } = await planChunk(work, settings.engine, ref, after, limit);
        return { counts: await countsOf(ref), ...(next === undefined ? {} : { next }) };
      }),

    finishPlan: (ref) =>
      translated(async () => {
        const digest = await finishPlan(forEntity(ref.entityId), ref);
        await tellWaiting(deps, ref, `Support: review the plan of migration ${ref.number} and approve it.`);
        return { digest };
      }),

    beginExecution: (ref) =>
      translated(async () => {
        const approvedAt = clock.now();
        await store.migrations.updateMigration(ref.entityId, ref.number, { state: 'executing', approvedAt });
        await tellWaiting(deps, ref, 'Nobody: the travellers are being published.');
      }),

    executeChunk: ({ limit, ...ref }) =>
      translated(async () => {
        const { claimed } = await executeChunk(forEntity(ref.entityId), settings.engine, ref, limit);
        const counts = await countsOf(ref);
        const due = counts.create + counts.update + counts.bind;
        const open = due - counts.done - counts.quarantined - counts.needsApproval - counts.skipped;
        return { claimed, open, counts };
      }),

    beginVerification: (ref) =>
      translated(async () => {
        await store.migrations.updateMigration(ref.entityId, ref.number, { state: 'verifying' });
        await tellWaiting(deps, ref, 'Nobody: every profile is read back and compared.');
      }),

    verifyChunk: ({ limit, ...ref }) =>
      translated(async () => {
        const { next } = await verifyChunk(forEntity(ref.entityId), settings.engine, ref, limit);
        return next === undefined ? {} : { next };
      }),

    completeMigration: (ref) =>
      translated(() => completeMigration(forEntity(ref.entityId), settings.engine, ref)),

    closeMigration: ({ state, ...ref }) =>
      translated(async () => {
        await store.migrations.updateMigration(ref.entityId, ref.number, { state, completedAt: clock.now() });
        await tellWaiting(
          deps,
          ref,
          `Support: migration ${ref.number} was ${state}. Plan another one when ready.`,
        );
      }),
  };
}

/** During the first migration the entity itself waits for the same person as the migration. */
async function tellWaiting(
  deps: ActivityDeps,
  { entityId }: MigrationRef,
  waitingFor: string,
): Promise<void> {
  const { stage } = await deps.store.entities.get(entityId);
  if (stage === 'migrating') await deps.store.entities.setState(entityId, { waitingFor });
}
