import { type ConcurCards } from '../../concur/card-types';
import { type ConcurProfiles } from '../../concur/types';
import {
  type ConflictEntry,
  type CreateIntent,
  type Entity,
  type FoundItem,
  type ItemOutcome,
  type LockedTraveller,
  type Migration,
  type MigrationCounts,
  type MigrationItem,
  type PollRecord,
  type PullProgress,
  type QuarantineEntry,
  type Reconciliation,
  type ReconciliationItem,
  type ReconciliationProgress,
  type SyncState,
  type Target,
  type Traveller,
  type TravellerSync,
} from '../../hub/types';

/** Time and waiting; virtual in the simulation. */
export interface Clock {
  now(): Date;
  sleep(ms: number): Promise<void>;
}

export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Cryptographically strong in production. */
  bytes(count: number): Uint8Array;
}

export interface Ids {
  next(): string;
}

/** Which records a summary row or a profile might belong to. */
export interface Lookup {
  readonly logins: readonly string[];
  readonly syncIds: readonly string[];
  readonly uuids: readonly string[];
}

/** What is known about a record without opening it; cheap. */
export interface Glimpse {
  readonly travellerId: string;
  readonly locator?: string;
  readonly concurUuid?: string;
  readonly xmlProfileSyncId?: string;
  readonly version: number;
  readonly leaseUntil?: Date;
  readonly concurModifiedAt?: Date;
  readonly concurSeenAt?: Date;
}

/** What one traveller becomes. `traveller` is absent when the content stays. */
export interface SaveTraveller {
  readonly traveller?: Traveller;
  readonly state: SyncState;
}

/**
 * One database transaction; no Concur call happens inside. Rows are locked in a fixed order. A save writes
 * `state.version + 1` and mirrors `traveller.version` into `state.hubVersion`.
 */
export interface SyncTransaction {
  /** Locks and reads travellers by any of their handles (logins compared without case). */
  lock(
    entityId: string,
    target: Target,
    by: Lookup & { readonly travellerIds: readonly string[] },
  ): Promise<LockedTraveller[]>;
  /** Travellers whose hub username is one of these (without case); bound: to a UUID in Concur. */
  travellersByUsername(
    entityId: string,
    usernames: readonly string[],
  ): Promise<{ id: string; username: string; bound: boolean }[]>;
  /** Which of these logins (without case) somebody's intent to create names; the answers are in lower case. */
  loginsBeingCreated(entityId: string, logins: readonly string[]): Promise<string[]>;
  insert(entries: readonly TravellerSync[]): Promise<void>;
  save(entries: readonly SaveTraveller[]): Promise<void>;
  addConflicts(conflicts: readonly ConflictEntry[], at: Date): Promise<void>;
  /** Opens an entry or counts one more attempt on the open one of the same record and direction. */
  quarantine(entries: readonly QuarantineEntry[], at: Date): Promise<void>;
  resolveQuarantine(
    entityId: string,
    records: readonly { travellerId?: string; loginId?: string; direction: 'pull' | 'publish' }[],
    at: Date,
  ): Promise<void>;
  setProgress(entityId: string, progress: PullProgress | undefined): Promise<void>;
  /** Never moves backwards unless `force`. */
  setCursor(entityId: string, cursor: Date, force?: boolean): Promise<void>;
  setLastPoll(entityId: string, poll: PollRecord): Promise<void>;
  setClockSkew(entityId: string, skewMs: number): Promise<void>;
}

/** A lease that has ended is renewed all the same if nobody has taken it since. */
export interface LeaseRenewal {
  readonly holder: string;
  readonly until: Date;
}

export interface SyncStore {
  /** @throws EntityUnknown */
  entity(entityId: string): Promise<Entity>;
  glimpse(entityId: string, target: Target, by: Lookup): Promise<Glimpse[]>;
  /** Open pull quarantines of these logins: login (lower case) → ProfileLastModifiedUTC when it failed. */
  quarantinedLogins(entityId: string, logins: readonly string[]): Promise<Map<string, Date | undefined>>;
  /**
   * Open pull quarantines that a poll should look at again: those whose cause may have passed, and those
   * somebody asked to retry.
   */
  quarantinedForRetry(entityId: string, limit: number): Promise<{ loginId?: string; travellerId?: string }[]>;
  load(entityId: string, target: Target, travellerIds: readonly string[]): Promise<TravellerSync[]>;
  transaction<T>(work: (tx: SyncTransaction) => Promise<T>): Promise<T>;

  clearWake(entityId: string): Promise<void>;
  /**
   * Leases travellers whose hub version is newer than the published one, oldest change first, skipping held,
   * blocked and leased ones. Each lease bumps `version`.
   */
  leaseDirty(
    entityId: string,
    target: Target,
    lease: { holder: string; now: Date; until: Date; limit: number },
  ): Promise<TravellerSync[]>;
  /** Leases one traveller whether dirty or not; undefined when somebody else holds it or it is unknown. */
  lease(
    entityId: string,
    target: Target,
    travellerId: string,
    lease: { holder: string; now: Date; until: Date },
  ): Promise<TravellerSync | undefined>;
  /** False when the lease was lost meanwhile. */
  releaseLease(entityId: string, target: Target, travellerId: string, holder: string): Promise<boolean>;
  /** Right before a write, so that nobody else writes meanwhile; false when the lease was lost. */
  renewLease(entityId: string, target: Target, travellerId: string, lease: LeaseRenewal): Promise<boolean>;
  /** Renews the lease and commits (or with undefined removes) the intent; false when the lease was lost. */
  saveIntent(
    entityId: string,
    target: Target,
    travellerId: string,
    lease: LeaseRenewal,
    intent: CreateIntent | undefined,
  ): Promise<boolean>;
  countDirty(entityId: string, target: Target, now: Date): Promise<{ ready: number; leased: number }>;
  /** HMAC-SHA-256 (hex) under the entity's key, for content hashes that reveal nothing. */
  hash(entityId: string, text: string): Promise<string>;
}

/** Migrations and their items. */
export interface MigrationStore {
  migration(entityId: string, number: number): Promise<Migration>;
  /** Ids of all travellers of the entity after `afterId`, in id order. */
  travellerIds(entityId: string, afterId: string | undefined, limit: number): Promise<string[]>;
  /** Inserts or, while planning, replaces items. */
  putItems(items: readonly MigrationItem[]): Promise<void>;
  /** Create, update and bind items without an outcome, in traveller order. */
  openItems(entityId: string, number: number, limit: number): Promise<MigrationItem[]>;
  finishItem(
    entityId: string,
    number: number,
    travellerId: string,
    result: { outcome: ItemOutcome; detail?: string; replanned: boolean; at: Date },
  ): Promise<void>;
  items(
    entityId: string,
    number: number,
    afterTravellerId: string | undefined,
    limit: number,
  ): Promise<MigrationItem[]>;
  counts(entityId: string, number: number): Promise<MigrationCounts>;
  updateMigration(
    entityId: string,
    number: number,
    change: Partial<
      Pick<
        Migration,
        'state' | 'digest' | 'firstReadAt' | 'plannedAt' | 'approvedAt' | 'completedAt' | 'report' | 'error'
      >
    >,
  ): Promise<Migration>;
}

/** What one step of a reconciliation found; all of it is committed at once. */
export interface ReconciliationStep {
  readonly progress: ReconciliationProgress;
  /** Equal ones are only counted. */
  readonly equal?: number;
  readonly items?: readonly FoundItem[];
  /** Keys of items that were handed to the publisher or the pull. */
  readonly repaired?: readonly string[];
  /** The last step. */
  readonly end?: { readonly state: 'completed' | 'skipped' | 'failed'; readonly error?: string };
}

/** Reconciliations and what they found. */
export interface ReconcileStore {
  reconciliation(entityId: string, number: number): Promise<Reconciliation>;
  /** Ids of all travellers of the entity after `afterId`, in id order, without erased ones. */
  travellerIds(entityId: string, afterId: string | undefined, limit: number): Promise<string[]>;
  /** Open quarantined records of these travellers and logins (without case). */
  troubles(
    entityId: string,
    of: { readonly travellerIds: readonly string[]; readonly logins: readonly string[] },
  ): Promise<
    {
      readonly travellerId?: string;
      readonly login?: string;
      readonly code: string;
      readonly reason: string;
    }[]
  >;
  /** Items that a repair can bring into step and that were not handed on yet, in the order of their keys. */
  repairable(
    entityId: string,
    number: number,
    afterKey: string | undefined,
    limit: number,
  ): Promise<ReconciliationItem[]>;
  /** @throws when somebody else has committed since `current` was read, or it is over */
  commit(
    current: Reconciliation,
    step: ReconciliationStep,
    at: { readonly now: Date },
  ): Promise<Reconciliation>;
}

/** All the engine works with for one entity. */
export interface EngineDeps {
  readonly store: SyncStore;
  readonly concur: ConcurProfiles;
  readonly cards: ConcurCards;
  readonly clock: Clock;
  readonly random: Random;
  readonly ids: Ids;
}

export interface EngineSettings {
  /** How far a poll reaches back, seconds. */
  readonly overlapSeconds: number;
  /** Most Concur calls in flight. */
  readonly concurrency: number;
  /** Poll only the entity's travel config. */
  readonly byTravelConfig: boolean;
  readonly statusFilter?: 'Active=1' | 'Active=0' | 'Status="Active"';
  /**
   * How long a traveller's lease lasts, milliseconds: longer than one call may take, because it is renewed
   * right before a write. After a crash a traveller is free that much later.
   */
  readonly leaseMs: number;
}
