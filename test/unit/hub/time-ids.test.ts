import { timeSortedIds } from '../../../hub';

it('ids sort in the order they were made, also within one millisecond', () => {
  let now = 1_000;
  const ids = timeSortedIds(() => now);
  const made = Array.from({ length: 10_000 }, (_, index) => {
    if (index % 100 === 0) now += 1;
    return ids.next();
  });
  expect([...made].sort()).toEqual(made);
  expect(new Set(made).size).toBe(made.length);
  expect(made[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});
