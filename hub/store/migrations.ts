import { type RawBuilder, type Selectable, sql } from 'kysely';
import { type MigrationChange, type Migrations } from '../contract';
import { type MigrationsTable } from '../db/schema';
import { MigrationOpen, MigrationUnknown } from '../errors';
import { type Migration, type MigrationCounts, type MigrationStateName, type Strategy } from '../types';
import { createMigrationItems } from './migration-items';
import { holdNumbers, numberOf, onlyOneOpen } from './numbered';
import { type Executor, present, retryDeadlocks, type StoreContext, toJson } from './support';

/** As the index `migrations_one_open` has it. */
const OPEN: readonly MigrationStateName[] = [
  'planning',
  'awaiting-approval',
  'executing',
  'verifying',
  'awaiting-final-approval',
];

export function createMigrations(context: StoreContext): Migrations {
  const { db } = context;
  const find = async (entityId: string, number: number): Promise<Migration | undefined> =>
    (await readMigrations(db, sql`m.entity_id = ${entityId} and m.number = ${number}`))[0];
  const migration = async (entityId: string, number: number): Promise<Migration> => {
    const found = await find(entityId, number);
    if (found === undefined) throw new MigrationUnknown(entityId, number);
    return found;
  };

  return {
    ...createMigrationItems(context),

    async create(entityId, strategy, { now }) {
      const number = await onlyOneOpen(
        'migrations_one_open',
        () => new MigrationOpen(entityId),
        () => retryDeadlocks(() => db.transaction().execute((tx) => insertNext(tx, entityId, strategy, now))),
      );
      return migration(entityId, number);
    },

    migration,
    find,
    async latest(entityId) {
      // An open migration is always the newest: none can be created beside it.
      return (await readMigrations(db, sql`m.entity_id = ${entityId}`, 1))[0];
    },
    list: (entityId) => readMigrations(db, sql`m.entity_id = ${entityId}`),

    async travellerIds(entityId, afterId, limit) {
      const rows = await db
        .selectFrom('travellers')
        .select('id')
        .where('entity_id', '=', entityId)
        .where('id', '>', afterId ?? '')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map((row) => row.id);
    },

    counts: async (entityId, number) => (await migration(entityId, number)).counts,

    async updateMigration(entityId, number, change) {
      const columns = changedColumns(change);
      if (Object.keys(columns).length > 0) {
        await db
          .updateTable('migrations')
          .set(columns)
          .where('entity_id', '=', entityId)
          .where('number', '=', number)
          .where('state', 'in', OPEN)
          .execute();
      }
      return migration(entityId, number);
    },

    async forgetPlans(completedBefore) {
      const { rows } = await sql`
        update migration_items i set plan = null from migrations m
        where m.entity_id = i.entity_id and m.number = i.migration_number
          and m.completed_at < ${completedBefore} and i.plan is not null
        returning 1`.execute(db);
      return rows.length;
    },
  };
}

async function insertNext(tx: Executor, entityId: string, strategy: Strategy, now: Date): Promise<number> {
  await holdNumbers(tx, entityId);
  const { rows } = await sql<{ number: number }>`
    insert into migrations (entity_id, number, strategy, state, created_at)
    select ${entityId}::text, coalesce(max(number), 0) + 1, ${strategy}::text, 'planning', ${now}::timestamptz
    from migrations where entity_id = ${entityId}
    returning number`.execute(tx);
  return numberOf(entityId, rows);
}

function changedColumns(change: MigrationChange) {
  const { state, digest, firstReadAt, plannedAt, approvedAt, completedAt, report, error } = change;
  return present({
    state,
    digest,
    first_read_at: firstReadAt,
    planned_at: plannedAt,
    approved_at: approvedAt,
    completed_at: completedAt,
    report: report === undefined ? undefined : toJson(report),
    error,
  });
}

type Row = Selectable<MigrationsTable> &
  Omit<MigrationCounts, 'needsApproval'> & { readonly needs_approval: number };

/** Newest first, each with the counts of its items. */
async function readMigrations(
  db: Executor,
  where: RawBuilder<unknown>,
  limit?: number,
): Promise<Migration[]> {
  const { rows } = await sql<Row>`
    select m.*, counts.* from migrations m
    cross join lateral (
      select
        count(*) filter (where i.action = 'create') as create,
        count(*) filter (where i.action = 'update') as update,
        count(*) filter (where i.action = 'bind') as bind,
        count(*) filter (where i.action = 'unchanged') as unchanged,
        count(*) filter (where i.action = 'refused') as refused,
        count(*) filter (where i.outcome = 'done') as done,
        count(*) filter (where i.outcome = 'quarantined') as quarantined,
        count(*) filter (where i.outcome = 'needs-approval') as needs_approval,
        count(*) filter (where i.outcome = 'skipped') as skipped
      from migration_items i
      where i.entity_id = m.entity_id and i.migration_number = m.number
    ) counts
    where ${where} order by m.number desc ${limit === undefined ? sql`` : sql`limit ${limit}`}`.execute(db);
  return rows.map(toMigration);
}

function toMigration(row: Row): Migration {
  return {
    entityId: row.entity_id,
    number: row.number,
    strategy: row.strategy,
    state: row.state,
    counts: {
      create: row.create,
      update: row.update,
      bind: row.bind,
      unchanged: row.unchanged,
      refused: row.refused,
      done: row.done,
      quarantined: row.quarantined,
      needsApproval: row.needs_approval,
      skipped: row.skipped,
    },
    createdAt: row.created_at,
    ...present({
      digest: row.digest,
      firstReadAt: row.first_read_at,
      plannedAt: row.planned_at,
      approvedAt: row.approved_at,
      completedAt: row.completed_at,
      report: row.report,
      error: row.error,
    }),
  };
}
