import { type ProfileSections, type ProfileStatus, type SectionName, type UnknownElement } from '../profile';

export * from './reconciliation-types';

/** Systems a traveller is kept in step with. */
export type Target = 'concur' | 'amadeus-csx';

export type Strategy = 'publish' | 'merge' | 'import' | 'none';
export type ConflictWord = 'hub-wins' | 'concur-wins' | 'newest-wins' | 'hub-owned' | 'concur-owned';
export interface ConflictRule {
  readonly default: ConflictWord;
  readonly sections?: Partial<Record<SectionName, ConflictWord>>;
}

export type Stage =
  | 'requested'
  | 'awaiting-request-token'
  | 'exchanging'
  | 'migrating'
  | 'active'
  | 'paused'
  | 'needs-reauthorisation'
  | 'offboarding'
  | 'offboarded';
/** Steps before there is a request token (docs/concur.md §8). */
export type Preparation = 'approval' | 'case' | 'token';
export type Health = 'ok' | 'degraded' | 'failing';

export interface EntityIds {
  readonly outtaskId?: string;
  readonly companyId?: string;
  readonly siteId?: string;
  readonly vendorSiteIds?: readonly string[];
}

export interface GdsBinding {
  readonly system: 'amadeus-csx';
  readonly officeId: string;
  readonly companyLocator: string;
}

/**
 * What is switched on before an entity is connected (docs/concur.md §8): an agency's values are those of its
 * new entities.
 */
export interface Switches {
  /** False: nothing is sent to Concur but what keeps the connection alive. */
  readonly interfaceOn: boolean;
  /** False: changes in Concur are not read. */
  readonly pollingOn: boolean;
}

/** What a caller decides about an entity; switches that are absent are those of the agency. */
export interface EntityDefinition extends Partial<Switches> {
  readonly id: string;
  readonly agencyId: string;
  readonly name: string;
  readonly companyUuid: string;
  readonly travelConfigId: string;
  readonly ids: EntityIds;
  readonly strategy?: Strategy;
  readonly conflictRule: ConflictRule;
  readonly unknownProfiles: 'create' | 'hold';
  readonly apiVersion: 1 | 2;
  readonly gds?: GdsBinding;
  /** Minutes of the hour (UTC); absent: the setting POLL_MINUTES. */
  readonly pollMinutes?: readonly number[];
}

/** Outcome of the last poll, as the API shows it. */
export interface PollRecord {
  readonly requestId?: string;
  readonly startedAt: string;
  readonly finishedAt?: string;
  readonly seen: number;
  readonly changed: number;
  readonly quarantined: number;
  readonly error?: string;
}

/** What the workflows decided, projected into SQL. */
export interface EntityState {
  readonly stage: Stage;
  readonly health: Health;
  readonly healthReason?: string;
  /** In words: whose turn it is. */
  readonly waitingFor?: string;
  /** The step before the request token that is under way, as somebody noted it; none once a window is open. */
  readonly preparation?: Preparation;
  readonly requestTokenIssuedAt?: Date;
  readonly requestTokenExpiresAt?: Date;
  readonly refreshTokenExpiresAt?: Date;
  readonly geolocation?: string;
  readonly scopes: readonly string[];
  readonly lastPoll?: PollRecord;
  readonly nextPollAt?: Date;
  /** Concur's clock minus ours, milliseconds, as last measured. */
  readonly clockSkewMs: number;
}

export interface Entity extends Omit<EntityDefinition, keyof Switches>, EntityState, Switches {
  /** Polls ask for what changed after this instant of Concur's clock; absent before the first migration. */
  readonly cursor?: Date;
  readonly progress?: PullProgress;
  /** True since the first change after the last drain. */
  readonly wake: boolean;
  readonly createdAt: Date;
}

/** Where a pull stands; committed with each page's rows. */
export interface PullProgress {
  /** What the list is asked for, ISO instant of Concur's clock. */
  readonly since: string;
  /** 0 for the first pass, then the verify passes. */
  readonly pass: number;
  /** Next page to read, from 1. */
  readonly page: number;
  /** `Date` header of the first page of the first pass, ISO. */
  readonly startedAt?: string;
  /** True when a verify pass must follow: more than one page, or a crash in between. */
  readonly verify: boolean;
  /** Rows of this pass that had not been seen before. */
  readonly unseen: number;
  readonly seen: number;
  readonly changed: number;
  readonly quarantined: number;
}

/** One side's content, as far as it takes part in synchronisation. */
export interface Image {
  readonly status: ProfileStatus;
  readonly sections: ProfileSections;
}

export interface Traveller extends Image {
  readonly entityId: string;
  readonly id: string;
  readonly username: string;
  readonly unknown: readonly UnknownElement[];
  /** Rises with every change of the content. */
  readonly version: number;
  readonly changedAt: Date;
  readonly createdAt: Date;
}

/** Committed before a Create is sent, so that a lost answer does not make a second profile. */
export interface CreateIntent {
  readonly login: string;
  /** HMAC of names, employee id and e-mail as they were about to be sent: what an adoption must equal. */
  readonly identityHash: string;
  readonly at: string;
}

/** A field that Concur did not take, or cannot be told to remove. Holds no value of the field. */
export interface FieldNote {
  /** W-code, or `not-removable`, `not-accepted`. */
  readonly code: string;
  /** Concur's path, e.g. `Telephones/CountryCode`. */
  readonly field: string;
  readonly reason: string;
  readonly correlationId?: string;
  readonly at: string;
}

/** How one traveller stands with one target. */
export interface SyncState {
  readonly entityId: string;
  readonly travellerId: string;
  readonly target: Target;
  /** The Concur login (or CSX locator) the traveller is bound to. */
  readonly locator?: string;
  readonly concurUuid?: string;
  readonly xmlProfileSyncId?: string;
  /** Both sides as they were at the last sync; absent before the first. */
  readonly baseHub?: Image;
  readonly baseConcur?: Image;
  /** Copy of the traveller's version, kept in the same transaction. */
  readonly hubVersion: number;
  readonly publishedVersion: number;
  /** Version at which publishing was quarantined; a newer one is tried again. */
  readonly blockedVersion?: number;
  /** Held for review: neither published nor changed by a pull. */
  readonly held: boolean;
  /** Rises with every commit and every lease; whoever noted it before a read sees whether it moved. */
  readonly version: number;
  readonly leaseHolder?: string;
  readonly leaseUntil?: Date;
  readonly createIntent?: CreateIntent;
  /** W-codes, not-removable and not-accepted fields of the last publish. */
  readonly notes: readonly FieldNote[];
  /** ProfileLastModifiedUTC of the content in `baseConcur`. */
  readonly concurModifiedAt?: Date;
  /** Concur's clock when that content was read. */
  readonly concurSeenAt?: Date;
  readonly lastPublishedAt?: Date;
  readonly lastPulledAt?: Date;
}

export interface TravellerSync {
  readonly traveller: Traveller;
  readonly state: SyncState;
}

/** As a transaction has locked it. */
export interface LockedTraveller extends TravellerSync {
  /** Whether an entry of its publish is open. */
  readonly publishQuarantined: boolean;
}

export type Direction = 'pull' | 'publish';

/** Why one record cannot be synchronised; open until resolved. */
export interface QuarantineEntry {
  readonly entityId: string;
  readonly travellerId?: string;
  readonly loginId?: string;
  readonly direction: Direction;
  readonly code: string;
  readonly field?: string;
  /** In words, without personal data. */
  readonly reason: string;
  /** Concur's own text; stored sealed. */
  readonly message?: string;
  readonly correlationId?: string;
  /** ProfileLastModifiedUTC of the row that could not be read, so that a poll knows it has seen it. */
  readonly concurModifiedAt?: Date;
  /** The cause may pass by itself: the next poll looks again. */
  readonly transient?: boolean;
}

/** The value that lost where both sides had changed the same thing. */
export interface ConflictEntry {
  readonly entityId: string;
  readonly travellerId: string;
  readonly section: string;
  /** Slot of the value, may hold a document number: stored sealed. */
  readonly slot: string;
  readonly hubValue?: unknown;
  readonly concurValue?: unknown;
  readonly winner: 'hub' | 'concur';
}

export type MigrationStateName =
  | 'planning'
  | 'awaiting-approval'
  | 'executing'
  | 'verifying'
  | 'awaiting-final-approval'
  | 'completed'
  | 'rejected'
  | 'cancelled'
  | 'failed';

export type ItemAction = 'create' | 'update' | 'bind' | 'unchanged' | 'refused';
export type ItemOutcome = 'done' | 'quarantined' | 'needs-approval' | 'skipped';

export interface MigrationCounts {
  readonly create: number;
  readonly update: number;
  readonly bind: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly done: number;
  readonly quarantined: number;
  readonly needsApproval: number;
  readonly skipped: number;
}

export interface Migration {
  readonly entityId: string;
  readonly number: number;
  readonly strategy: Strategy;
  readonly state: MigrationStateName;
  readonly digest?: string;
  readonly counts: MigrationCounts;
  /** `Date` header of the migration's first read of Concur; the first cursor comes from it. */
  readonly firstReadAt?: Date;
  readonly plannedAt?: Date;
  readonly approvedAt?: Date;
  readonly completedAt?: Date;
  readonly report?: MigrationReport;
  readonly error?: string;
  readonly createdAt: Date;
}

export interface MigrationReport {
  /** Verified up to and with this traveller; absent before the first chunk. */
  readonly through?: string;
  readonly verified: number;
  readonly equal: number;
  readonly differs: readonly { readonly travellerId: string; readonly fields: readonly string[] }[];
  /** Fields that differ because Concur would not take or not remove them; counted as equal otherwise. */
  readonly notTaken?: readonly { readonly travellerId: string; readonly fields: readonly string[] }[];
  readonly missing: readonly string[];
  readonly unverified: readonly string[];
  readonly notRemovable: number;
  readonly warnings: number;
}

export interface MigrationItem {
  readonly entityId: string;
  readonly migrationNumber: number;
  readonly travellerId: string;
  readonly action: ItemAction;
  /** For refused items: stable code and words. */
  readonly code?: string;
  readonly reason?: string;
  /** The planned write without password; absent where nothing is sent. Stored sealed. */
  readonly plan?: unknown;
  /** HMAC of the plan's canonical JSON; what the digest is made of. */
  readonly planHash: string;
  readonly outcome?: ItemOutcome;
  readonly detail?: string;
  /** The ground had moved and the new plan cleared or overwrote nothing more. */
  readonly replanned: boolean;
}

export interface EventRecord {
  readonly id: string;
  readonly entityId: string;
  readonly at: Date;
  readonly kind: string;
  /** In words, without personal data. */
  readonly message: string;
  readonly dueAt?: Date;
}

/** A command that was accepted by the API and must reach its workflow. */
export interface RequestRecord {
  readonly id: string;
  readonly entityId: string;
  readonly kind: string;
  /** Ids and flags only. */
  readonly payload: Readonly<Record<string, unknown>>;
  readonly createdAt: Date;
  readonly deliveredAt?: Date;
  readonly attempts: number;
  readonly lastError?: string;
  /** Its workflow had it and refused it for good. */
  readonly refusal?: RequestRefusal;
}

export interface RequestRefusal {
  /** Stable code, as the API would have answered it. */
  readonly code: string;
  /** In words, without personal data. */
  readonly reason: string;
}
