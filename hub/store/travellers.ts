import { type Selectable, sql } from 'kysely';
import { type PageQuery, type SyncViewState, type TravellerView, type Travellers } from '../contract';
import { type EntityKey } from '../crypto/entity-key';
import { type TravellersTable } from '../db/schema';
import { TravellerUnknown } from '../errors';
import { type ProfileStatus } from '../../profile';
import { type FieldNote } from '../types';
import { getEntity } from './entities';
import { eraseRecordsAbout, eraseTravellers } from './erase';
import { type Executor, pageOf, present, type StoreContext } from './support';
import { toSyncState } from './sync-rows';
import { syncViewState } from './sync-view';
import { toTraveller } from './traveller-rows';
import { writeTravellers } from './traveller-writes';

export function createTravellers(context: StoreContext): Travellers {
  const { db, keys } = context;
  const find = async (entityId: string, id: string): Promise<TravellerView | undefined> => {
    const [row] = await readViews(db, entityId, { id, limit: 1 });
    return row === undefined ? undefined : toView(await keys.of(db, entityId), row);
  };

  return {
    async upsert({ entityId, ...write }, { now }) {
      const { results, woke } = await writeTravellers(context, entityId, [write], now);
      const [result] = results;
      if (result === undefined) throw new TravellerUnknown(entityId, write.id);
      if (!result.ok) throw result.error;
      const { traveller, created, changed } = result;
      return { traveller, created, changed, woke };
    },

    upsertMany: (entityId, writes, { now }) => writeTravellers(context, entityId, writes, now),

    async get(entityId, id) {
      const view = await find(entityId, id);
      if (view !== undefined) return view;
      await getEntity(db, entityId);
      throw new TravellerUnknown(entityId, id);
    },

    find,

    async list(entityId, query) {
      const rows = await readViews(db, entityId, query);
      if (rows.length === 0) await getEntity(db, entityId);
      const key = rows.length === 0 ? undefined : await keys.of(db, entityId);
      const { items, ...page } = pageOf(
        rows,
        query,
        (row) => row,
        (row) => row.id,
      );
      return { ...page, items: key === undefined ? [] : items.map((row) => toView(key, row)) };
    },

    async syncStates(entityId, id) {
      const rows = await db
        .selectFrom('sync_states')
        .selectAll()
        .where('entity_id', '=', entityId)
        .where('traveller_id', '=', id)
        .orderBy('target', 'desc')
        .execute();
      if (rows.length === 0) return [];
      const key = await keys.of(db, entityId);
      return rows.map((row) => toSyncState(key, row));
    },

    erase: (entityId, id, { now }) =>
      db.transaction().execute(async (tx) => {
        await eraseRecordsAbout(tx, keys, entityId, id);
        if ((await eraseTravellers(tx, entityId, id, now)) === 0) throw new TravellerUnknown(entityId, id);
      }),

    async setHeld(entityId, id, held) {
      const result = await db
        .updateTable('sync_states')
        .set((set) => ({ held, version: set('version', '+', 1) }))
        .where('entity_id', '=', entityId)
        .where('traveller_id', '=', id)
        .executeTakeFirst();
      if (result.numUpdatedRows === 0n) throw new TravellerUnknown(entityId, id);
    },
  };
}

interface ViewRow extends Selectable<TravellersTable> {
  readonly locator: string | null;
  readonly concur_uuid: string | null;
  readonly last_published_at: Date | null;
  readonly last_pulled_at: Date | null;
  readonly notes: readonly FieldNote[];
  readonly state: SyncViewState;
}

/** Travellers with what a list shows of their Concur state; the bases stay in the database. */
async function readViews(
  db: Executor,
  entityId: string,
  query: PageQuery & {
    readonly id?: string;
    readonly status?: ProfileStatus;
    readonly state?: SyncViewState;
  },
): Promise<ViewRow[]> {
  const { id, cursor, status, state } = query;
  const { rows } = await sql<ViewRow>`
    select t.*, s.locator, s.concur_uuid, s.last_published_at, s.last_pulled_at, s.notes,
      ${syncViewState} as state
    from travellers t join sync_states s
      on s.entity_id = t.entity_id and s.traveller_id = t.id and s.target = 'concur'
    where t.entity_id = ${entityId}
      ${id === undefined ? sql`` : sql`and t.id = ${id}`}
      ${cursor === undefined ? sql`` : sql`and t.id > ${cursor}`}
      ${status === undefined ? sql`` : sql`and t.status = ${status}`}
      ${state === undefined ? sql`` : sql`and ${syncViewState} = ${state}`}
    order by t.id limit ${query.limit + 1}`.execute(db);
  return rows;
}

function toView(key: EntityKey, row: ViewRow): TravellerView {
  return {
    traveller: toTraveller(key, row),
    sync: {
      state: row.state,
      warnings: row.notes,
      ...present({ lastPublishedAt: row.last_published_at, lastPulledAt: row.last_pulled_at }),
    },
    ...present({ concurLoginId: row.locator, concurUuid: row.concur_uuid, erasedAt: row.erased_at }),
  };
}
