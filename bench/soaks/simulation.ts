import { runTypeScript } from '../../test/support/child-processes';
import { type SeedsReport, seedsReportSchema } from '../../test/support/simulation/protocol';
import { type Soak } from '../lib/soak';

/** A process of its own for each slice: what a database in memory has collected goes with it. */
const SLICE = 1_000;

/** The short form is test/simulation/histories.test.ts. */
export const simulation: Soak = {
  name: 'simulation',
  title:
    'Random histories of both directions with faults and crashes, each held against the account of who did what',
  times: 100_000,
  async run({ times, say, atTheEnd }) {
    const slices: SeedsReport[] = [];
    for (let from = 1; from <= times; from += SLICE) {
      const count = Math.min(SLICE, times - from + 1);
      const order = JSON.stringify({ kind: 'seeds', from, count });
      const child = runTypeScript('simulation/histories.child.ts', [order]);
      atTheEnd(() => child.end('SIGKILL'));
      const slice = seedsReportSchema.parse(await child.nextJson());
      await child.end('SIGTERM');
      slices.push(slice);
      const rate = Math.round((slice.histories / slice.cpuSeconds) * 60);
      say(
        `${from + count - 1} of ${times} histories, ${slice.failed.length} failed, ${rate} a minute of processor`,
      );
    }
    const sum = (of: (slice: SeedsReport) => number): number =>
      slices.reduce((all, each) => all + of(each), 0);
    const histories = sum((slice) => slice.histories);
    const cpuSeconds = sum((slice) => slice.cpuSeconds);
    const figures = {
      histories,
      cpuSeconds,
      historiesPerCoreMinute: Math.round((histories / cpuSeconds) * 60),
      statements: sum((slice) => slice.statements),
      calls: sum(({ figures: { calls } }) => calls),
      writes: sum(({ figures: { writes } }) => writes),
      crashes: sum(({ figures: { drops } }) => drops),
      failures: sum(({ figures: { failures } }) => failures),
      conflicts: sum(({ figures: { conflicts } }) => conflicts),
      quarantined: sum(({ figures: { quarantined } }) => quarantined),
      lostByLimit: sum(({ figures: { lostByLimit } }) => lostByLimit),
      echoed: sum(({ figures: { echoed } }) => echoed),
      crossed: sum(({ figures: { crossed } }) => crossed),
      swept: sum(({ figures: { swept } }) => swept),
    };
    const failed = slices.flatMap((slice) => slice.failed);
    return {
      figures,
      complaints: failed.map(({ seed, complaints }) => `seed ${seed}: ${complaints.join('; ')}`),
    };
  },
};
