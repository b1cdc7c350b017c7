import { playScene } from './environment';
import { FakeActivities } from './fake-activities';
import { aPoll } from './inputs';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Server times in milliseconds since the epoch. */
export interface PollRecord {
  readonly start: number;
  readonly end: number;
  readonly polledAt: number[];
}

/** Runs a poll loop without spread for so many days of the server's time. */
export function pollForDays(days: number, minutes: number[]): Promise<PollRecord> {
  const fakes = new FakeActivities({ minutes, spreadSeconds: 0 });
  return playScene(
    fakes,
    async ({ start: begin, now, skip }) => {
      const start = await now();
      await begin('pollConcur', 'poll-acme', aPoll(minutes));
      await skip(days * DAY);
      return { start, end: await now(), polledAt: fakes.pulls.map(({ at }) => at) };
    },
    { cached: true },
  );
}

/** Every instant between two whose UTC minute is one of `minutes`, found by looking at each. */
export function expectedSlots(start: number, end: number, minutes: readonly number[]): number[] {
  const slots: number[] = [];
  for (let time = Math.ceil(start / MINUTE) * MINUTE; time <= end; time += MINUTE) {
    if (time > start && minutes.includes(new Date(time).getUTCMinutes())) slots.push(time);
  }
  return slots;
}
