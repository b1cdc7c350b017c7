import { type ActivitySettings } from '../activities';
import { type StartInputs } from '../client';
import { type Settings } from '../config';
import { type HubStore } from '../hub';
import { type Migration, type Stage } from '../hub/types';
import { autoSpreadSeconds } from '../sync/model/poll-slots';
import { type MigrationInput } from '../workflows/messages';
import { isOver, lifecycleState } from './lifecycle-state';

/** Stages in which nothing is begun any more. */
const LEAVING: ReadonlySet<Stage> = new Set(['offboarding', 'offboarded']);

/** What workflows are started with, read from SQL: whatever was lost of Temporal can be started again. */
export function startInputs(store: HubStore, settings: Settings): StartInputs {
  return {
    async lifecycle(entityId) {
      const entity = await store.entities.get(entityId);
      const migrations = await store.migrations.list(entityId);
      return {
        entityId,
        reminderMinutes: settings.REQUEST_TOKEN_REMINDERS_MINUTES,
        refreshIntervalMinutes: settings.REFRESH_INTERVAL_MINUTES,
        state: await lifecycleState(store, entity, migrations, settings.SUPPORT_HOURS),
      };
    },

    async poll(entityId) {
      const entity = await store.entities.get(entityId);
      const spread = settings.POLL_SPREAD_SECONDS;
      return {
        entityId,
        minutes: entity.pollMinutes ?? settings.POLL_MINUTES,
        spreadSeconds: spread === 'auto' ? autoSpreadSeconds(await entityCount(store)) : spread,
      };
    },

    async switches(entityId) {
      const { stage, interfaceOn, pollingOn } = await store.entities.get(entityId);
      return { active: stage === 'active', poll: interfaceOn && pollingOn, publish: interfaceOn };
    },

    async migration(entityId, number) {
      const migration = await store.migrations.migration(entityId, number);
      const { stage } = await store.entities.get(entityId);
      return isOver(migration) || LEAVING.has(stage) ? undefined : migrationInput(migration);
    },
  };
}

/**
 * Where a migration goes on. What was planned, executed and verified stands with its items and its report, so
 * nothing is done twice; an unfinished plan is made again from the first traveller on, which only reads.
 */
function migrationInput({ entityId, number, strategy, ...known }: Migration): MigrationInput {
  const { state, digest, approvedAt, counts } = known;
  if (state === 'planning') return { entityId, number, strategy };
  const progress = { state, digest, counts, approved: approvedAt !== undefined };
  return { entityId, number, strategy, progress };
}

async function entityCount(store: HubStore): Promise<number> {
  const totals = await store.fleet.totals();
  return totals.reduce((sum, { entities }) => sum + entities, 0);
}

/** A call may take the time-out; our own work around it takes far less than this. */
const LEASE_MARGIN_MS = 15_000;

/** The settings as activities hand them on. */
export function activitySettings(settings: Settings): ActivitySettings {
  const filter = settings.POLL_STATUS_FILTER;
  return {
    engine: {
      overlapSeconds: settings.POLL_OVERLAP_SECONDS,
      concurrency: settings.CONCUR_CONCURRENCY,
      byTravelConfig: settings.POLL_BY_TRAVEL_CONFIG,
      ...(filter === 'none' ? {} : { statusFilter: filter }),
      leaseMs: settings.CONCUR_TIMEOUT_MS + LEASE_MARGIN_MS,
    },
    pollMinutes: settings.POLL_MINUTES,
    pollSpreadSeconds: settings.POLL_SPREAD_SECONDS,
    callJournalDays: settings.CALL_JOURNAL_DAYS,
    reconciliationDays: settings.RECONCILIATION_DAYS,
  };
}
