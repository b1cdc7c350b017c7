/** What the comparison of one traveller, or of one profile that only Concur has, came to. */
export type ReconcileOutcome =
  /** Both sides say the same. */
  | 'equal'
  /** They do not, and nothing is under way that would change it. */
  | 'differs'
  /** Concur does not show a profile for this traveller. */
  | 'only-here'
  /** Concur has a profile that is nobody's here. */
  | 'only-there'
  /** Held for review, so that nothing is compared. */
  | 'held'
  /** An open quarantined record says why it is not in step. */
  | 'quarantined'
  /** Equal but for fields that Concur is known not to take or not to remove. */
  | 'not-removable'
  /** Not equal, but a publish or the next poll is about to settle it. */
  | 'pending'
  /** The profile could not be read, so nothing is known. */
  | 'unread';

/** One that is stored as an item; equal ones are only counted. */
export type ReconcileFinding = Exclude<ReconcileOutcome, 'equal'>;

export interface ReconciliationCounts {
  readonly equal: number;
  readonly differs: number;
  readonly onlyHere: number;
  readonly onlyThere: number;
  readonly held: number;
  readonly quarantined: number;
  readonly notRemovable: number;
  readonly pending: number;
  readonly unread: number;
}

export const NOTHING_COUNTED: ReconciliationCounts = {
  equal: 0,
  differs: 0,
  onlyHere: 0,
  onlyThere: 0,
  held: 0,
  quarantined: 0,
  notRemovable: 0,
  pending: 0,
  unread: 0,
};

/** `skipped`: the entity stood still, so that nothing could be compared. */
export type ReconciliationStateName = 'running' | 'completed' | 'skipped' | 'failed';

/** Where a reconciliation stands; committed together with what was found. */
export interface ReconciliationProgress {
  /** First our travellers, then Concur's list, then the repairs that were asked for. */
  readonly phase: 'here' | 'there' | 'repair';
  /** Traveller id, or key of an item, after which it goes on. */
  readonly after?: string;
  /** Next page of Concur's list, from 1. */
  readonly page?: number;
  /** The list moves while it is read: a second pass finds rows that changed their page. */
  readonly pass?: number;
  /** Travellers looked at. */
  readonly compared: number;
  /** Rows of Concur's list looked at. */
  readonly listed: number;
  /** Rows that named no login: such profiles cannot be compared. */
  readonly withoutLogin: number;
}

export interface Reconciliation {
  readonly entityId: string;
  readonly number: number;
  readonly state: ReconciliationStateName;
  /** Who asked for it. */
  readonly origin: 'request' | 'schedule';
  /** Whether what differs is to be brought into step. */
  readonly repair: boolean;
  /** Travellers of the entity when it was asked for. */
  readonly travellers: number;
  readonly counts: ReconciliationCounts;
  readonly progress: ReconciliationProgress;
  /** Rises with every commit: who works on an older one has been overtaken. */
  readonly revision: number;
  /** Items handed to the publisher or the pull. */
  readonly repaired: number;
  /** In words, without personal data. */
  readonly error?: string;
  readonly createdAt: Date;
  readonly startedAt?: Date;
  readonly finishedAt?: Date;
}

/** What the workflow and the Temporal UI see of it. */
export type ReconciliationView = Pick<
  Reconciliation,
  'state' | 'travellers' | 'counts' | 'progress' | 'repaired' | 'repair' | 'error'
>;

/** What was found about one traveller, or about one login that only Concur has. No values. */
export interface FoundItem {
  readonly travellerId?: string;
  /** Of a profile without traveller; stored sealed. */
  readonly login?: string;
  readonly outcome: ReconcileFinding;
  /** Concur's names of the fields, e.g. `General/JobTitle`. */
  readonly fields: readonly string[];
  readonly code?: string;
  /** In words, without personal data. */
  readonly reason?: string;
}

export interface ReconciliationItem extends FoundItem {
  readonly key: string;
  readonly repairedAt?: Date;
}
