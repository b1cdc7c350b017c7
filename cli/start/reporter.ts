import { type Clock, type TerminalStream } from '../context';
import { Output, type Style } from '../output';

/** What `start` says while it works: lines with the seconds since it began. */
export class Reporter {
  readonly output: Output;
  private readonly startedAt: number;

  constructor(
    readonly stream: TerminalStream,
    private readonly style: Style,
    private readonly clock: Pick<Clock, 'monotonicMs'>,
  ) {
    this.output = new Output(stream, style);
    this.startedAt = clock.monotonicMs();
  }

  step(text: string): void {
    const elapsed = (this.clock.monotonicMs() - this.startedAt) / 1_000;
    this.output.line(`${this.style.dim(`${elapsed.toFixed(1).padStart(7)} s`)}  ${text}`);
  }

  /** A line of somebody else, below the step it belongs to. */
  detail(text: string): void {
    this.output.line(`${' '.repeat(11)}${this.style.dim(text)}`);
  }
}
