import {
  type ConflictEntry,
  type CreateIntent,
  type Entity,
  type LockedTraveller,
  type PollRecord,
  type PullProgress,
  type QuarantineEntry,
  type SyncState,
  type Target,
  type Traveller,
  type TravellerSync,
} from '../types';

/**
 * What `sync/engine/ports.ts` asks of a store, said again in the hub's words: `hub/` may not import `sync/`.
 * test/unit/hub/ports.test.ts holds the two together at compile time.
 */

export interface Handles {
  readonly logins: readonly string[];
  readonly syncIds: readonly string[];
  readonly uuids: readonly string[];
}

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

export interface Lease {
  readonly holder: string;
  readonly now: Date;
  readonly until: Date;
}

/** Which open quarantine entry is meant. */
export interface QuarantineRecordRef {
  readonly travellerId?: string;
  readonly loginId?: string;
  readonly direction: 'pull' | 'publish';
}

export interface HubTransaction {
  lock(
    entityId: string,
    target: Target,
    by: Handles & { readonly travellerIds: readonly string[] },
  ): Promise<LockedTraveller[]>;
  travellersByUsername(
    entityId: string,
    usernames: readonly string[],
  ): Promise<{ id: string; username: string; bound: boolean }[]>;
  loginsBeingCreated(entityId: string, logins: readonly string[]): Promise<string[]>;
  insert(entries: readonly TravellerSync[]): Promise<void>;
  /** @throws VersionConflict when a state is not at the version it was read at */
  save(entries: readonly { readonly traveller?: Traveller; readonly state: SyncState }[]): Promise<void>;
  addConflicts(conflicts: readonly ConflictEntry[], at: Date): Promise<void>;
  quarantine(entries: readonly QuarantineEntry[], at: Date): Promise<void>;
  resolveQuarantine(entityId: string, records: readonly QuarantineRecordRef[], at: Date): Promise<void>;
  setProgress(entityId: string, progress: PullProgress | undefined): Promise<void>;
  setCursor(entityId: string, cursor: Date, force?: boolean): Promise<void>;
  setLastPoll(entityId: string, poll: PollRecord): Promise<void>;
  setClockSkew(entityId: string, skewMs: number): Promise<void>;
}

export interface SyncRepository {
  entity(entityId: string): Promise<Entity>;
  glimpse(entityId: string, target: Target, by: Handles): Promise<Glimpse[]>;
  quarantinedLogins(entityId: string, logins: readonly string[]): Promise<Map<string, Date | undefined>>;
  /** Open pull entries that may pass by themselves or that somebody asked to retry, least tried first. */
  quarantinedForRetry(entityId: string, limit: number): Promise<{ loginId?: string; travellerId?: string }[]>;
  load(entityId: string, target: Target, travellerIds: readonly string[]): Promise<TravellerSync[]>;
  transaction<T>(work: (tx: HubTransaction) => Promise<T>): Promise<T>;
  clearWake(entityId: string): Promise<void>;
  leaseDirty(
    entityId: string,
    target: Target,
    lease: Lease & { readonly limit: number },
  ): Promise<TravellerSync[]>;
  lease(
    entityId: string,
    target: Target,
    travellerId: string,
    lease: Lease,
  ): Promise<TravellerSync | undefined>;
  releaseLease(entityId: string, target: Target, travellerId: string, holder: string): Promise<boolean>;
  saveIntent(
    entityId: string,
    target: Target,
    travellerId: string,
    lease: Pick<Lease, 'holder' | 'until'>,
    intent: CreateIntent | undefined,
  ): Promise<boolean>;
  renewLease(
    entityId: string,
    target: Target,
    travellerId: string,
    lease: Pick<Lease, 'holder' | 'until'>,
  ): Promise<boolean>;
  countDirty(entityId: string, target: Target, now: Date): Promise<{ ready: number; leased: number }>;
  hash(entityId: string, text: string): Promise<string>;
}
