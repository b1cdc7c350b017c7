import { type CliContext, type Clock } from '../context';

/** Somebody asked for the end; nothing failed. */
export class StopRequested extends Error {
  readonly code = 'stop-requested';
  constructor() {
    super('Stopped.');
    this.name = 'StopRequested';
  }
}

export function isStopRequested(error: unknown): error is StopRequested {
  return error instanceof StopRequested;
}

const FORCED_EXIT = 130;
/** npm and timeout(1) pass on a signal that the terminal or they themselves sent to the whole group already. */
const SAME_SIGNAL_MS = 1_000;

/**
 * The wish to end, by Ctrl-C or SIGTERM. The first asks, the second does not wait: then the local servers
 * keep running, and the next start on the same folder takes them over.
 */
export class StopRequest {
  private firstAtMs: number | undefined;
  private readonly settle: () => void;
  /** Resolves at the first signal. */
  readonly requested: Promise<void>;
  /** Call at the end. */
  readonly stopListening: () => void;

  constructor(
    context: Pick<CliContext, 'onSignal' | 'forceExit' | 'clock'>,
    say: { readonly onRequested: () => void; readonly onForced: () => void },
  ) {
    let settle: () => void = () => undefined;
    this.requested = new Promise((resolve) => (settle = resolve));
    this.settle = settle;
    this.stopListening = context.onSignal(() => {
      const nowMs = context.clock.monotonicMs();
      if (this.firstAtMs === undefined) {
        this.firstAtMs = nowMs;
        say.onRequested();
        this.settle();
      } else if (nowMs - this.firstAtMs >= SAME_SIGNAL_MS) {
        say.onForced();
        context.forceExit(FORCED_EXIT);
      }
    });
  }

  get isRequested(): boolean {
    return this.firstAtMs !== undefined;
  }

  /** @throws StopRequested */
  check(): void {
    if (this.isRequested) throw new StopRequested();
  }

  /** A clock whose waits end at the request, so that work in progress ends with them. */
  clock(clock: Clock): Clock {
    return {
      now: () => clock.now(),
      monotonicMs: () => clock.monotonicMs(),
      sleep: async (milliseconds) => {
        this.check();
        await Promise.race([clock.sleep(milliseconds), this.requested]);
        this.check();
      },
    };
  }
}
