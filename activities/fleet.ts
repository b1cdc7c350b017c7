import { requestSchema } from '../client';
import { type RequestRecord } from '../hub/types';
import { pollOffsetMs } from '../sync/model/poll-slots';
import { type ActivityDeps } from './deps';
import { translated } from './failures';

export interface Swept {
  readonly delivered: number;
  readonly woken: number;
  readonly restarted: number;
  /** Lifecycles that were looked after; most of them ran already. */
  readonly lifecycles: number;
}

export interface FleetActivities {
  sweepFleet(): Promise<Swept>;
}

const BATCH = 200;
const PAGE = 500;
/** Younger requests are still being delivered by whoever accepted them. */
const DELIVERY_GRACE_MS = 10_000;
/** A wake flag that stands this long was not followed by a drain. */
const WAKE_GRACE_MS = 20_000;
/** Two slots of fifteen minutes, and the spread. */
const POLL_OVERDUE_MS = 45 * 60_000;
const DAY_MS = 86_400_000;

/** Mends what was forgotten; asks SQL only, and touches only those it finds (docs/architecture.md). */
export function createFleetActivities(deps: ActivityDeps): FleetActivities {
  const { store, clock, engine } = deps;
  return {
    sweepFleet: () =>
      translated(async () => {
        const now = clock.now();
        const delivered = await deliverPending(deps, now);
        const forgotten = await store.fleet.wokenBefore(new Date(now.getTime() - WAKE_GRACE_MS), BATCH);
        const dirty = await store.fleet.dirtyNotWoken(now, BATCH);
        const asleep = new Set([...forgotten, ...dirty]);
        for (const entityId of asleep) {
          await store.entities.setWake(entityId, { now });
          if (!(await engine.wakePublisher(entityId))) await engine.startLoops(entityId);
        }
        const overdue = await store.fleet.polledBefore(new Date(now.getTime() - POLL_OVERDUE_MS), BATCH);
        for (const entityId of overdue) await engine.restartPoll(entityId);
        await store.calls.purge(new Date(now.getTime() - deps.settings.callJournalDays * DAY_MS));
        const lifecycles = await startMissingLifecycles(deps);
        return { delivered, woken: asleep.size, restarted: overdue.length, lifecycles };
      }),
  };
}

async function deliverPending(deps: ActivityDeps, now: Date): Promise<number> {
  const createdBefore = new Date(now.getTime() - DELIVERY_GRACE_MS);
  const pending = await deps.store.requests.pending({ limit: BATCH, createdBefore });
  let delivered = 0;
  for (const record of pending) if (await deliverOne(deps, record)) delivered += 1;
  return delivered;
}

async function deliverOne(deps: ActivityDeps, record: RequestRecord): Promise<boolean> {
  const { id, entityId } = record;
  const request = requestSchema.parse({ ...record.payload, kind: record.kind });
  const delivery = await deps.engine.deliver({ id, entityId, request });
  if (delivery.status === 'pending') {
    await deps.store.requests.markFailed(id, delivery.message);
    return false;
  }
  await deps.store.requests.markDelivered(id, { now: deps.clock.now() });
  if (delivery.status === 'refused') {
    await deps.store.events.add({
      id,
      entityId,
      at: deps.clock.now(),
      kind: 'request-refused',
      message: `"${record.kind}" could not be carried out: ${delivery.message}`,
    });
  }
  return true;
}

/**
 * Entities whose lifecycle may be missing: those on their way in at every sweep, all others once an hour, each
 * in a minute of its own. Starting one that runs changes nothing.
 */
async function startMissingLifecycles(deps: ActivityDeps): Promise<number> {
  const due = new Set<string>();
  for (const stage of ['requested', 'awaiting-request-token', 'exchanging', 'migrating'] as const) {
    const page = await deps.store.fleet.inStage(stage, { limit: BATCH });
    for (const entityId of page.items) due.add(entityId);
  }
  const minute = deps.clock.now().getUTCMinutes();
  let cursor: string | undefined;
  do {
    const page = await deps.store.fleet.ids({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    for (const entityId of page.items) if (minuteOf(entityId) === minute) due.add(entityId);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  for (const entityId of due) await deps.engine.startLifecycle(entityId);
  return due.size;
}

/** Entities are spread over the hour as polls are spread over their slot. */
function minuteOf(entityId: string): number {
  return Math.floor(pollOffsetMs(entityId, 60) / 1000);
}
