import { type MigrationCounts, type MigrationReport } from '../hub/types';
import { completeMigration, executeChunk } from '../sync/engine/migrate-execute';
import { verifyChunk } from '../sync/engine/migrate-verify';
import {
  finishPlan,
  type MigrationDeps,
  type MigrationRef,
  planChunk,
  startPlan,
} from '../sync/engine/migrate';
import { alive } from './alive';
import { type ActivityDeps } from './deps';
import { translated } from './failures';
import { engineDeps, wakeIfDirty } from './sync';

/** The steps of a migration; each commits what it did, so that the next attempt goes on from there. */
export interface MigrationActivities {
  planChunk(
    input: MigrationRef & { after?: string; limit: number },
  ): Promise<{ next?: string; counts: MigrationCounts }>;
  finishPlan(input: MigrationRef): Promise<{ digest: string }>;
  beginExecution(input: MigrationRef): Promise<void>;
  executeChunk(
    input: MigrationRef & { limit: number },
  ): Promise<{ finished: number; open: number; counts: MigrationCounts }>;
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
      working(async () => {
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
      working(async () => {
        const { finished } = await executeChunk(forEntity(ref.entityId), settings.engine, ref, limit);
        const counts = await countsOf(ref);
        const due = counts.create + counts.update + counts.bind;
        const open = due - counts.done - counts.quarantined - counts.needsApproval - counts.skipped;
        return { finished, open, counts };
      }),

    beginVerification: (ref) =>
      translated(async () => {
        await store.migrations.updateMigration(ref.entityId, ref.number, { state: 'verifying' });
        await tellWaiting(deps, ref, 'Nobody: every profile is read back and compared.');
      }),

    verifyChunk: ({ limit, ...ref }) =>
      working(async () => {
        const { next } = await verifyChunk(forEntity(ref.entityId), settings.engine, ref, limit);
        // An active entity's publisher looks at what the verification found; a new one's starts with it.
        await wakeIfDirty(deps, ref.entityId);
        return next === undefined ? {} : { next };
      }),

    completeMigration: (ref) =>
      translated(async () => {
        const { state, report } = await store.migrations.migration(ref.entityId, ref.number);
        if (state === 'completed') return;
        await store.events.add({
          id: deps.ids.next(),
          entityId: ref.entityId,
          at: clock.now(),
          kind: 'migration-completed',
          message: resultInWords(ref.number, await countsOf(ref), report),
        });
        await completeMigration(forEntity(ref.entityId), settings.engine, ref);
      }),

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

function resultInWords(number: number, counts: MigrationCounts, report: MigrationReport | undefined): string {
  const done = `Migration ${number} is completed: ${counts.done + counts.unchanged} travellers done`;
  const open: [string, number][] = [
    ['refused by the checks', counts.refused],
    ['quarantined', counts.quarantined],
    ['waiting for another approval', counts.needsApproval],
    ['missing in Concur', report?.missing.length ?? 0],
    ['different in Concur', report?.differs.length ?? 0],
  ];
  const notTaken = report?.notTaken?.length ?? 0;
  if (notTaken > 0) open.push(['equal but for fields that Concur would not take', notTaken]);
  const named = open.filter(([, count]) => count > 0).map(([words, count]) => `${count} ${words}`);
  return named.length === 0 ? `${done}, all equal.` : `${done}; ${named.join(', ')}: see its report.`;
}

/** Work of many calls. */
function working<T>(work: () => Promise<T>): Promise<T> {
  return translated(() => alive(work));
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
