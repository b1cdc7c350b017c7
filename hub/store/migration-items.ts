import { type Selectable, sql } from 'kysely';
import { type Migrations } from '../contract';
import { type EntityKey } from '../crypto/entity-key';
import { type MigrationItemsTable } from '../db/schema';
import { MigrationNotPlanning, MigrationUnknown } from '../errors';
import { type MigrationItem } from '../types';
import {
  type Columns,
  type Executor,
  groupBy,
  inChunks,
  pageOf,
  present,
  recordset,
  type StoreContext,
} from './support';

const COLUMNS = {
  entity_id: 'text',
  migration_number: 'integer',
  traveller_id: 'text',
  action: 'text',
  code: 'text',
  reason: 'text',
  plan: 'text',
  plan_hash: 'text',
  outcome: 'text',
  detail: 'text',
  replanned: 'boolean',
} as const satisfies Columns;

type Row = Selectable<MigrationItemsTable>;
type Items = Pick<Migrations, 'putItems' | 'openItems' | 'finishItem' | 'items' | 'listItems' | 'item'>;

/** The part of the migrations' repository that is about single travellers. */
export function createMigrationItems({ db, keys }: StoreContext): Items {
  const open = async (entityId: string, rows: readonly Row[]): Promise<MigrationItem[]> => {
    if (rows.length === 0) return [];
    const key = await keys.of(db, entityId);
    return rows.map((row) => toItem(key, row));
  };
  const select = (entityId: string, number: number) =>
    db
      .selectFrom('migration_items')
      .selectAll()
      .where('entity_id', '=', entityId)
      .where('migration_number', '=', number)
      .orderBy('traveller_id');

  return {
    putItems: (items) =>
      db.transaction().execute(async (tx) => {
        for (const group of groupBy(items, (item) => `${item.entityId} ${item.migrationNumber}`).values()) {
          const [first] = group;
          if (first === undefined) continue;
          await holdPlanning(tx, first.entityId, first.migrationNumber);
          await putRows(tx, await keys.toWrite(tx, first.entityId), group);
        }
      }),

    async openItems(entityId, number, limit) {
      const rows = select(entityId, number)
        .where('outcome', 'is', null)
        .where('action', 'in', ['create', 'update', 'bind'])
        .limit(limit);
      return open(entityId, await rows.execute());
    },

    finishItem: (entityId, number, travellerId, { outcome, detail, replanned, at }) =>
      db.transaction().execute(async (tx) => {
        await keys.toWrite(tx, entityId);
        const result = await tx
          .updateTable('migration_items')
          .set({
            outcome,
            detail: detail ?? null,
            replanned,
            finished_at: at,
          })
          .where('entity_id', '=', entityId)
          .where('migration_number', '=', number)
          .where('traveller_id', '=', travellerId)
          .executeTakeFirst();
        if (result.numUpdatedRows === 0n) throw new MigrationUnknown(entityId, number, travellerId);
      }),

    async items(entityId, number, afterTravellerId, limit) {
      const rows = select(entityId, number).limit(limit);
      const after = afterTravellerId === undefined ? rows : rows.where('traveller_id', '>', afterTravellerId);
      return open(entityId, await after.execute());
    },

    async listItems(entityId, number, { outcome, action, ...query }) {
      let rows = select(entityId, number).limit(query.limit + 1);
      if (query.cursor !== undefined) rows = rows.where('traveller_id', '>', query.cursor);
      if (action !== undefined) rows = rows.where('action', '=', action);
      if (outcome === 'open') rows = rows.where('outcome', 'is', null);
      else if (outcome !== undefined) rows = rows.where('outcome', '=', outcome);
      const items = await open(entityId, await rows.execute());
      return pageOf(
        items,
        query,
        (item) => item,
        (item) => item.travellerId,
      );
    },

    async item(entityId, number, travellerId) {
      const rows = await select(entityId, number).where('traveller_id', '=', travellerId).execute();
      return (await open(entityId, rows))[0];
    },
  };
}

/** Keeps the plan open until the items are in. @throws MigrationUnknown, MigrationNotPlanning */
async function holdPlanning(tx: Executor, entityId: string, number: number): Promise<void> {
  const migration = await tx
    .selectFrom('migrations')
    .select('state')
    .where('entity_id', '=', entityId)
    .where('number', '=', number)
    .forShare()
    .executeTakeFirst();
  if (migration === undefined) throw new MigrationUnknown(entityId, number);
  if (migration.state !== 'planning') throw new MigrationNotPlanning(entityId, number);
}

async function putRows(tx: Executor, key: EntityKey, items: readonly MigrationItem[]): Promise<void> {
  const names = sql.raw(Object.keys(COLUMNS).join(', '));
  const replaced = sql.raw(
    Object.keys(COLUMNS)
      .slice(3)
      .map((name) => `${name} = excluded.${name}`)
      .join(', '),
  );
  // The last one counts where a batch names a traveller twice.
  const latest = [...new Map(items.map((item) => [item.travellerId, item])).values()];
  await inChunks(latest, async (chunk) => {
    const rows = chunk.map((item) => rowOf(key, item));
    await sql`
      insert into migration_items (${names}) select ${names} from ${recordset(rows, COLUMNS)}
      on conflict (entity_id, migration_number, traveller_id) do update set ${replaced}`.execute(tx);
  });
}

function placeOfPlan(number: number, travellerId: string): readonly string[] {
  return ['migration_items', String(number), travellerId, 'plan'];
}

function rowOf(key: EntityKey, item: MigrationItem): Record<keyof typeof COLUMNS, unknown> {
  const { migrationNumber: number, travellerId, plan } = item;
  return {
    entity_id: item.entityId,
    migration_number: number,
    traveller_id: travellerId,
    action: item.action,
    code: item.code,
    reason: item.reason,
    plan: plan === undefined ? undefined : key.sealJson(placeOfPlan(number, travellerId), plan),
    plan_hash: item.planHash,
    outcome: item.outcome,
    detail: item.detail,
    replanned: item.replanned,
  };
}

function toItem(key: EntityKey, row: Row): MigrationItem {
  const { migration_number: number, traveller_id: travellerId, plan } = row;
  return {
    entityId: row.entity_id,
    migrationNumber: number,
    travellerId,
    action: row.action,
    planHash: row.plan_hash,
    replanned: row.replanned,
    ...(plan === null ? {} : { plan: key.openJson(placeOfPlan(number, travellerId), plan) }),
    ...present({ code: row.code, reason: row.reason, outcome: row.outcome, detail: row.detail }),
  };
}
