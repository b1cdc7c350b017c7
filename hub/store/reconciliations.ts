import { type RawBuilder, type Selectable, sql } from 'kysely';
import { type OpenTrouble, type Reconciliations, type ReconciliationStep } from '../contract';
import { type ReconciliationsTable } from '../db/schema';
import { ReconciliationMoved, ReconciliationOpen, ReconciliationUnknown } from '../errors';
import {
  NOTHING_COUNTED,
  type ReconcileFinding,
  type Reconciliation,
  type ReconciliationCounts,
} from '../types';
import { holdNumbers, numberOf, onlyOneOpen } from './numbered';
import { addItems, createReconciliationItems } from './reconciliation-items';
import { type Executor, pageOf, present, retryDeadlocks, type StoreContext, toJson } from './support';

export function createReconciliations(context: StoreContext): Reconciliations {
  const { db } = context;
  const reconciliation = async (entityId: string, number: number): Promise<Reconciliation> => {
    const row = await db
      .selectFrom('reconciliations')
      .selectAll()
      .where('entity_id', '=', entityId)
      .where('number', '=', number)
      .executeTakeFirst();
    if (row === undefined) throw new ReconciliationUnknown(entityId, number);
    return toReconciliation(row);
  };
  const idsOf = async (query: RawBuilder<{ id: string }>): Promise<string[]> =>
    (await query.execute(db)).rows.map((row) => row.id);
  const count = async (query: RawBuilder<{ count: number }>): Promise<number> =>
    (await query.execute(db)).rows[0]?.count ?? 0;

  return {
    ...createReconciliationItems(context),
    reconciliation,

    async create(entityId, { origin, repair }, { now }) {
      const number = await onlyOneOpen(
        'reconciliations_one_open',
        () => new ReconciliationOpen(entityId),
        () =>
          retryDeadlocks(() =>
            db.transaction().execute((tx) => insertNext(tx, entityId, origin, repair, now)),
          ),
      );
      return reconciliation(entityId, number);
    },

    async list(entityId, { after, limit }) {
      const rows = await db
        .selectFrom('reconciliations')
        .selectAll()
        .where('entity_id', '=', entityId)
        .where('number', '>', after ?? 0)
        .orderBy('number')
        .limit(limit + 1)
        .execute();
      return pageOf(rows, { limit }, toReconciliation, (row) => String(row.number));
    },

    async travellerIds(entityId, afterId, limit) {
      const rows = await db
        .selectFrom('travellers')
        .select('id')
        .where('entity_id', '=', entityId)
        .where('erased_at', 'is', null)
        .where('id', '>', afterId ?? '')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map((row) => row.id);
    },

    async troubles(entityId, { travellerIds, logins }) {
      const { rows } = await sql<{ traveller_id: string | null; login: string | null } & OpenTrouble>`
        select traveller_id, lower(login_id) as login, code, reason from quarantine
        where entity_id = ${entityId} and resolved_at is null
          and (traveller_id = any(${[...travellerIds]}::text[])
            or lower(login_id) = any(${logins.map((login) => login.toLowerCase())}::text[]))
        order by id`.execute(db);
      return rows.map(({ traveller_id: travellerId, login, code, reason }) => ({
        code,
        reason,
        ...present({ travellerId, login }),
      }));
    },

    commit: (current, step, { now }) =>
      db.transaction().execute((tx) => commitStep(context, tx, current, step, now)),

    async end(entityId, number, { state, error }, { now }) {
      await db
        .updateTable('reconciliations')
        .set((row) => ({
          state,
          error: error ?? null,
          finished_at: now,
          revision: row('revision', '+', 1),
        }))
        .where('entity_id', '=', entityId)
        .where('number', '=', number)
        .where('state', '=', 'running')
        .execute();
    },

    due: (since, limit) =>
      idsOf(sql<{ id: string }>`
        select e.id from ${dueSince(since)} order by r.last nulls first, e.id limit ${limit}`),
    countDue: (since) => count(sql<{ count: number }>`select count(*) as count from ${dueSince(since)}`),
    countRunning: () =>
      count(sql<{ count: number }>`select count(*) as count from reconciliations where state = 'running'`),

    async leftOut() {
      const { rows } = await sql<{ paused: number; failing: number; switchedOff: number }>`
        select count(*) filter (where stage in ('paused', 'needs-reauthorisation')) as paused,
          count(*) filter (where stage = 'active' and health = 'failing') as failing,
          count(*) filter (where stage = 'active' and health <> 'failing'
            and not (interface_on and polling_on)) as "switchedOff"
        from entities`.execute(db);
      return rows[0] ?? { paused: 0, failing: 0, switchedOff: 0 };
    },

    async open(query) {
      const { rows } = await sql<{ entityId: string; number: number }>`
        select entity_id as "entityId", number from reconciliations
        where state = 'running' and entity_id > ${query.cursor ?? ''}
        order by entity_id limit ${query.limit + 1}`.execute(db);
      return pageOf(
        rows,
        query,
        (row) => row,
        (row) => row.entityId,
      );
    },

    async purge(finishedBefore) {
      // The newest one stays whatever its age: it is the last that is known, and numbers go on from it.
      const { rows } = await sql`
        delete from reconciliations r where r.finished_at < ${finishedBefore} and exists (
          select 1 from reconciliations newer
          where newer.entity_id = r.entity_id and newer.number > r.number
        )
        returning 1`.execute(db);
      return rows.length;
    },
  };
}

/** Both loops may run, nothing says that they fail, and none was asked for since that instant. */
function dueSince(since: Date): RawBuilder<unknown> {
  return sql`entities e left join lateral (
      select max(created_at) as last, bool_or(state = 'running') as running
      from reconciliations where entity_id = e.id
    ) r on true
    where e.stage = 'active' and e.interface_on and e.polling_on and e.health <> 'failing'
      and (r.last is null or r.last < ${since}) and r.running is not true`;
}

async function insertNext(
  tx: Executor,
  entityId: string,
  origin: Reconciliation['origin'],
  repair: boolean,
  now: Date,
): Promise<number> {
  await holdNumbers(tx, entityId);
  const progress = { phase: 'here', compared: 0, listed: 0, withoutLogin: 0 };
  const { rows } = await sql<{ number: number }>`
    insert into reconciliations (entity_id, number, state, origin, repair, travellers, counts, progress,
      revision, repaired, created_at)
    select ${entityId}::text, coalesce(max(number), 0) + 1, 'running', ${origin}::text, ${repair}::boolean,
      (select count(*) from travellers where entity_id = ${entityId} and erased_at is null),
      ${toJson(NOTHING_COUNTED)}::jsonb, ${toJson(progress)}::jsonb, 0, 0, ${now}::timestamptz
    from reconciliations where entity_id = ${entityId}
    returning number`.execute(tx);
  return numberOf(entityId, rows);
}

const COUNT_OF = {
  differs: 'differs',
  'only-here': 'onlyHere',
  'only-there': 'onlyThere',
  held: 'held',
  quarantined: 'quarantined',
  'not-removable': 'notRemovable',
  pending: 'pending',
  unread: 'unread',
} as const satisfies Readonly<Record<ReconcileFinding, keyof ReconciliationCounts>>;

async function commitStep(
  context: StoreContext,
  tx: Executor,
  { entityId, number, revision }: Reconciliation,
  step: ReconciliationStep,
  now: Date,
): Promise<Reconciliation> {
  const locked = await tx
    .selectFrom('reconciliations')
    .selectAll()
    .where('entity_id', '=', entityId)
    .where('number', '=', number)
    .where('revision', '=', revision)
    .where('state', '=', 'running')
    .forUpdate()
    .executeTakeFirst();
  if (locked === undefined) throw new ReconciliationMoved(entityId, number);
  // A profile that a second pass meets again is the same finding.
  const added = await addItems(context, tx, entityId, number, step.items ?? []);
  const counts: Record<keyof ReconciliationCounts, number> = { ...locked.counts };
  counts.equal += step.equal ?? 0;
  for (const outcome of added) counts[COUNT_OF[outcome]] += 1;
  const repaired = step.repaired ?? [];
  if (repaired.length > 0) {
    await sql`
      update reconciliation_items set repaired_at = ${now}
      where entity_id = ${entityId} and number = ${number} and key = any(${[...repaired]}::text[])`.execute(
      tx,
    );
  }
  const row = await tx
    .updateTable('reconciliations')
    .set({
      counts: toJson(counts),
      progress: toJson(step.progress),
      revision: revision + 1,
      repaired: locked.repaired + repaired.length,
      started_at: locked.started_at ?? now,
      ...(step.end === undefined
        ? {}
        : { state: step.end.state, error: step.end.error ?? null, finished_at: now }),
    })
    .where('entity_id', '=', entityId)
    .where('number', '=', number)
    .returningAll()
    .executeTakeFirstOrThrow();
  return toReconciliation(row);
}

function toReconciliation(row: Selectable<ReconciliationsTable>): Reconciliation {
  return {
    entityId: row.entity_id,
    number: row.number,
    state: row.state,
    origin: row.origin,
    repair: row.repair,
    travellers: row.travellers,
    counts: row.counts,
    progress: row.progress,
    revision: row.revision,
    repaired: row.repaired,
    createdAt: row.created_at,
    ...present({ error: row.error, startedAt: row.started_at, finishedAt: row.finished_at }),
  };
}
