import { type Delivery, requestSchema, type WorkflowRequest } from '../client';
import { POLL_OVERDUE_MS } from '../hub';
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
  /** Open migrations that were looked after; most of them ran already. */
  readonly migrations: number;
  /** Reconciliations under way that were looked after; most of them ran already. */
  readonly reconciliations: number;
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
const DAY_MS = 86_400_000;
/** Longer than anybody repeats an event that was answered. */
const PUSH_RECEIPT_DAYS = 7;

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
        await store.pushes.purgeReceipts(new Date(now.getTime() - PUSH_RECEIPT_DAYS * DAY_MS));
        const lifecycles = await startMissingLifecycles(deps);
        const migrations = await startMissingMigrations(deps);
        const days = deps.settings.reconciliationDays;
        await store.reconciliations.purge(new Date(now.getTime() - days * DAY_MS));
        const reconciliations = await startMissingReconciliations(deps);
        const restarted = overdue.length;
        return { delivered, woken: asleep.size, restarted, lifecycles, migrations, reconciliations };
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
  if (delivery.status === 'refused') await noteRefusal(deps, record, request, delivery);
  else await deps.store.requests.markDelivered(id, { now: deps.clock.now() });
  return true;
}

/**
 * Whoever sent it was told 202 and is not there any more: the refusal is written where people look. The event
 * comes first: once the request is marked, no sweep comes back to it.
 */
async function noteRefusal(
  deps: ActivityDeps,
  { id, entityId, kind }: RequestRecord,
  request: WorkflowRequest,
  { code, message: reason }: Extract<Delivery, { status: 'refused' }>,
): Promise<void> {
  const { store, clock, log, notify } = deps;
  const at = clock.now();
  const message = `The command "${kind}" that was accepted earlier was not carried out (${code}): ${reason}`;
  const event = { id, entityId, kind: 'request-refused', message };
  const isNew = await store.events.add({ ...event, at });
  log.warn({ entityId, request: id, kind, code }, reason);
  // As when it is refused at once: nothing is kept of a token that was not taken, and it may come again.
  if (request.kind === 'token-received')
    await store.credentials.forgetRequestToken(entityId, request.credentialId);
  await store.requests.markRefused(id, { code, reason }, { now: at });
  if (isNew) await notify?.({ ...event, at: at.toISOString() });
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

/** Few are open at a time: each is looked after at every sweep. Starting one that runs changes nothing. */
async function startMissingMigrations({ store, engine }: ActivityDeps): Promise<number> {
  let looked = 0;
  let cursor: string | undefined;
  do {
    const query = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const page = await store.fleet.openMigrations(query);
    for (const { entityId, number } of page.items) await engine.startMigration(entityId, number);
    looked += page.items.length;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return looked;
}

/** As migrations: few are under way, and what is over in SQL is not started again. */
async function startMissingReconciliations({ store, engine }: ActivityDeps): Promise<number> {
  let looked = 0;
  let cursor: string | undefined;
  do {
    const query = { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const page = await store.reconciliations.open(query);
    for (const { entityId, number } of page.items) await engine.startReconciliation(entityId, number);
    looked += page.items.length;
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return looked;
}

/** Entities are spread over the hour as polls are spread over their slot. */
function minuteOf(entityId: string): number {
  return Math.floor(pollOffsetMs(entityId, 60) / 1000);
}
