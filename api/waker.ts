import { type FastifyBaseLogger } from 'fastify';
import { type WorkflowEngine } from '../client/requests';
import { describeFailure } from './failure-log';
import { TOO_LATE, within } from './within';

const WAKE_LIMIT_MS = 5_000;

/** Tells publishers that something is dirty, beside the answer: no caller waits for Temporal. */
export interface Waker {
  /** Call it for the one write that turned the wake flag on, after its commit. */
  wake(entityId: string): void;
  /** Resolves when nothing is under way; for an orderly stop. */
  settled(): Promise<void>;
}

/** A signal that does not arrive is no failure: the flag stands in SQL and the sweep wakes later. */
export function createWaker(engine: WorkflowEngine, log: FastifyBaseLogger): Waker {
  const underWay = new Set<Promise<void>>();
  const signal = async (entityId: string): Promise<void> => {
    try {
      const woken = await within(WAKE_LIMIT_MS, engine.wakePublisher(entityId));
      if (woken === TOO_LATE || !woken) {
        log.warn({ entityId }, 'the publisher could not be woken; the sweep wakes it later');
      }
    } catch (error) {
      log.warn(
        { entityId, ...describeFailure(error) },
        'waking the publisher failed; the sweep wakes it later',
      );
    }
  };
  return {
    wake(entityId) {
      const work = signal(entityId).finally(() => underWay.delete(work));
      underWay.add(work);
    },
    async settled() {
      await Promise.all(underWay);
    },
  };
}
