import { requestSchema } from '../client';
import { type RequestRecord } from '../hub/types';
import { type ActivityDeps } from './deps';
import { translated } from './failures';

export interface Swept {
  readonly delivered: number;
  readonly woken: number;
  readonly restarted: number;
  readonly lifecycles: number;
}

export interface FleetActivities {
  sweepFleet(): Promise<Swept>;
}

const BATCH = 200;
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

/** Entities that were just registered while Temporal was away; starting an existing one changes nothing. */
async function startMissingLifecycles(deps: ActivityDeps): Promise<number> {
  let started = 0;
  for (const stage of ['requested', 'awaiting-request-token', 'exchanging', 'migrating'] as const) {
    const page = await deps.store.fleet.inStage(stage, { limit: BATCH });
    for (const entityId of page.items) {
      await deps.engine.startLifecycle(entityId);
      started += 1;
    }
  }
  return started;
}
