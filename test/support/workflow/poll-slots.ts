import fc from 'fast-check';
import { nextPollSlot } from '../../../sync/model/poll-slots';

const YEARS = { min: Date.UTC(2020, 0, 1), max: Date.UTC(2040, 0, 1) };

export const pollMoments = fc.record({
  now: fc.integer(YEARS),
  minutes: fc.uniqueArray(fc.nat(59), { minLength: 1, maxLength: 6 }),
});

/** The next slots of five hundred random moments; the same for the same seed, wherever it runs. */
export function samplePollSlots(seed: number): number[] {
  return fc.sample(pollMoments, { seed, numRuns: 500 }).map(({ now, minutes }) => nextPollSlot(now, minutes));
}
