import { type Selectable } from 'kysely';
import { type Events } from '../contract';
import { type EventsTable } from '../db/schema';
import { type EventRecord } from '../types';
import { pageOf, present, storable, type StoreContext } from './support';

export function createEvents({ db }: StoreContext): Events {
  return {
    async add({ id, entityId, at, kind, message, dueAt }) {
      const result = await db
        .insertInto('events')
        .values({ id, entity_id: entityId, at, kind, message: storable(message), due_at: dueAt ?? null })
        .onConflict((conflict) => conflict.column('id').doNothing())
        .executeTakeFirst();
      return (result.numInsertedOrUpdatedRows ?? 0n) > 0n;
    },

    async list({ entityId, kind, ...query }) {
      let rows = db
        .selectFrom('events')
        .selectAll()
        .orderBy('id')
        .limit(query.limit + 1);
      if (query.cursor !== undefined) rows = rows.where('id', '>', query.cursor);
      if (entityId !== undefined) rows = rows.where('entity_id', '=', entityId);
      if (kind !== undefined) rows = rows.where('kind', '=', kind);
      return pageOf(await rows.execute(), query, toEvent, (row) => row.id);
    },
  };
}

function toEvent(row: Selectable<EventsTable>): EventRecord {
  const { id, entity_id: entityId, at, kind, message, due_at: dueAt } = row;
  return { id, entityId, at, kind, message, ...present({ dueAt }) };
}
