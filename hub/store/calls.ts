import { type Selectable, sql } from 'kysely';
import { type CallRecord, type Calls } from '../contract';
import { type EntityKey } from '../crypto/entity-key';
import { type ConcurCallsTable } from '../db/schema';
import { type Columns, groupBy, inChunks, pageOf, present, recordset, type StoreContext } from './support';

const COLUMNS = {
  id: 'text',
  entity_id: 'text',
  at: 'timestamptz',
  system: 'text',
  method: 'text',
  route: 'text',
  status: 'integer',
  duration_ms: 'integer',
  correlation_id: 'text',
  traveller_id: 'text',
  error_code: 'text',
  message: 'text',
} as const satisfies Columns;

const placeOf = (id: string): readonly string[] => ['concur_calls', id, 'message'];

export function createCalls({ db, keys }: StoreContext): Calls {
  return {
    async add(calls) {
      const names = sql.raw(Object.keys(COLUMNS).join(', '));
      for (const [entityId, group] of groupBy(calls, (call) => call.entityId)) {
        const sealing = group.some((call) => call.message !== undefined);
        const key = sealing ? await keys.of(db, entityId) : undefined;
        await inChunks(group, async (chunk) => {
          const rows = chunk.map((call) => rowOf(key, call));
          await sql`
            insert into concur_calls (${names}) select ${names} from ${recordset(rows, COLUMNS)}
            on conflict (id) do nothing`.execute(db);
        });
      }
    },

    async list({ entityId, correlationId, travellerId, ...query }) {
      let rows = db
        .selectFrom('concur_calls')
        .selectAll()
        .orderBy('id')
        .limit(query.limit + 1);
      if (query.cursor !== undefined) rows = rows.where('id', '>', query.cursor);
      if (entityId !== undefined) rows = rows.where('entity_id', '=', entityId);
      if (correlationId !== undefined) rows = rows.where('correlation_id', '=', correlationId);
      if (travellerId !== undefined) rows = rows.where('traveller_id', '=', travellerId);
      return pageOf(await rows.execute(), query, toCall, (row) => row.id);
    },

    async get(id) {
      const row = await db.selectFrom('concur_calls').selectAll().where('id', '=', id).executeTakeFirst();
      if (row === undefined || row.message === null) return row && toCall(row);
      const message = (await keys.of(db, row.entity_id)).open(placeOf(id), row.message);
      return { ...toCall(row), message };
    },

    async purge(before) {
      const result = await db.deleteFrom('concur_calls').where('at', '<', before).executeTakeFirst();
      return Number(result.numDeletedRows);
    },
  };
}

function rowOf(key: EntityKey | undefined, call: CallRecord): Record<keyof typeof COLUMNS, unknown> {
  return {
    id: call.id,
    entity_id: call.entityId,
    at: call.at,
    system: call.system,
    method: call.method,
    route: call.route,
    status: call.status,
    duration_ms: Math.round(call.durationMs),
    correlation_id: call.correlationId,
    traveller_id: call.travellerId,
    error_code: call.errorCode,
    message: call.message === undefined ? undefined : key?.seal(placeOf(call.id), call.message),
  };
}

function toCall(row: Selectable<ConcurCallsTable>): Omit<CallRecord, 'message'> {
  return {
    id: row.id,
    entityId: row.entity_id,
    at: row.at,
    system: row.system,
    method: row.method,
    route: row.route,
    durationMs: row.duration_ms,
    ...present({
      status: row.status,
      correlationId: row.correlation_id,
      travellerId: row.traveller_id,
      errorCode: row.error_code,
    }),
  };
}
