import {
  type FoundItem,
  type ReconcileFinding,
  type Reconciliation,
  type ReconciliationItem,
  type ReconciliationProgress,
  type ReconciliationStateName,
} from '../types';
import { type At, type Page, type PageQuery } from './paging';

/** An open quarantined record, as far as a comparison needs it. */
export interface OpenTrouble {
  readonly travellerId?: string;
  readonly login?: string;
  readonly code: string;
  readonly reason: string;
}

/** What one step of a reconciliation found; all of it is committed at once. */
export interface ReconciliationStep {
  readonly progress: ReconciliationProgress;
  readonly equal?: number;
  readonly items?: readonly FoundItem[];
  /** Keys of items that were handed on. */
  readonly repaired?: readonly string[];
  /** The last step. */
  readonly end?: {
    readonly state: Exclude<ReconciliationStateName, 'running'>;
    readonly error?: string;
  };
}

/** Entities that the night leaves out, by reason. */
export interface LeftOut {
  readonly paused: number;
  readonly failing: number;
  readonly switchedOff: number;
}

export interface Reconciliations {
  /**
   * Opens the next one of an entity.
   * @throws ReconciliationOpen while another one is under way, EntityUnknown
   */
  create(
    entityId: string,
    wanted: Pick<Reconciliation, 'origin' | 'repair'>,
    at: At,
  ): Promise<Reconciliation>;
  /** @throws ReconciliationUnknown */
  reconciliation(entityId: string, number: number): Promise<Reconciliation>;
  /** In the order of their numbers. */
  list(
    entityId: string,
    query: { readonly after?: number; readonly limit: number },
  ): Promise<Page<Reconciliation>>;
  items(
    entityId: string,
    number: number,
    query: PageQuery & { readonly outcome?: ReconcileFinding; readonly withLogins?: boolean },
  ): Promise<Page<ReconciliationItem>>;
  travellerIds(entityId: string, afterId: string | undefined, limit: number): Promise<string[]>;
  troubles(
    entityId: string,
    of: { readonly travellerIds: readonly string[]; readonly logins: readonly string[] },
  ): Promise<OpenTrouble[]>;
  /** Items that a repair can bring into step and that were not handed on yet, logins opened. */
  repairable(
    entityId: string,
    number: number,
    afterKey: string | undefined,
    limit: number,
  ): Promise<ReconciliationItem[]>;
  /**
   * Commits one step of the reconciliation as it was read.
   * @throws ReconciliationMoved when somebody else has committed since, or it is over
   */
  commit(current: Reconciliation, step: ReconciliationStep, at: At): Promise<Reconciliation>;
  /** Ends one that is under way; one that is over stays as it is. */
  end(entityId: string, number: number, how: NonNullable<ReconciliationStep['end']>, at: At): Promise<void>;
  /** Entities that may be compared and had none since that instant, longest ago first. */
  due(since: Date, limit: number): Promise<string[]>;
  countDue(since: Date): Promise<number>;
  countRunning(): Promise<number>;
  leftOut(): Promise<LeftOut>;
  /** Those under way, in the order of their entities. */
  open(query: PageQuery): Promise<Page<{ readonly entityId: string; readonly number: number }>>;
  /** Deletes what ended before that instant; each entity keeps its newest. */
  purge(finishedBefore: Date): Promise<number>;
}
