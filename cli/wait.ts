import { type Clock } from './context';
import { StillUnderWay } from './errors';

export interface WaitOptions {
  /** Between two looks. */
  readonly everyMs: number;
  /** Then {@link StillUnderWay} with `message`. */
  readonly limitMs: number;
  readonly message: string;
}

/**
 * Looks again and again until there is an answer.
 * @throws StillUnderWay after `limitMs`
 */
export async function waitFor<T>(
  clock: Clock,
  options: WaitOptions,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const startedAt = clock.monotonicMs();
  for (;;) {
    const answer = await look();
    if (answer !== undefined) return answer;
    if (clock.monotonicMs() - startedAt >= options.limitMs) throw new StillUnderWay(options.message);
    await clock.sleep(options.everyMs);
  }
}
