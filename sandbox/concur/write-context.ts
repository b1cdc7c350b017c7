import { type Behaviour } from './behaviour';
import { type Company } from './company';
import { type Warning } from './field-checks';
import { type StoredProfile } from './types';

/** A value or list element that this write removes. */
export interface Removal {
  readonly field: string;
  readonly how: 'empty' | 'empty-container' | 'missing-from-list';
}

/** What the rules of one POST need to know and what they report. */
export interface WriteContext {
  readonly behaviour: Behaviour;
  readonly company: Company;
  /** The profile that is updated; absent in a create. */
  readonly profile?: StoredProfile;
  /** A profile of the same company, by login. */
  readonly colleague: (login: string) => StoredProfile | undefined;
  readonly warnings: Warning[];
  readonly removals: Removal[];
}
