import { sql } from 'kysely';
import { type KnownSeals } from '../crypto/document';
import { type EntityKey } from '../crypto/entity-key';
import { TravellerUnknown } from '../errors';
import { type SyncState, type Target, type Traveller, type TravellerSync } from '../types';
import { toSyncState } from './sync-rows';
import { type Executor, inChunks, recordset, type StoreContext } from './support';
import { toTraveller, TRAVELLER_COLUMNS, travellerRow } from './traveller-rows';

/** Statements over many travellers of one entity that several repositories need. */

export async function readTravellers(
  db: Executor,
  key: EntityKey,
  ids: readonly string[],
): Promise<Map<string, Traveller>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('travellers')
    .selectAll()
    .where('entity_id', '=', key.entityId)
    .where('id', '=', sql<string>`any(${[...ids]}::text[])`)
    .orderBy('id')
    .execute();
  return new Map(rows.map((row) => [row.id, toTraveller(key, row)]));
}

export async function readStates(
  db: Executor,
  key: EntityKey,
  target: Target,
  ids: readonly string[],
): Promise<Map<string, SyncState>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('sync_states')
    .selectAll()
    .where('entity_id', '=', key.entityId)
    .where('target', '=', target)
    .where('traveller_id', '=', sql<string>`any(${[...ids]}::text[])`)
    .execute();
  return new Map(rows.map((row) => [row.traveller_id, toSyncState(key, row)]));
}

/** Travellers with their state for one target, in the order of `ids`; unknown ones are left out. */
export async function readPairs(
  { keys }: StoreContext,
  db: Executor,
  entityId: string,
  target: Target,
  ids: readonly string[],
): Promise<TravellerSync[]> {
  if (ids.length === 0) return [];
  const key = await keys.of(db, entityId);
  const travellers = await readTravellers(db, key, ids);
  const states = await readStates(db, key, target, ids);
  return ids.flatMap((id) => {
    const traveller = travellers.get(id);
    const state = states.get(id);
    return traveller === undefined || state === undefined ? [] : [{ traveller, state }];
  });
}

export async function insertTravellers(
  db: Executor,
  key: EntityKey,
  travellers: readonly Traveller[],
): Promise<void> {
  const names = sql.raw(Object.keys(TRAVELLER_COLUMNS).join(', '));
  await inChunks(travellers, async (chunk) => {
    const rows = chunk.map((traveller) => travellerRow(key, traveller));
    await sql`insert into travellers (${names})
      select ${names} from ${recordset(rows, TRAVELLER_COLUMNS)}`.execute(db);
  });
}

/** A changed version is carried into every sync state by the foreign key. @throws TravellerUnknown */
export async function updateTravellers(
  db: Executor,
  key: EntityKey,
  travellers: readonly Traveller[],
  known?: KnownSeals,
): Promise<void> {
  await inChunks(travellers, async (chunk) => {
    const rows = chunk.map((traveller) => travellerRow(key, traveller, known));
    const { rows: updated } = await sql<{ id: string }>`
      update travellers t set username = x.username, status = x.status, sections = x.sections,
        unknown_elements = x.unknown_elements, content_hash = x.content_hash, version = x.version,
        changed_at = x.changed_at
      from ${recordset(rows, TRAVELLER_COLUMNS)}
      where t.entity_id = x.entity_id and t.id = x.id
      returning t.id`.execute(db);
    const found = new Set(updated.map((row) => row.id));
    const missing = chunk.find((traveller) => !found.has(traveller.id));
    if (missing !== undefined) throw new TravellerUnknown(missing.entityId, missing.id);
  });
}
