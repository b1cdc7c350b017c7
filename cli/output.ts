import pc from 'picocolors';
import { type Environment } from '../config';
import { type TerminalStream } from './context';
import { cut, padLeft, padRight, safe, widthOf } from './text';

export type Style = ReturnType<typeof pc.createColors>;

/** Colours only on a terminal, and not where NO_COLOR (no-color.org) or a dumb terminal forbids them. */
export function styleFor(stream: TerminalStream, env: Environment): Style {
  const wanted = stream.isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
  return pc.createColors(wanted);
}

export interface Column {
  readonly title: string;
  readonly align?: 'right';
  /** Longer texts are cut. */
  readonly max?: number;
}

type Paint = (text: string) => string;

/** A value with a colour of ours; colours inside a text from elsewhere are taken out. */
export interface Painted {
  readonly text: string;
  readonly paint: Paint;
}

export type Cell = string | number | boolean | null | undefined | Painted;

const GAP = '  ';
const plain: Paint = (text) => text;

function shown(value: Cell): Painted {
  if (value === undefined || value === null || value === '') return { text: '—', paint: plain };
  if (typeof value === 'object') return value;
  const text = typeof value === 'number' ? value.toLocaleString('en-US') : String(value);
  return { text, paint: plain };
}

/** Writes for people. With `--json` nothing of it is used: one JSON document stands alone on the stream. */
export class Output {
  constructor(
    private readonly stream: TerminalStream,
    readonly style: Style,
  ) {}

  line(text = ''): void {
    this.stream.write(`${text}\n`);
  }

  heading(text: string): void {
    this.line(this.style.bold(text));
  }

  /** Labels and values below each other; values from elsewhere cannot steer the terminal. */
  pairs(pairs: readonly (readonly [label: string, value: Cell])[], indent = ''): void {
    const width = Math.max(0, ...pairs.map(([label]) => widthOf(label)));
    for (const [label, value] of pairs) {
      const { text, paint } = shown(value);
      text.split('\n').forEach((line, index) => {
        const left = padRight(index === 0 ? label : '', width);
        this.line(`${indent}${this.style.dim(left)}${GAP}${paint(safe(line))}`);
      });
    }
  }

  table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): void {
    const cells = rows.map((row) =>
      columns.map((column, index) => {
        const { text, paint } = shown(row[index]);
        return { text: cut(safe(text), column.max ?? Infinity), paint };
      }),
    );
    const widths = columns.map((column, index) =>
      Math.max(widthOf(column.title), ...cells.map((row) => widthOf(row[index]?.text ?? ''))),
    );
    const join = (row: readonly Painted[]): string =>
      columns
        .map((column, index) => {
          const { text, paint } = row[index] ?? { text: '', paint: plain };
          const pad = column.align === 'right' ? padLeft : padRight;
          const isLast = index === columns.length - 1 && column.align !== 'right';
          return paint(isLast ? text : pad(text, widths[index] ?? 0));
        })
        .join(GAP);
    this.line(this.style.dim(join(columns.map(({ title }) => ({ text: title, paint: plain })))));
    for (const row of cells) this.line(join(row));
  }
}

/** One JSON document and a line end: the whole of standard output with `--json`. */
export function writeJson(stream: TerminalStream, value: unknown): void {
  stream.write(`${JSON.stringify(value, null, 2)}\n`);
}

/** One line of JSON, for commands that stay up and report more than once. */
export function writeJsonLine(stream: TerminalStream, value: unknown): void {
  stream.write(`${JSON.stringify(value)}\n`);
}
