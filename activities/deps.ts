import { type Logger } from 'pino';
import { type LoopControl, type WorkflowEngine } from '../client';
import { type ConcurCards } from '../concur/card-types';
import { type Connection } from '../concur/connection';
import { type ConcurProfiles } from '../concur/types';
import { type ConcurUsers } from '../concur/users';
import { type HubStore } from '../hub';
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
  /** Posts an event to NOTIFY_WEBHOOK_URL; absent without one. */
  readonly notify?: (event: Readonly<Record<string, unknown>>) => Promise<void>;
}
