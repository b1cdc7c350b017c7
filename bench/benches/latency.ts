import { setTimeout as sleep } from 'node:timers/promises';
import { SEARCH_ATTRIBUTE_TYPES } from '../../client';
import { testTemporalServer } from '../../test/support/local-servers';
import { bareWay, type Ground, ourWay, type Way } from '../latency/contestants';
import { type Bench, BenchFailure, type Contestant, type Ratio, type Series } from '../lib/bench';
import { loginOf } from '../lib/people';
import { quantile, summarise } from '../lib/stats';
import { type BenchWorld } from '../lib/world';

const RATES = [1, 10, 100] as const;
const PATIENCE_MS = 120_000;
const LOOK_EVERY_MS = 250;
/** People in Concur: at the highest rate everybody is written to at most once a run. */
const MOST_PEOPLE = 1_000;

/** From the moment somebody begins to write to the hub until Concur has taken the POST. */
export const latency: Bench = {
  name: 'latency',
  title:
    'Latency: a write to the hub until Concur has the POST; items are seconds per rate, at most 1,000 writes',
  quick: { items: 2, rounds: 1 },
  full: { items: 60, rounds: 1 },
  warmsUpItself: true,
  async run({ world, size, say }) {
    const server = await testTemporalServer({ searchAttributes: SEARCH_ATTRIBUTE_TYPES });
    try {
      const company = await world.newCompany();
      const target = { address: server.address, namespace: server.namespace };
      const people = Math.min(MOST_PEOPLE, size.items * 100);
      await world.sandbox.ask({ kind: 'seed', companyUuid: company, count: people, jobTitle: 'Before' });
      const ground: Ground = { world, target, company };
      const counts = RATES.map((rate) => ({ rate, count: Math.min(people, Math.max(3, rate * size.items)) }));
      const ours = await measure(ground, 'ours', await ourWay(ground), counts, say);
      const bare = await measure(ground, 'bare', await bareWay(ground), counts, say);
      return {
        rounds: 1,
        contestants: counts.flatMap(({ rate }, index) =>
          [ours[index], bare[index]].flatMap((samples, way) =>
            samples === undefined ? [] : contestant(way === 0 ? 'ours' : 'bare', rate, samples),
          ),
        ),
        ratios: counts.flatMap(({ rate }, index) => ratios(rate, ours[index] ?? [], bare[index] ?? [])),
        notes: [
          'Ours: stores the write, wakes the publisher, which leases, reads the profile, merges, checks, renews its lease and posts.',
          'The yardstick: a signal and an activity that posts ready XML.',
        ],
      };
    } finally {
      await server.stop();
    }
  },
};

async function measure(
  { world, company }: Ground,
  name: string,
  way: Way,
  counts: readonly { rate: number; count: number }[],
  say: (line: string) => void,
): Promise<number[][]> {
  try {
    await atRate(world, company, way, { rate: 5, count: 5, title: `${name} warms up` });
    const all: number[][] = [];
    for (const { rate, count } of counts) {
      const samples = await atRate(world, company, way, { rate, count, title: `${name} at ${rate}` });
      say(
        `${name} at ${rate}/s: p50 ${quantile(samples, 0.5).toFixed(0)} ms, p99 ${quantile(samples, 0.99).toFixed(0)} ms`,
      );
      all.push(samples);
    }
    return all;
  } finally {
    await way.stop();
  }
}

/** @returns milliseconds of each write. @throws BenchFailure when one does not arrive */
async function atRate(
  world: BenchWorld,
  company: string,
  way: Way,
  run: { rate: number; count: number; title: string },
): Promise<number[]> {
  const arrivals = new Arrivals(world);
  await arrivals.look();
  arrivals.forget();
  const began = new Map<string, number>();
  const writing: Promise<void>[] = [];
  const startedAt = Date.now();
  for (let number = 0; number < run.count; number += 1) {
    // By the clock and not one after the other: a slow one must not slow down the rate.
    await sleep(Math.max(0, startedAt + (number * 1000) / run.rate - Date.now()));
    if (number % run.rate === 0) await arrivals.look();
    began.set(loginOf(company, number), Date.now());
    writing.push(way.write(number, `${run.title} ${number}`));
  }
  await Promise.all(writing);
  const deadline = Date.now() + PATIENCE_MS;
  while ([...began.keys()].some((login) => arrivals.at(login) === undefined)) {
    if (Date.now() > deadline)
      throw new BenchFailure(`${run.title}: a write has not arrived after two minutes`);
    await sleep(LOOK_EVERY_MS);
    await arrivals.look();
  }
  return [...began].map(([login, at]) => (arrivals.at(login) ?? NaN) - at);
}

/** When Concur took the first write of a login; the simulated Concur keeps its latest calls only. */
class Arrivals {
  private readonly known = new Set<string>();
  private readonly byLogin = new Map<string, number>();

  constructor(private readonly world: BenchWorld) {}

  async look(): Promise<void> {
    const { writes } = await this.world.sandbox.ask({ kind: 'writes' });
    for (const { id, login, at } of writes) {
      if (this.known.has(id)) continue;
      this.known.add(id);
      if (!this.byLogin.has(login)) this.byLogin.set(login, at);
    }
  }

  forget(): void {
    this.byLogin.clear();
  }

  at(login: string): number | undefined {
    return this.byLogin.get(login);
  }
}

function contestant(name: string, rate: number, samples: readonly number[]): Contestant {
  return {
    name: `${name}, ${rate}/s`,
    does: name === 'ours' ? 'hub write to POST' : 'signal, activity, POST',
    series: seriesOf(samples),
  };
}

function seriesOf(samples: readonly number[]): Series[] {
  return [0.5, 0.99].map((q) => {
    const value = [quantile(samples, q)];
    return { name: `p${q * 100}`, unit: 'ms', samples: value, summary: summarise(value) };
  });
}

function ratios(rate: number, ours: readonly number[], bare: readonly number[]): Ratio[] {
  return [0.5, 0.99].map((q) => {
    const value = [quantile(ours, q) / quantile(bare, q)];
    return { to: `bare, ${rate}/s`, series: `p${q * 100}`, samples: value, summary: summarise(value) };
  });
}
