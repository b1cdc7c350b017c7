import { type ReconciliationCounts } from '../../hub/types';

const WORDS: readonly (readonly [keyof ReconciliationCounts, string])[] = [
  ['differs', 'different'],
  ['onlyHere', 'only here'],
  ['onlyThere', 'only in Concur'],
  ['quarantined', 'quarantined'],
  ['unread', 'not readable'],
  ['pending', 'about to be settled'],
];

/** Both sides hold the same, except where somebody or something is known to stand in the way for good. */
export function isInStep(counts: ReconciliationCounts): boolean {
  return WORDS.every(([name]) => counts[name] === 0);
}

/** What is not in step, e.g. `2 different, 1 only in Concur.` */
export function differencesInWords(counts: ReconciliationCounts): string {
  const found = WORDS.filter(([name]) => counts[name] > 0).map(([name, words]) => `${counts[name]} ${words}`);
  return found.length === 0 ? 'Both sides are in step.' : `${found.join(', ')}.`;
}
