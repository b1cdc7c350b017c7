import { type BenchContext, type BenchReport, type Contestant, type Ratio, type Series } from './bench';
import { profiled } from './cpu-profile';
import { measured, type Measurement } from './measure';
import { pairedRatios, summarise } from './stats';

/** One run of one contestant: everything but `work` is outside the measured time. */
export interface Run {
  readonly work: () => Promise<void>;
  /** @throws BenchFailure when the work did not do what it should */
  readonly check: () => Promise<void>;
}

export interface Candidate {
  readonly name: string;
  readonly does: string;
  /** Makes a run ready. @param round from 1 */
  prepare(round: number): Promise<Run>;
}

interface Sample extends Measurement {
  /** Processor time of the simulated Concur meanwhile. */
  readonly concurSeconds: number;
}

const MIB = 1024 * 1024;

/**
 * Runs all candidates in turn, round after round, so that whatever the machine does meets all of them. The
 * first candidate is ours.
 */
export async function alternate(
  context: BenchContext,
  candidates: readonly Candidate[],
  beforeRound: (round: number) => Promise<void> = () => Promise.resolve(),
): Promise<Pick<BenchReport, 'contestants' | 'ratios' | 'rounds'>> {
  const { size, say, profileTo, endBy } = context;
  const samples = new Map<Candidate, Sample[]>(candidates.map((candidate) => [candidate, []]));
  let rounds = 0;
  let longest = 0;
  while (rounds < size.rounds && (rounds === 0 || Date.now() + longest < endBy.getTime())) {
    rounds += 1;
    const startedAt = Date.now();
    await beforeRound(rounds);
    for (const candidate of candidates) {
      const sample = await runOnce(context, await candidate.prepare(rounds));
      samples.get(candidate)?.push(sample);
      const rate = (size.items / sample.seconds).toFixed(0);
      say(`round ${rounds}/${size.rounds}  ${candidate.name}: ${rate} items/s`);
    }
    longest = Math.max(longest, Date.now() - startedAt);
  }
  const [ours] = candidates;
  if (profileTo !== undefined && ours !== undefined) {
    await beforeRound(rounds + 1);
    const run = await ours.prepare(rounds + 1);
    for (const line of await profiled(profileTo, run.work)) say(line);
    await run.check();
  }
  const contestants = candidates.map((candidate) =>
    contestantOf(candidate, samples.get(candidate) ?? [], size.items),
  );
  return { rounds, contestants, ratios: ratiosOf(contestants) };
}

async function runOnce({ world }: BenchContext, run: Run): Promise<Sample> {
  const before = await world.sandbox.ask({ kind: 'cpu' });
  const measurement = await measured(run.work);
  const after = await world.sandbox.ask({ kind: 'cpu' });
  await run.check();
  return { ...measurement, concurSeconds: after.seconds - before.seconds };
}

function contestantOf({ name, does }: Candidate, samples: readonly Sample[], items: number): Contestant {
  const series = (label: string, unit: string, value: (sample: Sample) => number): Series => {
    const values = samples.map(value);
    return { name: label, unit, samples: values, summary: summarise(values) };
  };
  return {
    name,
    does,
    series: [
      series('throughput', 'items/s', ({ seconds }) => items / seconds),
      series('own CPU', 'ms/item', ({ cpuSeconds }) => (cpuSeconds * 1000) / items),
      series('own CPU busy', '%', ({ cpuSeconds, seconds }) => (cpuSeconds / seconds) * 100),
      series('Concur CPU busy', '%', ({ concurSeconds, seconds }) => (concurSeconds / seconds) * 100),
      series('heap peak', 'MiB', ({ heapPeakBytes }) => heapPeakBytes / MIB),
    ],
  };
}

/** Of the first two series, round by round: throughput, and the processor time that is ours to answer for. */
function ratiosOf([ours, ...yardsticks]: readonly Contestant[]): Ratio[] {
  return yardsticks.flatMap((yardstick) =>
    (ours?.series ?? []).slice(0, 2).flatMap((of, index): Ratio[] => {
      const to = yardstick.series[index];
      if (to === undefined) return [];
      const samples = pairedRatios(of.samples, to.samples);
      return [{ to: yardstick.name, series: of.name, samples, summary: summarise(samples) }];
    }),
  );
}
