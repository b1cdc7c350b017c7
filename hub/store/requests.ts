import { type Selectable } from 'kysely';
import { type Requests } from '../contract';
import { type RequestsTable } from '../db/schema';
import { type RequestRecord, type RequestRefusal } from '../types';
import { present, storable, type StoreContext, toJson } from './support';

export function createRequests({ db }: StoreContext): Requests {
  return {
    async create({ id, entityId, kind, payload }, { now }) {
      const result = await db
        .insertInto('requests')
        .values({ id, entity_id: entityId, kind, payload: toJson(payload), created_at: now, attempts: 0 })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirst();
      const row = await db.selectFrom('requests').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
      return { created: (result.numInsertedOrUpdatedRows ?? 0n) > 0n, request: toRequest(row) };
    },

    async get(id) {
      const row = await db.selectFrom('requests').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? undefined : toRequest(row);
    },

    async latest(entityId, kind) {
      const row = await db
        .selectFrom('requests')
        .selectAll()
        .where('entity_id', '=', entityId)
        .where('kind', '=', kind)
        .orderBy('created_at', 'desc')
        .orderBy('id', 'desc')
        .limit(1)
        .executeTakeFirst();
      return row === undefined ? undefined : toRequest(row);
    },

    async markDelivered(id, { now }) {
      await db
        .updateTable('requests')
        .set((set) => ({ delivered_at: now, attempts: set('attempts', '+', 1), last_error: null }))
        .where('id', '=', id)
        .where('delivered_at', 'is', null)
        .execute();
    },

    async markRefused(id, { code, reason }, { now }) {
      await db
        .updateTable('requests')
        .set((set) => ({
          delivered_at: now,
          attempts: set('attempts', '+', 1),
          last_error: null,
          refused_code: code,
          refused_reason: storable(reason),
        }))
        .where('id', '=', id)
        .where('delivered_at', 'is', null)
        .execute();
    },

    async markFailed(id, error) {
      await db
        .updateTable('requests')
        .set((set) => ({ attempts: set('attempts', '+', 1), last_error: storable(error) }))
        .where('id', '=', id)
        .where('delivered_at', 'is', null)
        .execute();
    },

    async pending({ limit, createdBefore }) {
      const rows = await db
        .selectFrom('requests')
        .selectAll()
        .where('delivered_at', 'is', null)
        .where('created_at', '<', createdBefore)
        .orderBy('created_at')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(toRequest);
    },

    async purge(createdBefore) {
      const result = await db
        .deleteFrom('requests')
        .where('delivered_at', 'is not', null)
        .where('created_at', '<', createdBefore)
        .executeTakeFirst();
      return Number(result.numDeletedRows);
    },
  };
}

function toRequest(row: Selectable<RequestsTable>): RequestRecord {
  return {
    id: row.id,
    entityId: row.entity_id,
    kind: row.kind,
    payload: row.payload,
    createdAt: row.created_at,
    attempts: row.attempts,
    ...present({ deliveredAt: row.delivered_at, lastError: row.last_error, refusal: refusalOf(row) }),
  };
}

function refusalOf(row: Selectable<RequestsTable>): RequestRefusal | undefined {
  const { refused_code: code, refused_reason: reason } = row;
  return code === null || reason === null ? undefined : { code, reason };
}
