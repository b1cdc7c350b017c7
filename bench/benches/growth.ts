import { fork } from 'node:child_process';
import { join } from 'node:path';
import { type Grown, grownSchema, type Order } from '../growth/protocol';
import { type Bench, BenchFailure, type Contestant, demandEqual, type Series } from '../lib/bench';
import { summarise } from '../lib/stats';
import { type BenchWorld } from '../lib/world';

const RUNNER = join(__dirname, '../../test/support/run-ts.mjs');
const CHILD = join(__dirname, '../growth/child.ts');
const HEAP_MIB = 256;
const MIB = 1024 * 1024;

/** The first read of a company, with a tenth and a hundredth of it beside: time must grow no faster than people do. */
export const growth: Bench = {
  name: 'growth',
  title: `First read of 1, 10 and 100 hundredths of the items, each by a process with ${HEAP_MIB} MiB of heap`,
  quick: { items: 500, rounds: 1 },
  full: { items: 100_000, rounds: 1 },
  warmsUpItself: true,
  async run({ world, size, say }) {
    const sizes = [size.items / 100, size.items / 10, size.items].map(Math.ceil);
    const grown: Grown[] = [];
    for (const items of sizes) {
      const result = await grow(world, items);
      demandEqual(`${items} people, seen`, result.seen, items);
      demandEqual(`${items} people, stored`, result.changed, items);
      say(
        `${items} people: ${result.seconds.toFixed(1)} s, RSS ${(result.rssPeakBytes / MIB).toFixed(0)} MiB`,
      );
      grown.push(result);
    }
    const nameOf = (index: number): string => `${sizes[index]} people`;
    const contestants = grown.map((result, index): Contestant => ({
      name: nameOf(index),
      does: 'first read of all of them',
      series: seriesOf(result, sizes[index] ?? 1),
    }));
    const [, tenth, all] = grown;
    const ratios =
      tenth === undefined || all === undefined
        ? []
        : (['seconds', 'cpuSeconds'] as const).map((field) => {
            const samples = [all[field] / tenth[field]];
            const series = field === 'seconds' ? 'time' : 'own CPU';
            return { to: nameOf(1), series, samples, summary: summarise(samples) };
          });
    return {
      rounds: 1,
      contestants,
      ratios,
      notes: ['The ratio is of the largest to the second: 10 would be as many times the people.'],
    };
  },
};

function seriesOf(grown: Grown, items: number): Series[] {
  const series = (name: string, unit: string, value: number): Series => ({
    name,
    unit,
    samples: [value],
    summary: summarise([value]),
  });
  return [
    series('time', 's', grown.seconds),
    series('own CPU', 's', grown.cpuSeconds),
    series('throughput', 'items/s', items / grown.seconds),
    series('heap peak', 'MiB', grown.heapPeakBytes / MIB),
    series('RSS peak', 'MiB', grown.rssPeakBytes / MIB),
  ];
}

async function grow({ pool, databaseUrl }: BenchWorld, items: number): Promise<Grown> {
  const name = `growth_${items}_${Date.now()}`;
  await pool.query(`create database ${name}`);
  const url = new URL(databaseUrl);
  url.pathname = `/${name}`;
  try {
    return await grownIn({ databaseUrl: url.href, items });
  } finally {
    await pool.query(`drop database ${name} with (force)`);
  }
}

/** @throws BenchFailure when the process ends without a word, as one does whose heap is full */
async function grownIn(order: Order): Promise<Grown> {
  const execArgv = [`--max-old-space-size=${HEAP_MIB}`, '--expose-gc'];
  const child = fork(RUNNER, [CHILD, JSON.stringify(order)], { execArgv });
  const exit = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let grown: Grown | undefined;
  child.once('message', (message) => (grown = grownSchema.parse(message)));
  const code = await exit;
  if (grown === undefined)
    throw new BenchFailure(`${order.items} people: the process ended (${String(code)})`);
  return grown;
}
