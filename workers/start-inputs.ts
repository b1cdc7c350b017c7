import { type ActivitySettings } from '../activities';
import { type StartInputs } from '../client';
import { type Settings } from '../config';
import { type HubStore } from '../hub';
import { type Entity } from '../hub/types';
import { autoSpreadSeconds } from '../sync/model/poll-slots';
import { type LifecycleState } from '../workflows/messages';

/** What workflows are started with, read from SQL: whatever was lost of Temporal can be started again. */
export function startInputs(store: HubStore, settings: Settings): StartInputs {
  return {
    async lifecycle(entityId) {
      const entity = await store.entities.get(entityId);
      const migrations = await store.migrations.list(entityId);
      const migrated = migrations.some((migration) => migration.state === 'completed');
      const open = migrations.find(
        ({ state }) => !['completed', 'rejected', 'cancelled', 'failed'].includes(state),
      );
      return {
        entityId,
        reminderMinutes: settings.REQUEST_TOKEN_REMINDERS_MINUTES,
        refreshIntervalMinutes: settings.REFRESH_INTERVAL_MINUTES,
        state: lifecycleStateOf(entity, migrated, open?.number),
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

    async migration(entityId, number) {
      const { strategy } = await store.migrations.migration(entityId, number);
      return { strategy };
    },
  };
}

async function entityCount(store: HubStore): Promise<number> {
  const totals = await store.fleet.totals();
  return totals.reduce((sum, { entities }) => sum + entities, 0);
}

/** A request token that was being exchanged lies in the vault no more: such an entity waits for a token. */
function lifecycleStateOf(entity: Entity, migrated: boolean, migration: number | undefined): LifecycleState {
  const { requestTokenIssuedAt: issuedAt, requestTokenExpiresAt: expiresAt } = entity;
  const window =
    issuedAt === undefined || expiresAt === undefined
      ? undefined
      : { issuedAt: issuedAt.getTime(), expiresAt: expiresAt.getTime() };
  const stage = entity.stage === 'exchanging' ? 'awaiting-request-token' : entity.stage;
  return {
    stage: stage === 'awaiting-request-token' && window === undefined ? 'requested' : stage,
    strategy: entity.strategy,
    window,
    migrated,
    migration,
    paused: entity.stage === 'paused',
    waitingFor: entity.waitingFor,
    refreshTokenExpiresAt: entity.refreshTokenExpiresAt?.getTime(),
  };
}

/** The settings as activities hand them on. */
export function activitySettings(settings: Settings): ActivitySettings {
  const filter = settings.POLL_STATUS_FILTER;
  return {
    engine: {
      overlapSeconds: settings.POLL_OVERLAP_SECONDS,
      concurrency: settings.CONCUR_CONCURRENCY,
      byTravelConfig: settings.POLL_BY_TRAVEL_CONFIG,
      ...(filter === 'none' ? {} : { statusFilter: filter }),
      // Read, write and read-back, each within the time-out, and room for the queue in front of them.
      leaseMs: Math.max(60_000, settings.CONCUR_TIMEOUT_MS * 5),
    },
    pollMinutes: settings.POLL_MINUTES,
    pollSpreadSeconds: settings.POLL_SPREAD_SECONDS,
    callJournalDays: settings.CALL_JOURNAL_DAYS,
  };
}
