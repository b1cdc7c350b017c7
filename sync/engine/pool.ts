import { isClassified } from './failures';

const GROW_AFTER_SUCCESSES = 20;

/**
 * How many calls may be in flight: halves when Concur slows us down (429, 503), grows back by one after a
 * run of successes.
 */
export class AdaptiveLimit {
  private current: number;
  private successes = 0;

  constructor(private readonly max: number) {
    this.current = max;
  }

  get value(): number {
    return this.current;
  }

  succeeded(): void {
    this.successes += 1;
    if (this.successes < GROW_AFTER_SUCCESSES) return;
    this.successes = 0;
    this.current = Math.min(this.max, this.current + 1);
  }

  failed(error: unknown): void {
    if (!isClassified(error) || error.failureClass !== 'retry') return;
    this.successes = 0;
    this.current = Math.max(1, Math.floor(this.current / 2));
  }
}

/**
 * As `settleAll`, for work of which none may fail.
 * @throws what the first failing item threw, after all have ended
 */
export async function settleOrThrow<T, R>(
  items: readonly T[],
  limit: AdaptiveLimit,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results = await settleAll(items, limit, work);
  return results.map((result) => {
    if (result.status === 'fulfilled') return result.value;
    const reason: unknown = result.reason;
    throw reason instanceof Error ? reason : new Error('the work on an item failed', { cause: reason });
  });
}

/**
 * Runs `work` over all items, at most `limit.value` at a time, and waits for all of them: a slow or failing
 * one holds up nobody. Results stand in the order of the items.
 */
export async function settleAll<T, R>(
  items: readonly T[],
  limit: AdaptiveLimit,
  work: (item: T) => Promise<R>,
): Promise<PromiseSettledResult<R>[]> {
  const results: PromiseSettledResult<R>[] = [];
  let next = 0;
  let running = 0;
  return new Promise((resolve) => {
    const startMore = (): void => {
      while (running < limit.value && next < items.length) start(next++);
      if (running === 0 && next >= items.length) resolve(results);
    };
    const start = (index: number): void => {
      running += 1;
      const item = items[index];
      if (item === undefined) throw new RangeError('no such item');
      work(item).then(
        (value) => {
          results[index] = { status: 'fulfilled', value };
          limit.succeeded();
          running -= 1;
          startMore();
        },
        (reason: unknown) => {
          results[index] = { status: 'rejected', reason };
          limit.failed(reason);
          running -= 1;
          startMore();
        },
      );
    };
    startMore();
  });
}
