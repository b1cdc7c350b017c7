import {
  type Direction,
  type Entity,
  type EntityDefinition,
  type EntityState,
  type Health,
  type Stage,
  type Switches,
} from '../types';
import { type At, type ChangeOf, type Page, type PageQuery } from './paging';

/** Each traveller once: travellers = synced + pending + quarantined + held + inactive; conflicts beside it. */
export interface EntityCounts {
  readonly travellers: number;
  readonly synced: number;
  readonly pending: number;
  readonly quarantined: number;
  readonly held: number;
  readonly inactive: number;
  readonly conflicts: number;
}

/** What a caller may change about an entity; `null` clears. */
export type EntityPatch = ChangeOf<Omit<EntityDefinition, 'id' | 'agencyId' | keyof Switches>> &
  Partial<Switches>;

/** What a workflow projects; `null` clears. */
export type EntityStateChange = ChangeOf<EntityState>;

export interface RewrappedKeys {
  readonly rewrapped: number;
  /** Of all entities, data keys that another key than the active one wraps. */
  readonly remaining: number;
  readonly activeKeyId: string;
  /** Entities of this batch whose data key does not open: the key that wraps it is not in the ring. */
  readonly unreadable: readonly string[];
  /** Where to go on; absent at the end. */
  readonly next?: string;
}

export interface Entities {
  /**
   * Creates the entity with its data key, in stage `requested`. The same definition again changes nothing.
   * The agency is created when it is not known yet; switches that the definition leaves out are the agency's.
   * @throws EntityConflict when the id exists with another definition
   */
  create(definition: EntityDefinition, at: At): Promise<{ created: boolean; entity: Entity }>;
  /** @throws EntityUnknown */
  get(id: string): Promise<Entity>;
  find(id: string): Promise<Entity | undefined>;
  list(query: PageQuery & { readonly stage?: Stage }): Promise<Page<Entity>>;
  /** A GDS binding set here gives every traveller its sync state for that target. @throws EntityUnknown */
  patch(id: string, change: EntityPatch): Promise<Entity>;
  /** Projection of what a workflow decided. @throws EntityUnknown */
  setState(id: string, change: EntityStateChange): Promise<Entity>;
  /** Sets the wake flag; true for the one caller that turned it on and must signal the publisher. */
  setWake(id: string, at: At): Promise<boolean>;
  clearWake(id: string): Promise<void>;
  counts(id: string): Promise<EntityCounts>;
  /** Counts of several entities with one query; entities without travellers have zeros. */
  countsOf(ids: readonly string[]): Promise<Map<string, EntityCounts>>;
  /**
   * Offboarding with erasure: every traveller's personal data, all tokens and texts go, and the data key is
   * destroyed, so that no sealed value that was copied out of the database can be opened any more.
   */
  shred(id: string, at: At): Promise<void>;
  /**
   * Wraps data keys that an older ring key wraps with the active one, `limit` at a time in the order of ids,
   * from behind `after`. What it has done stays done; whoever comes again finds the rest.
   */
  rewrapKeys(query: { readonly limit: number; readonly after?: string }): Promise<RewrappedKeys>;
}

/**
 * Questions of the sweeper that runs every minute. All answers are entity ids, in id order. A direction that is
 * switched off is not looked after.
 */
export interface Fleet {
  /** Woken before that instant and not drained since: the signal may have been lost. */
  wokenBefore(instant: Date, limit: number): Promise<string[]>;
  /** Active entities with publishable rows although nobody was woken (a lease ended, a pull merged). */
  dirtyNotWoken(now: Date, limit: number): Promise<string[]>;
  /** Active entities whose last poll finished before that instant, or that never polled. */
  polledBefore(instant: Date, limit: number): Promise<string[]>;
  inStage(stage: Stage, query: PageQuery): Promise<Page<string>>;
  /** All that are not offboarded: each must have a lifecycle workflow. */
  ids(query: PageQuery): Promise<Page<string>>;
  /** Migrations that are not over, in the order of their entities; none of entities that leave or have left. */
  openMigrations(query: PageQuery): Promise<Page<{ readonly entityId: string; readonly number: number }>>;
  /** Entities per stage and health. */
  totals(): Promise<readonly FleetTotal[]>;
  /** The whole fleet in one statement, so that its numbers belong together. Reads the state of every traveller. */
  status(): Promise<FleetStatus>;
  /** What is watched from outside. Reads the state of every traveller, in a few statements. */
  figures(now: Date): Promise<FleetFigures>;
}

export interface FleetTotal {
  readonly stage: Stage;
  readonly health: Health;
  readonly entities: number;
}

export interface FleetStatus {
  readonly totals: readonly FleetTotal[];
  /** Of entities that are not offboarded. */
  readonly travellers: EntityCounts;
  /** Open quarantined records, those without a traveller included. */
  readonly quarantined: number;
}

/** Numbers that alert rules are made of. Directions that are switched off and entities that left do not count. */
export interface FleetFigures extends Omit<FleetStatus, 'quarantined'> {
  /** Open quarantined records per direction, those without a traveller included. */
  readonly quarantined: Readonly<Record<Direction, number>>;
  /** When the oldest change was made that may be published and is not; absent: all is published. */
  readonly dirtySince?: Date;
  /** Active entities whose last poll ended more than {@link POLL_OVERDUE_MS} ago. */
  readonly overduePolls: number;
  /** Of entities that are migrating, active or paused: each token in one class. */
  readonly refreshTokens: {
    readonly within1: number;
    readonly within7: number;
    readonly within30: number;
    readonly later: number;
    /** When the first of them lapses. */
    readonly first?: Date;
  };
  /** Commands that Temporal has not taken yet. */
  readonly undelivered: number;
}

/** Two slots of fifteen minutes, and the spread. */
export const POLL_OVERDUE_MS = 45 * 60_000;

/** What new entities of an agency begin with. */
export interface Agency extends Switches {
  readonly id: string;
  readonly name: string;
  readonly createdAt: Date;
}

export type AgencyPatch = Partial<Pick<Agency, 'name' | keyof Switches>>;

export interface Agencies {
  /** Creates the agency, with everything switched on, or leaves it as it is. */
  ensure(agency: { readonly id: string; readonly name: string }, at: At): Promise<Agency>;
  /** Counts for entities that are created from now on. @throws AgencyUnknown */
  patch(id: string, change: AgencyPatch): Promise<Agency>;
  get(id: string): Promise<Agency | undefined>;
  list(query: PageQuery): Promise<Page<Agency>>;
}
