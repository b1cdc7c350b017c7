import { type Selectable, sql } from 'kysely';
import { type Quarantine, type QuarantineRecord } from '../contract';
import { type QuarantineTable } from '../db/schema';
import { QuarantineUnknown } from '../errors';
import { getEntity } from './entities';
import { openQuarantine, placeOfMessage } from './quarantine-writes';
import { type Executor, pageOf, present, type StoreContext } from './support';
import { wakeEntity } from './wake';

export function createQuarantine(context: StoreContext): Quarantine {
  const { db, keys } = context;
  const get = async (id: string): Promise<QuarantineRecord> => toRecord(await readRow(db, id));
  const close = async (
    id: string,
    resolution: 'resolved' | 'dismissed',
    now: Date,
  ): Promise<QuarantineRecord> => {
    await db
      .updateTable('quarantine')
      .set({ resolved_at: now, resolution })
      .where('id', '=', id)
      .where('resolved_at', 'is', null)
      .execute();
    return get(id);
  };

  return {
    async list({ entityId, travellerId, direction, includeClosed, ...query }) {
      let rows = db
        .selectFrom('quarantine')
        .selectAll()
        .orderBy('id')
        .limit(query.limit + 1);
      if (query.cursor !== undefined) rows = rows.where('id', '>', query.cursor);
      if (entityId !== undefined) rows = rows.where('entity_id', '=', entityId);
      if (travellerId !== undefined) rows = rows.where('traveller_id', '=', travellerId);
      if (direction !== undefined) rows = rows.where('direction', '=', direction);
      if (includeClosed !== true) rows = rows.where('resolved_at', 'is', null);
      return pageOf(await rows.execute(), query, toRecord, (row) => row.id);
    },

    get,

    async message(id) {
      const row = await readRow(db, id);
      if (row.message === null) return undefined;
      return (await keys.of(db, row.entity_id)).open(placeOfMessage(id), row.message);
    },

    open: (entries, { now }) => db.transaction().execute((tx) => openQuarantine(context, tx, entries, now)),
    resolve: (id, { now }) => close(id, 'resolved', now),
    dismiss: (id, { now }) => close(id, 'dismissed', now),

    retry: (id, { now }) =>
      db.transaction().execute(async (tx) => {
        const row = await tx
          .updateTable('quarantine')
          .set({ concur_modified_at: null, retry_asked: true, resolved_at: null, resolution: null })
          .where('id', '=', id)
          .where(openOrReopenable)
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) return { record: toRecord(await readRow(tx, id)), woke: false };
        const { direction, entity_id: entityId, traveller_id: travellerId } = row;
        const unblocked =
          direction === 'publish' && travellerId !== null && (await unblock(tx, entityId, [travellerId]));
        return { record: toRecord(row), woke: unblocked && (await wakeEntity(tx, entityId, now)) };
      }),

    retryAll: ({ entityId, code }, { now }) =>
      db.transaction().execute(async (tx) => {
        await getEntity(tx, entityId);
        const rows = await tx
          .updateTable('quarantine')
          .set({ concur_modified_at: null, retry_asked: true })
          .where('entity_id', '=', entityId)
          .where('code', '=', code)
          .where('resolved_at', 'is', null)
          .returning(['direction', 'traveller_id'])
          .execute();
        const publish = rows.filter(({ direction }) => direction === 'publish');
        const travellers = publish.flatMap(({ traveller_id: id }) => id ?? []);
        const unblocked = await unblock(tx, entityId, travellers);
        return {
          retried: { publish: publish.length, pull: rows.length - publish.length },
          woke: unblocked && (await wakeEntity(tx, entityId, now)),
        };
      }),

    async counts(entityId) {
      const only = entityId === undefined ? sql`` : sql`and entity_id = ${entityId}`;
      const { rows } = await sql<{ entity_id: string; open: number }>`
        select entity_id, count(*) as open from quarantine where resolved_at is null ${only}
        group by 1`.execute(db);
      return new Map(rows.map((row) => [row.entity_id, row.open]));
    },
  };
}

/** A dismissed one is opened again, unless the same record has failed anew since. */
const openOrReopenable = sql<boolean>`(resolved_at is null or (resolution = 'dismissed' and not exists (
  select 1 from quarantine o
  where o.entity_id = quarantine.entity_id and o.direction = quarantine.direction and o.resolved_at is null
    and (o.traveller_id = quarantine.traveller_id or lower(o.login_id) = lower(quarantine.login_id))
)))`;

/** True when one of the travellers is due for publishing again. */
async function unblock(tx: Executor, entityId: string, travellerIds: readonly string[]): Promise<boolean> {
  const { rows } = await sql<{ dirty: boolean }>`
    update sync_states set blocked_version = null, version = version + 1
    where entity_id = ${entityId} and traveller_id = any(${[...travellerIds]}::text[])
    returning hub_version > published_version as dirty`.execute(tx);
  return rows.some((state) => state.dirty);
}

/** @throws QuarantineUnknown */
async function readRow(db: Executor, id: string): Promise<Selectable<QuarantineTable>> {
  const row = await db.selectFrom('quarantine').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) throw new QuarantineUnknown(id);
  return row;
}

function toRecord(row: Selectable<QuarantineTable>): QuarantineRecord {
  return {
    id: row.id,
    entityId: row.entity_id,
    direction: row.direction,
    code: row.code,
    reason: row.reason,
    firstAt: row.first_at,
    lastAt: row.last_at,
    attempts: row.attempts,
    transient: row.transient,
    ...present({
      travellerId: row.traveller_id,
      loginId: row.login_id,
      field: row.field,
      correlationId: row.correlation_id,
      concurModifiedAt: row.concur_modified_at,
      resolvedAt: row.resolved_at,
      resolution: row.resolution,
    }),
  };
}
