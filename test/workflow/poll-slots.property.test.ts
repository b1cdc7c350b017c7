import fc from 'fast-check';
import { nextPollSlot } from '../../sync/model/poll-slots';
import { runTypeScript } from '../support/child-processes';
import { expectedSlots } from '../support/workflow/poll-days';
import { pollMoments, samplePollSlots } from '../support/workflow/poll-slots';

const HOUR = 3_600_000;

test('the next slot is the first minute after now, in UTC, that is one of the slots', () => {
  fc.assert(
    fc.property(pollMoments, ({ now, minutes }) => {
      expect(nextPollSlot(now, minutes)).toBe(expectedSlots(now, now + 2 * HOUR, minutes)[0]);
    }),
  );
});

test.each([
  ['Australia/Lord_Howe', -660],
  ['America/St_Johns', 210],
  ['Asia/Kathmandu', -345],
  ['Pacific/Kiritimati', -840],
])('the time zone of the process (%s) changes no slot', async (TZ, offset) => {
  const seed = 20_261_123;
  const child = runTypeScript('workflow/poll-slots.child.ts', [String(seed)], { ...process.env, TZ });
  const { january, slots } = (await child.nextJson()) as { january: number; slots: number[] };
  expect(january).toBe(offset);
  expect(slots).toEqual(samplePollSlots(seed));
});
