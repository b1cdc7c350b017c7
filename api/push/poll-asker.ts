import { type PushSubject } from '../../hub';
import { type ApiContext } from '../deps';
import { describeFailure } from '../failure-log';
import { isProblem } from '../problem';

/**
 * So soon after the wish before it a poll is not sent for at once: the sweep delivers it within a minute or so.
 * However many pushes come, an entity is polled for them about twice a minute at most.
 */
export const PUSH_POLL_SPACING_SECONDS = 30;

/** Turns pushes into polls: one per entity, from the first push until that poll begins. */
export interface PollAsker {
  /** Resolves when it is stored; what goes to Temporal goes beside the answer. */
  ask(subjects: readonly PushSubject[], eventId?: string): Promise<void>;
  /** Resolves when nothing is under way; for an orderly stop. */
  settled(): Promise<void>;
}

type AskerContext = Pick<ApiContext, 'store' | 'commands' | 'clock' | 'ids' | 'log'>;

export function createPollAsker({ store, commands, clock, ids, log }: AskerContext): PollAsker {
  const underWay = new Set<Promise<void>>();

  const deliver = async (entityId: string, requestId: string): Promise<void> => {
    try {
      await commands.sendAll(entityId, [{ request: { kind: 'poll' }, id: requestId }]);
    } catch (error) {
      // Paused meanwhile, or SQL is away: it polls when it goes on, or the sweep delivers.
      const why = isProblem(error) ? { code: error.code } : describeFailure(error);
      log.warn({ entityId, request: requestId, ...why }, 'a poll that Concur pushed for was not delivered');
    }
  };

  const askOne = async (entityId: string, eventId: string | undefined): Promise<void> => {
    const now = clock.now();
    const requestId = ids.next();
    const push = { entityId, requestId, ...(eventId === undefined ? {} : { eventId }) };
    const wish = await store.pushes.wishPoll(push, { now });
    if (wish === undefined || isTooSoon(wish.previousAt, now)) return;
    const work = deliver(entityId, requestId).finally(() => underWay.delete(work));
    underWay.add(work);
  };

  return {
    async ask(subjects, eventId) {
      for (const subject of subjects) {
        const entities = await store.pushes.entitiesOf(subject);
        for (const entityId of entities) await askOne(entityId, eventId);
        if (entities.length > 0) return;
      }
    },
    async settled() {
      await Promise.all(underWay);
    },
  };
}

function isTooSoon(previousAt: Date | undefined, now: Date): boolean {
  return previousAt !== undefined && now.getTime() - previousAt.getTime() < PUSH_POLL_SPACING_SECONDS * 1000;
}
