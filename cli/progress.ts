import { Presets, SingleBar } from 'cli-progress';
import { type Clock, type TerminalStream } from './context';
import { count, seconds } from './text';

/** How far long work has come. */
export interface Progress {
  update(done: number, total?: number): void;
  /** Ends the bar, or writes the last line. */
  finish(): void;
}

export interface ProgressOptions {
  readonly label: string;
  readonly total: number;
  readonly stream: TerminalStream;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly indent?: string;
}

/** Elsewhere than on a terminal: a line at the start, the end, and at most this often in between. */
const LINE_EVERY_MS = 2_000;
const BAR_WIDTH = 30;
const LABEL_WIDTH = 12;

/** A bar on a terminal, plain lines elsewhere; both with the rate. */
export function startProgress(options: ProgressOptions): Progress {
  return options.stream.isTTY === true ? new BarProgress(options) : new LineProgress(options);
}

class Rate {
  private readonly startedAt: number;
  constructor(private readonly clock: Pick<Clock, 'monotonicMs'>) {
    this.startedAt = clock.monotonicMs();
  }

  get elapsedMs(): number {
    return this.clock.monotonicMs() - this.startedAt;
  }

  /** Per second since the start; `—` while there is nothing to divide. */
  of(done: number): string {
    const elapsed = this.elapsedMs;
    return elapsed <= 0 || done === 0 ? '—' : count(Math.round(done / (elapsed / 1_000)));
  }
}

class BarProgress implements Progress {
  private readonly bar: SingleBar;
  private readonly rate: Rate;
  private done = 0;

  constructor(options: ProgressOptions) {
    this.rate = new Rate(options.clock);
    this.bar = new SingleBar(
      {
        format: `${options.indent ?? ''}${options.label.padEnd(LABEL_WIDTH)} {bar} {value}/{total}  {rate}/s  {elapsed}`,
        barsize: BAR_WIDTH,
        stream: options.stream,
        hideCursor: null,
        // `start` ends on signals in its own order.
        gracefulExit: false,
        linewrap: null,
      },
      Presets.shades_classic,
    );
    this.bar.start(options.total, 0, this.payload());
  }

  update(done: number, total?: number): void {
    this.done = done;
    if (total !== undefined) this.bar.setTotal(total);
    this.bar.update(done, this.payload());
  }

  finish(): void {
    this.bar.update(this.done, this.payload());
    this.bar.stop();
  }

  private payload(): { rate: string; elapsed: string } {
    return { rate: this.rate.of(this.done), elapsed: seconds(this.rate.elapsedMs) };
  }
}

class LineProgress implements Progress {
  private readonly rate: Rate;
  private total: number;
  private done = 0;
  private writtenAt = 0;
  private written: string | undefined;

  constructor(private readonly options: ProgressOptions) {
    this.rate = new Rate(options.clock);
    this.total = options.total;
    this.write();
  }

  update(done: number, total = this.total): void {
    this.done = done;
    this.total = total;
    if (this.rate.elapsedMs - this.writtenAt >= LINE_EVERY_MS) this.write();
  }

  finish(): void {
    this.write();
  }

  private write(): void {
    const width = count(this.total).length;
    const of = `${count(this.done).padStart(width)}/${count(this.total)}`;
    if (of === this.written) return;
    this.written = of;
    this.writtenAt = this.rate.elapsedMs;
    const label = this.options.label.padEnd(LABEL_WIDTH);
    const rate = this.done === 0 ? '' : `  ${this.rate.of(this.done)}/s  ${seconds(this.rate.elapsedMs)}`;
    this.options.stream.write(`${this.options.indent ?? ''}${label} ${of}${rate}\n`);
  }
}
