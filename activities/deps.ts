import { type Logger } from 'pino';
import { type LoopControl, type WorkflowEngine } from '../client';
import { type ConcurCards } from '../concur/card-types';
import { type Connection } from '../concur/connection';
import { type ConcurProfiles } from '../concur/types';
import { type ConcurUsers } from '../concur/users';
import { type HubStore } from '../hub';
import { type FailureClass } from '../sync/engine/failures';
import { type Clock, type EngineSettings, type Ids, type Random } from '../sync/engine/ports';

/** One entity's way to Concur. */
export interface ConcurAccess {
  readonly profiles: ConcurProfiles;
  readonly cards: ConcurCards;
  readonly users: ConcurUsers;
  readonly connection: Connection;
}

/** Settings that activities hand on to workflows and to the engine. */
export interface ActivitySettings {
  readonly engine: EngineSettings;
  /** Minutes of the hour (UTC) for entities that name none themselves. */
  readonly pollMinutes: readonly number[];
  /** Seconds, or from the number of entities. */
  readonly pollSpreadSeconds: number | 'auto';
  readonly callJournalDays: number;
  readonly reconciliationDays: number;
}

/** How a piece of work ended: done, or the class of the failure that it ends with. */
export type WorkOutcome = 'ok' | FailureClass | 'unknown';

/** What is counted of the work (docs/metrics.md). Must not throw. */
export interface ActivityMetrics {
  pollEnded(poll: {
    /** `unsettled`: the list kept moving, and the next poll reads the same period again. */
    readonly outcome: WorkOutcome | 'unsettled';
    readonly durationMs: number;
    /** How long after its turn it began; absent for a poll that somebody asked for. */
    readonly lagMs?: number;
    /** Absent for a poll that failed. */
    readonly result?: Readonly<Record<'seen' | 'changed' | 'quarantined', number>>;
  }): void;
  drainEnded(drain: {
    readonly outcome: WorkOutcome;
    /** Absent for a drain that failed. */
    readonly result?: Readonly<Record<'published' | 'unchanged' | 'quarantined', number>>;
  }): void;
  /** A traveller's last change in the hub has arrived in Concur, so long after it was made. */
  published(latencyMs: number): void;
}

/** Everything that activities touch; put together by the worker. */
export interface ActivityDeps {
  readonly store: HubStore;
  readonly concur: (entityId: string) => ConcurAccess;
  readonly engine: WorkflowEngine & LoopControl;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
  readonly settings: ActivitySettings;
  readonly log: Logger;
  readonly metrics: ActivityMetrics;
  /** Posts an event to NOTIFY_WEBHOOK_URL; absent without one. */
  readonly notify?: (event: Readonly<Record<string, unknown>>) => Promise<void>;
}
