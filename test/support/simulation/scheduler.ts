import { Seeded } from '../concur/fuzz/seeded';

interface Waiting {
  readonly run: Run;
  readonly label: string;
  /** Does the call and hands over its outcome. */
  readonly go: () => Promise<void>;
}

/** One run of a loop: a poll or a drain. Dropped, it never gets an answer again, and none of its calls is done. */
export class Run {
  dropped = false;
  /** Calls until the drop, and whether the last one is still done; absent: it lives. */
  fuse: { left: number; readonly when: 'before' | 'after' } | undefined;

  constructor(readonly lane: 'poll' | 'publish') {}
}

/**
 * Lets the calls of several loops go one at a time, in an order that a seed decides. Between two calls
 * everything has come to rest, so that the same seed is the same run.
 */
export class Scheduler {
  readonly trace: string[] = [];
  calls = 0;
  private readonly random: Seeded;
  private waiting: Waiting[] = [];

  /** @param beforeCall moves the clock */
  constructor(
    seed: number,
    private readonly beforeCall: (random: Seeded) => void,
  ) {
    this.random = new Seeded(seed);
  }

  get idle(): boolean {
    return this.waiting.length === 0;
  }

  /** Parks a call until its turn. @throws what the call throws */
  call<T>(run: Run, label: string, work: () => Promise<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const go = async (): Promise<void> => {
        const [outcome] = await Promise.allSettled([work()]);
        this.note(`${label} ${outcome.status === 'fulfilled' ? 'ok' : codeOf(outcome.reason)}`);
        if (this.burnt(run)) return;
        if (outcome.status === 'fulfilled') resolve(outcome.value);
        else reject(outcome.reason instanceof Error ? outcome.reason : new Error('a call failed'));
      };
      if (!run.dropped) this.waiting.push({ run, label, go });
    });
  }

  /** Does one of the waiting calls and waits until everything has come to rest. False where none waits. */
  async turn(): Promise<boolean> {
    await rest();
    if (this.waiting.length === 0) return false;
    const [chosen] = this.waiting.splice(this.random.int(this.waiting.length), 1);
    if (chosen === undefined) return false;
    this.calls += 1;
    if (chosen.run.fuse !== undefined && chosen.run.fuse.left <= 1 && chosen.run.fuse.when === 'before') {
      this.drop(chosen.run, chosen.label);
      return true;
    }
    this.beforeCall(this.random);
    await chosen.go();
    await rest();
    return true;
  }

  note(line: string): void {
    this.trace.push(line);
  }

  private burnt(run: Run): boolean {
    if (run.fuse === undefined) return run.dropped;
    run.fuse.left -= 1;
    if (run.fuse.left <= 0) this.drop(run, 'after it');
    return run.dropped;
  }

  private drop(run: Run, at: string): void {
    run.dropped = true;
    this.waiting = this.waiting.filter((each) => each.run !== run);
    this.note(`${run.lane} dropped: ${at}`);
  }
}

/** Until every promise that can go on has gone on. */
function rest(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.message : 'failed';
}
