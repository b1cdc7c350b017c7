import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { join, relative } from 'node:path';
import { type Bench, type BenchReport, type BenchSize } from './bench';
import { type Summary } from './stats';

const GIB = 1024 ** 3;

/** Where and on what it ran: a number without this says little. */
export interface Machine {
  readonly commit: string;
  /** True when files differ from the commit. */
  readonly changed: boolean;
  readonly node: string;
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGiB: number;
  /** Load average of the last minute when the run began: other work on the machine. */
  readonly loadBefore: number;
}

export function describeMachine(): Machine {
  const [first] = cpus();
  return {
    commit: git('rev-parse', 'HEAD') || 'unknown',
    changed: git('status', '--porcelain') !== '',
    node: process.version,
    cpu: first?.model ?? 'unknown',
    cores: cpus().length,
    memoryGiB: Math.round(totalmem() / GIB),
    loadBefore: loadavg()[0] ?? 0,
  };
}

/** `''` where there is no git or no repository, as in an unpacked archive. */
function git(...args: readonly string[]): string {
  try {
    return execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    // The commit is a detail of the report; the numbers stand without it.
    return '';
  }
}

export interface Finished {
  readonly bench: Bench;
  readonly size: BenchSize;
  readonly quick: boolean;
  readonly machine: Machine;
  readonly startedAt: Date;
  readonly report: BenchReport;
}

/** @returns the path of the file, seen from the root of the repository */
export function writeResult(folder: string, { bench, startedAt, report, ...rest }: Finished): string {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${stamp(startedAt)}-${bench.name}.json`);
  const result = { bench: bench.name, title: bench.title, startedAt, ...rest, ...report };
  writeFileSync(file, `${JSON.stringify(result, undefined, 2)}\n`);
  return relative(process.cwd(), file);
}

/** `2026-01-31T123456` in UTC. */
export function stamp(at: Date): string {
  return at.toISOString().slice(0, 19).replaceAll(':', '');
}

/** The report for a terminal. */
export function table({ bench, size, report }: Finished): string {
  const { contestants, ratios, notes, rounds } = report;
  const heads = contestants[0]?.series.map(({ name, unit }) => `${name} (${unit})`) ?? [];
  const compared = [...new Set(ratios.map((ratio) => ratio.series))];
  const rows = contestants.map(({ name, series }) => [
    name,
    ...series.map(({ summary }) => spread(summary)),
    ...compared.map((label) => {
      const ratio = ratios.find((each) => each.to === name && each.series === label);
      return ratio === undefined ? '' : spread(ratio.summary);
    }),
  ]);
  return [
    '',
    `${bench.title}`,
    `${size.items} items, ${rounds} of ${size.rounds} rounds in turn; median (min–max)`,
    '',
    ...aligned([['', ...heads, ...compared.map((label) => `${label}: ours ÷ this`)], ...rows]),
    '',
    ...contestants.map(({ name, does }) => `${name}: ${does}.`),
    ...notes,
    '',
  ].join('\n');
}

function spread({ median, min, max }: Summary): string {
  return `${short(median)} (${short(min)}–${short(max)})`;
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) =>
        column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}
