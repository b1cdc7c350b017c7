import fc from 'fast-check';
import { autoSpreadSeconds, nextPollSlot, pollOffsetMs } from '../../../sync/model/poll-slots';

const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 59 }), { minLength: 1, maxLength: 8 });
const instant = fc.integer({ min: 0, max: 4_102_444_800_000 });

test('the next slot is later than now, at one of the minutes, and none lies between', () => {
  fc.assert(
    fc.property(instant, minutes, (now, list) => {
      const slot = nextPollSlot(now, list);
      expect(slot).toBeGreaterThan(now);
      expect(slot % 60_000).toBe(0);
      expect(list).toContain(new Date(slot).getUTCMinutes());
      for (let time = Math.floor(now / 60_000) * 60_000 + 60_000; time < slot; time += 60_000) {
        expect(list).not.toContain(new Date(time).getUTCMinutes());
      }
    }),
  );
});

test('without minutes there is no slot', () => {
  expect(() => nextPollSlot(0, [])).toThrow(RangeError);
});

test('entities are spread evenly and each keeps its place', () => {
  const places = Array.from({ length: 10_000 }, (_, n) => pollOffsetMs(`entity-${n}`, 840));
  expect(pollOffsetMs('entity-7', 840)).toBe(places[7]);
  const perMinute = Array.from(
    { length: 14 },
    (_, m) => places.filter((p) => Math.floor(p / 60_000) === m).length,
  );
  for (const count of perMinute) expect(Math.abs(count - 10_000 / 14)).toBeLessThan(150);
});

test('the spread grows with the fleet up to fourteen minutes', () => {
  expect([0, 7, 80, 10_000].map(autoSpreadSeconds)).toEqual([0, 0, 10, 840]);
  expect(pollOffsetMs('anything', 0)).toBe(0);
});
