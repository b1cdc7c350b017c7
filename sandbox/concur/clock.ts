const SECOND_MS = 1_000;

/** Both in milliseconds. */
export interface ClockState {
  readonly offsetMs: number;
  readonly skewMs: number;
}

/**
 * The simulated Concur's own clock: the machine's plus an offset, so that months pass in a moment.
 * `skewMs` is how far the `Date` header and Server-Time run ahead of the stamps on profiles: Concur's front
 * and its database are different machines.
 */
export class SandboxClock {
  private offsetMs = 0;
  private skewMs = 0;

  constructor(private readonly machineNow: () => number) {}

  /** Epoch milliseconds. */
  now(): number {
    return this.machineNow() + this.offsetMs;
  }

  /** Epoch milliseconds, whole seconds: what is stamped on profiles. */
  nowWholeSeconds(): number {
    return Math.floor(this.now() / SECOND_MS) * SECOND_MS;
  }

  /** What the `Date` header and Server-Time show. */
  shown(): Date {
    return new Date(this.now() + this.skewMs);
  }

  get state(): ClockState {
    return { offsetMs: this.offsetMs, skewMs: this.skewMs };
  }

  restore(state: ClockState): void {
    this.offsetMs = state.offsetMs;
    this.skewMs = state.skewMs;
  }

  advance(milliseconds: number): void {
    this.offsetMs += milliseconds;
  }

  set(epochMs: number): void {
    this.offsetMs = epochMs - this.machineNow();
  }
}

/** UTC `YYYY-MM-DDThh:mm:ss`, as Concur writes times. */
export function concurTime(epochMs: number): string {
  return new Date(epochMs).toISOString().slice(0, 19);
}
