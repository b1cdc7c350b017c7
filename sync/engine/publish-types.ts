import { type CreditCardContent } from '../../profile';
import { type WritePlan } from '../model/plan';

/** Who publishes, and for how long a lease lasts from its taking and from its renewal, milliseconds. */
export interface LeaseHolder {
  readonly id: string;
  readonly leaseMs: number;
}

/** A lease from now on. */
export function leaseFrom(now: Date, { id, leaseMs }: LeaseHolder) {
  return { holder: id, now, until: new Date(now.getTime() + leaseMs) };
}

/** Asked before anything is sent: false leaves Concur as it is (a migration whose approval does not cover it). */
export type Gate = (plan: PlannedWrite) => boolean | Promise<boolean>;

export interface PlannedWrite {
  readonly action: 'Create' | 'Update';
  readonly loginId: string;
  readonly plan: WritePlan;
  /** The complete list of cards as it would be sent; absent where the cards stay as they are. */
  readonly cards?: readonly CreditCardContent[];
}

export type PublishOutcome =
  | { readonly kind: 'written'; readonly action: 'Create' | 'Update'; readonly warnings: number }
  | { readonly kind: 'unchanged' }
  | { readonly kind: 'quarantined'; readonly code: string }
  | { readonly kind: 'refused-by-gate' }
  /** Somebody else took the traveller over meanwhile; it stays dirty. */
  | { readonly kind: 'lost-lease' };
