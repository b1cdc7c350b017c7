import { type Summary } from './stats';
import { type BenchWorld } from './world';

/** A result that is wrong: speed means nothing then, and the bench ends with exit code 1. */
export class BenchFailure extends Error {
  readonly code = 'bench-failure';
  constructor(message: string) {
    super(message);
    this.name = 'BenchFailure';
  }
}

/** @throws BenchFailure unless both are the same */
export function demandEqual(what: string, actual: unknown, expected: unknown): void {
  if (actual === expected) return;
  throw new BenchFailure(`${what}: ${JSON.stringify(expected)} expected, ${JSON.stringify(actual)} found`);
}

export interface BenchSize {
  readonly items: number;
  readonly rounds: number;
}

/** One column of numbers that a bench measured, one sample per round. */
export interface Series {
  readonly name: string;
  /** e.g. `items/s`, `ms`, `MiB`. */
  readonly unit: string;
  readonly samples: readonly number[];
  readonly summary: Summary;
}

/** What was measured of one contestant: ours first, then the yardsticks. */
export interface Contestant {
  readonly name: string;
  /** What it does, in words. */
  readonly does: string;
  readonly series: readonly Series[];
}

/** Of ours to a yardstick, taken round by round. */
export interface Ratio {
  readonly to: string;
  /** The series of which it is the ratio. */
  readonly series: string;
  readonly samples: readonly number[];
  readonly summary: Summary;
}

export interface BenchReport {
  /** How many there were: fewer than asked for where the time was up. */
  readonly rounds: number;
  readonly contestants: readonly Contestant[];
  readonly ratios: readonly Ratio[];
  /** What whoever reads the numbers must know. */
  readonly notes: readonly string[];
}

export interface BenchContext {
  readonly world: BenchWorld;
  readonly size: BenchSize;
  /** No further round begins that would not end by then; one there always is. */
  readonly endBy: Date;
  /** Where a CPU profile of ours goes, in a round of its own that does not count; absent: none. */
  readonly profileTo?: string;
  /** A line about how far it is. */
  readonly say: (line: string) => void;
}

/** A bench has a database and a simulated Concur of its own. */
export interface Bench {
  readonly name: string;
  readonly title: string;
  readonly quick: BenchSize;
  readonly full: BenchSize;
  /** How long the way to Concur and back takes, milliseconds; default 0. */
  readonly delayMs?: number;
  /** No run before the one that counts. */
  readonly warmsUpItself?: boolean;
  /** Left out of `--quick` unless it is named. */
  readonly slow?: boolean;
  /** @throws BenchFailure when a count is wrong */
  run(context: BenchContext): Promise<BenchReport>;
}
