import { type Selectable, sql } from 'kysely';
import { z } from 'zod';
import { type CallContent, type CallQuery, type CallRecord, type Calls, type CallSummary } from '../contract';
import { type EntityKey } from '../crypto/entity-key';
import { type HubDatabase } from '../db';
import { type ConcurCallsTable } from '../db/schema';
import { isEntityErased, isKeyMissing, StoredDataInvalid } from '../errors';
import { type Columns, groupBy, inChunks, pageOf, present, recordset, type StoreContext } from './support';

const COLUMNS = {
  id: 'text',
  entity_id: 'text',
  at: 'timestamptz',
  system: 'text',
  function: 'text',
  method: 'text',
  origin: 'text',
  route: 'text',
  status: 'integer',
  duration_ms: 'integer',
  correlation_id_sent: 'text',
  correlation_id: 'text',
  traveller_id: 'text',
  error_code: 'text',
  server_date: 'timestamptz',
  user_hash: 'text',
  content: 'text',
} as const satisfies Columns;

const SUMMARY = [
  'id',
  'entity_id',
  'at',
  'system',
  'function',
  'method',
  'origin',
  'route',
  'status',
  'duration_ms',
  'correlation_id_sent',
  'correlation_id',
  'traveller_id',
  'error_code',
  'server_date',
] as const;
type SummaryRow = Pick<Selectable<ConcurCallsTable>, (typeof SUMMARY)[number]>;

const placeOf = (id: string): readonly string[] => ['concur_calls', id, 'content'];

const headersSchema = z.record(z.string(), z.string());
const contentSchema = z.object({
  user: z.string().exactOptional(),
  exchange: z
    .object({
      url: z.string(),
      requestHeaders: headersSchema,
      requestBody: z.string().exactOptional(),
      responseHeaders: headersSchema.exactOptional(),
      responseBody: z.string().exactOptional(),
    })
    .exactOptional(),
});

/** By this an erasure finds the calls about a traveller, whose logins stand in no column. */
export function callUserHash(key: EntityKey, user: string): string {
  return key.shortHash(`call user ${user.toLowerCase()}`);
}

export function createCalls({ db, keys }: StoreContext): Calls {
  /** A call is kept also where nothing can be sealed any more: calls are noted while an erasure goes on. */
  async function sealingKey(tx: HubDatabase, entityId: string): Promise<EntityKey | undefined> {
    try {
      return await keys.toWrite(tx, entityId);
    } catch (error) {
      if (isKeyMissing(error) || isEntityErased(error)) return undefined;
      throw error;
    }
  }

  return {
    async add(calls) {
      const names = sql.raw(Object.keys(COLUMNS).join(', '));
      for (const [entityId, group] of groupBy(calls, (call) => call.entityId)) {
        const isPersonal = group.some((call) => call.content !== undefined);
        await db.transaction().execute(async (tx) => {
          const key = isPersonal ? await sealingKey(tx, entityId) : undefined;
          await inChunks(group, async (chunk) => {
            const rows = chunk.map((call) => rowOf(key, call));
            await sql`
              insert into concur_calls (${names}) select ${names} from ${recordset(rows, COLUMNS)}
              on conflict (id) do nothing`.execute(tx);
          });
        });
      }
    },

    list: (query) => listCalls(db, query),

    async find(id) {
      const row = await db.selectFrom('concur_calls').select(SUMMARY).where('id', '=', id).executeTakeFirst();
      return row && toCall(row);
    },

    async get(id) {
      const row = await db.selectFrom('concur_calls').selectAll().where('id', '=', id).executeTakeFirst();
      if (row === undefined || row.content === null) return row && toCall(row);
      const key = await keys.of(db, row.entity_id);
      return { ...toCall(row), content: openContent(key, id, row.content) };
    },

    async purge(before) {
      const result = await db.deleteFrom('concur_calls').where('at', '<', before).executeTakeFirst();
      return Number(result.numDeletedRows);
    },
  };
}

async function listCalls(db: HubDatabase, query: CallQuery): ReturnType<Calls['list']> {
  const { cursor, limit, entityId, correlationId, travellerId, failed, since, until, newestFirst } = query;
  let rows = db
    .selectFrom('concur_calls')
    .select(SUMMARY)
    .orderBy('id', newestFirst === true ? 'desc' : 'asc')
    .limit(limit + 1);
  if (cursor !== undefined) rows = rows.where('id', newestFirst === true ? '<' : '>', cursor);
  if (entityId !== undefined) rows = rows.where('entity_id', '=', entityId);
  if (correlationId !== undefined) {
    rows = rows.where((q) =>
      q.or([q('correlation_id', '=', correlationId), q('correlation_id_sent', '=', correlationId)]),
    );
  }
  if (travellerId !== undefined) rows = rows.where('traveller_id', '=', travellerId);
  if (query.function !== undefined) rows = rows.where('function', '=', query.function);
  if (failed === true) rows = rows.where('error_code', 'is not', null);
  if (since !== undefined) rows = rows.where('at', '>=', since);
  if (until !== undefined) rows = rows.where('at', '<', until);
  return pageOf(await rows.execute(), query, toCall, (row) => row.id);
}

function openContent(key: EntityKey, id: string, sealed: string): CallContent {
  const read = contentSchema.safeParse(key.openJson(placeOf(id), sealed));
  if (read.success) return read.data;
  throw new StoredDataInvalid(`concur_calls/${id}/content`);
}

function rowOf(key: EntityKey | undefined, call: CallRecord): Record<keyof typeof COLUMNS, unknown> {
  const { content } = call;
  const user = content?.user;
  return {
    id: call.id,
    entity_id: call.entityId,
    at: call.at,
    system: call.system,
    function: call.function,
    method: call.method,
    origin: call.origin,
    route: call.route,
    status: call.status,
    duration_ms: Math.round(call.durationMs),
    correlation_id_sent: call.correlationIdSent,
    correlation_id: call.correlationId,
    traveller_id: call.travellerId,
    error_code: call.errorCode,
    server_date: call.serverDate,
    user_hash: user === undefined ? undefined : key && callUserHash(key, user),
    content: content === undefined ? undefined : key?.sealJson(placeOf(call.id), content),
  };
}

function toCall(row: SummaryRow): CallSummary {
  return {
    id: row.id,
    entityId: row.entity_id,
    at: row.at,
    system: row.system,
    method: row.method,
    route: row.route,
    durationMs: row.duration_ms,
    ...present({
      function: row.function,
      origin: row.origin,
      status: row.status,
      correlationIdSent: row.correlation_id_sent,
      correlationId: row.correlation_id,
      travellerId: row.traveller_id,
      errorCode: row.error_code,
      serverDate: row.server_date,
    }),
  };
}
