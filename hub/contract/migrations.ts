import {
  type ItemAction,
  type ItemOutcome,
  type Migration,
  type MigrationCounts,
  type MigrationItem,
  type Strategy,
} from '../types';
import { type At, type Page } from './paging';

export type MigrationChange = Partial<
  Pick<
    Migration,
    'state' | 'digest' | 'firstReadAt' | 'plannedAt' | 'approvedAt' | 'completedAt' | 'report' | 'error'
  >
>;

export interface ItemQuery {
  /** Traveller id after which the page starts. */
  readonly cursor?: string;
  readonly limit: number;
  /** `open`: items that still have no outcome. */
  readonly outcome?: ItemOutcome | 'open';
  readonly action?: ItemAction;
}

export interface Migrations {
  /**
   * Opens the next migration in state `planning`.
   * @throws MigrationOpen while another one of the entity is open, EntityUnknown
   */
  create(entityId: string, strategy: Strategy, at: At): Promise<Migration>;
  /** @throws MigrationUnknown */
  migration(entityId: string, number: number): Promise<Migration>;
  find(entityId: string, number: number): Promise<Migration | undefined>;
  /** The one that is open, or else the newest. */
  latest(entityId: string): Promise<Migration | undefined>;
  /** Newest first; an entity has few. */
  list(entityId: string): Promise<Migration[]>;
  travellerIds(entityId: string, afterId: string | undefined, limit: number): Promise<string[]>;
  /** @throws MigrationNotPlanning when the plan is not being made any more */
  putItems(items: readonly MigrationItem[]): Promise<void>;
  /** Create, update and bind items without an outcome, in traveller order. */
  openItems(entityId: string, number: number, limit: number): Promise<MigrationItem[]>;
  finishItem(
    entityId: string,
    number: number,
    travellerId: string,
    result: {
      readonly outcome: ItemOutcome;
      readonly detail?: string;
      readonly replanned: boolean;
      readonly at: Date;
    },
  ): Promise<void>;
  items(
    entityId: string,
    number: number,
    afterTravellerId: string | undefined,
    limit: number,
  ): Promise<MigrationItem[]>;
  /** Items with their plans opened, in traveller order. */
  listItems(entityId: string, number: number, query: ItemQuery): Promise<Page<MigrationItem>>;
  item(entityId: string, number: number, travellerId: string): Promise<MigrationItem | undefined>;
  counts(entityId: string, number: number): Promise<MigrationCounts>;
  /**
   * Changes one that is open; one that is over stays as it is, whatever a late worker notes of it.
   * @returns the migration as it stands then
   * @throws MigrationUnknown
   */
  updateMigration(entityId: string, number: number, change: MigrationChange): Promise<Migration>;
  /** Forgets the plans (with their restore copies) of migrations completed before that instant. */
  forgetPlans(completedBefore: Date): Promise<number>;
}
