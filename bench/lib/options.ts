import { parseArgs } from 'node:util';
import { type Bench, type BenchSize } from './bench';

export interface BenchOptions {
  readonly quick: boolean;
  readonly only: readonly string[];
  readonly record: boolean;
  readonly profile: boolean;
  readonly help: boolean;
  readonly items?: number;
  readonly rounds?: number;
}

export const HELP = `npm run bench -- [options]
  --quick       small sizes, about a minute; without it the full ones, up to an hour
  --only NAME   this bench only; may be given several times
  --items N     another number of items
  --rounds N    another number of rounds
  --profile     one more round of ours under the CPU profiler, which does not count
  --record      writes the result to bench/records/, which is kept in git; else to bench/results/
  --help
`;

/** A wrong argument; `message` says which ones are right. */
export class UsageError extends Error {
  readonly code = 'bench-usage';
  constructor(message: string) {
    super(message);
    this.name = 'UsageError';
  }
}

/** @throws UsageError */
export function parseOptions(args: readonly string[], benches: readonly Bench[]): BenchOptions {
  const { values } = parsed(args);
  const only = values.only ?? [];
  const unknown = only.find((name) => !benches.some((bench) => bench.name === name));
  if (unknown !== undefined) {
    const names = benches.map(({ name }) => name).join(', ');
    throw new UsageError(`There is no bench ${unknown}. There are: ${names}.`);
  }
  const items = positive('items', values.items);
  const rounds = positive('rounds', values.rounds);
  return {
    quick: values.quick ?? false,
    only,
    record: values.record ?? false,
    profile: values.profile ?? false,
    help: values.help ?? false,
    ...(items === undefined ? {} : { items }),
    ...(rounds === undefined ? {} : { rounds }),
  };
}

export function sizeOf(bench: Bench, { quick, items, rounds }: BenchOptions): BenchSize {
  const size = quick ? bench.quick : bench.full;
  return { items: items ?? size.items, rounds: rounds ?? size.rounds };
}

function parsed(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        quick: { type: 'boolean' },
        only: { type: 'string', multiple: true },
        items: { type: 'string' },
        rounds: { type: 'string' },
        profile: { type: 'boolean' },
        record: { type: 'boolean' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,6}$/.test(text)) throw new UsageError(`--${name} must be a whole number from 1.`);
  return Number(text);
}
