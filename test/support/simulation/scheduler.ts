import { Seeded } from '../concur/fuzz/seeded';
import { type Edit } from './ledger';

interface Waiting {
  readonly run: Run;
  readonly label: string;
  /** Does the call and hands over its outcome. */
  readonly go: () => Promise<void>;
}

export interface Fuse {
  left: number;
  readonly when: 'before' | 'after';
  /** Counts only calls of that name. */
  readonly at: 'any' | 'transaction' | 'write' | 'read';
}

/** One run of a loop: a poll or a drain. Dropped, it never gets an answer again, and none of its calls is done. */
export class Run {
  dropped = false;
  /** Calls of that kind until the drop, and whether the last one is still done; absent: it lives. */
  fuse: Fuse | undefined;
  /** Edits that this run wrote to Concur. */
  readonly wrote: Edit[] = [];

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
  private last: Run | undefined;

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
        if (this.burnt(run, label)) return;
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
    const chosen = this.choose();
    if (chosen === undefined) return false;
    this.calls += 1;
    const { fuse } = chosen.run;
    if (fuse !== undefined && fuse.left <= 1 && fuse.when === 'before' && counts(fuse, chosen.label)) {
      this.drop(chosen.run, chosen.label);
      return true;
    }
    this.beforeCall(this.random);
    await chosen.go();
    await rest();
    return true;
  }

  /**
   * Mostly whoever went last goes on: where each call were drawn alone, one loop would hardly ever get through
   * between two calls of the other.
   */
  private choose(): Waiting | undefined {
    const same = this.waiting.filter(({ run }) => run === this.last);
    const among = same.length > 0 && this.random.int(5) !== 0 ? same : this.waiting;
    const chosen = among[this.random.int(among.length)];
    this.waiting = this.waiting.filter((each) => each !== chosen);
    this.last = chosen?.run;
    return chosen;
  }

  note(line: string): void {
    this.trace.push(line);
  }

  private burnt(run: Run, label: string): boolean {
    if (run.fuse === undefined || !counts(run.fuse, label)) return run.dropped;
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

function counts({ at }: Fuse, label: string): boolean {
  return at === 'any' || label.includes(` ${at}`);
}

/** Until every promise that can go on has gone on. */
function rest(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function codeOf(error: unknown): string {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error ? error.message : 'failed';
}
