import { isClassified } from '../sync/engine/failures';
import { type PublishResult } from '../sync/engine/publish';
import { type PullResult } from '../sync/engine/pull';
import { type ActivityDeps, type ActivityMetrics, type WorkOutcome } from './deps';

/**
 * Counts a poll that is under way.
 * @param lagMs how long after its turn it began; undefined for one that was asked for
 */
export async function countPoll(
  { metrics, clock }: Pick<ActivityDeps, 'metrics' | 'clock'>,
  lagMs: number | undefined,
  poll: Promise<PullResult>,
): Promise<PullResult> {
  const begun = clock.now().getTime();
  const lag = lagMs === undefined ? {} : { lagMs };
  const ended = (): number => clock.now().getTime() - begun;
  try {
    const result = await poll;
    const outcome = result.settled ? 'ok' : 'unsettled';
    metrics.pollEnded({ outcome, durationMs: ended(), ...lag, result });
    return result;
  } catch (error) {
    metrics.pollEnded({ outcome: outcomeOf(error), durationMs: ended(), ...lag });
    throw error;
  }
}

/** Counts a drain that is under way. */
export async function countDrain(
  metrics: ActivityMetrics,
  drain: Promise<PublishResult>,
): Promise<PublishResult> {
  try {
    const result = await drain;
    metrics.drainEnded({ outcome: 'ok', result });
    return result;
  } catch (error) {
    metrics.drainEnded({ outcome: outcomeOf(error) });
    throw error;
  }
}

function outcomeOf(error: unknown): WorkOutcome {
  return isClassified(error) ? error.failureClass : 'unknown';
}
