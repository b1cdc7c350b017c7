import fc from 'fast-check';
import { OrderedList } from '../../../sandbox/concur/ordered';

interface Row {
  readonly at: number;
  readonly id: number;
}
const compare = (a: Row, b: Row): number => a.at - b.at || a.id - b.id;

describe('the ordered list behind the summary', () => {
  it('always pages as a freshly sorted list would', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 }),
        fc.array(fc.nat(), { maxLength: 30 }),
        fc.nat(60),
        fc.nat(20),
        fc.boolean(),
        (times, removed, skip, since, even) => {
          const list = new OrderedList<Row>(compare);
          let rows = times.map((at, id) => ({ at, id }));
          for (const row of rows) list.insert(row);
          for (const pick of removed) {
            const row = rows[pick % Math.max(1, rows.length)];
            if (row === undefined) continue;
            list.remove(row);
            rows = rows.filter((other) => other !== row);
          }
          const matches = even ? (row: Row): boolean => row.id % 2 === 0 : undefined;
          const wanted = rows.filter((row) => row.at > since && (matches?.(row) ?? true)).sort(compare);
          const page = list.page((row) => row.at <= since, matches, skip, 7);
          expect(page).toEqual({ rows: wanted.slice(skip, skip + 7), total: wanted.length });
          expect(list.size).toBe(rows.length);
        },
      ),
    );
  });

  it('holds 200,000 rows and moves one to the end without sorting them again', () => {
    const list = new OrderedList<Row>(compare);
    const rows = Array.from({ length: 200_000 }, (_none, id) => ({ at: id, id }));
    for (const row of rows) list.insert(row);
    const moved = rows[0] ?? { at: 0, id: 0 };
    list.remove(moved);
    list.insert({ at: 200_000, id: 0 });
    const last = list.page(() => false, undefined, 199_999, 200);
    expect(last).toEqual({ rows: [{ at: 200_000, id: 0 }], total: 200_000 });
  });
});
