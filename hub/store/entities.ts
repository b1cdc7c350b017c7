import { sql } from 'kysely';
import { canonicalText } from '../content';
import { type Entities, type EntityCounts, type SyncViewState } from '../contract';
import { newDataKey } from '../crypto/entity-key';
import { EntityConflict, EntityUnknown } from '../errors';
import { type Entity, type EntityDefinition } from '../types';
import { ensureAgency } from './agencies';
import { changedColumns, definitionOf, newEntityRow, toEntity } from './entity-rows';
import { eraseTravellers, forgetEntity } from './erase';
import { rewrapKeys } from './rewrap-keys';
import { type Executor, pageOf, type StoreContext } from './support';
import { insertMissingStates } from './sync-rows';
import { syncViewState } from './sync-view';
import { turnOffWake, turnOnWake } from './wake';

export function createEntities({ db, ring, keys }: StoreContext): Entities {
  return {
    create: (definition, { now }) =>
      db.transaction().execute(async (tx) => {
        const { id, agencyId } = definition;
        const agency = await ensureAgency(tx, { id: agencyId, name: agencyId }, now);
        const row = await tx
          .insertInto('entities')
          .values(newEntityRow(definition, agency, newDataKey(ring, id), now))
          .onConflict((conflict) => conflict.column('id').doNothing())
          .returningAll()
          .executeTakeFirst();
        if (row === undefined) return { created: false, entity: await sameEntity(tx, definition) };
        await tx.insertInto('credentials').values({ entity_id: id, version: 0 }).execute();
        return { created: true, entity: toEntity(row) };
      }),

    get: (id) => getEntity(db, id),
    find: (id) => findEntity(db, id),

    async list({ stage, ...query }) {
      let rows = db
        .selectFrom('entities')
        .selectAll()
        .orderBy('id')
        .limit(query.limit + 1);
      if (query.cursor !== undefined) rows = rows.where('id', '>', query.cursor);
      if (stage !== undefined) rows = rows.where('stage', '=', stage);
      return pageOf(await rows.execute(), query, toEntity, (row) => row.id);
    },

    patch: (id, change) =>
      db.transaction().execute(async (tx) => {
        const entity = await updateEntity(tx, id, change);
        if (change.gds !== undefined && change.gds !== null) await insertMissingStates(tx, id);
        return entity;
      }),

    setState: (id, change) => updateEntity(db, id, change),
    setWake: (id, { now }) => turnOnWake(db, id, now),
    clearWake: (id) => turnOffWake(db, id),

    async counts(id) {
      await getEntity(db, id);
      return (await countEntities(db, [id])).get(id) ?? noCounts();
    },
    countsOf: (ids) => countEntities(db, ids),

    async shred(id, { now }) {
      await db.transaction().execute(async (tx) => {
        await lockForErasure(tx, id);
        await eraseTravellers(tx, id, undefined, now);
        await forgetEntity(tx, id);
      });
      keys.forget(id);
    },

    rewrapKeys: (query) => rewrapKeys(db, ring, query),
  };
}

/** Waits for whoever stores something of the entity, see `EntityKeys.toWrite`. @throws EntityUnknown */
async function lockForErasure(tx: Executor, id: string): Promise<void> {
  const row = await tx
    .selectFrom('entities')
    .select('id')
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  if (row === undefined) throw new EntityUnknown(id);
}

export async function findEntity(db: Executor, id: string): Promise<Entity | undefined> {
  const row = await db.selectFrom('entities').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : toEntity(row);
}

/** @throws EntityUnknown */
export async function getEntity(db: Executor, id: string): Promise<Entity> {
  const entity = await findEntity(db, id);
  if (entity === undefined) throw new EntityUnknown(id);
  return entity;
}

/** @throws EntityUnknown */
export async function updateEntity(
  db: Executor,
  id: string,
  change: Parameters<typeof changedColumns>[0],
): Promise<Entity> {
  const columns = changedColumns(change);
  if (Object.keys(columns).length === 0) return getEntity(db, id);
  const row = await db
    .updateTable('entities')
    .set(columns)
    .where('id', '=', id)
    .returningAll()
    .executeTakeFirst();
  if (row === undefined) throw new EntityUnknown(id);
  return toEntity(row);
}

async function sameEntity(tx: Executor, definition: EntityDefinition): Promise<Entity> {
  const entity = await getEntity(tx, definition.id);
  if (canonicalText(definitionOf(entity, definition)) !== canonicalText(definition))
    throw new EntityConflict(definition.id);
  return entity;
}

type Counters = { -readonly [K in keyof EntityCounts]: EntityCounts[K] };

export const noCounts = (): Counters => ({
  travellers: 0,
  synced: 0,
  pending: 0,
  quarantined: 0,
  held: 0,
  inactive: 0,
  conflicts: 0,
});

async function countEntities(db: Executor, ids: readonly string[]): Promise<Map<string, EntityCounts>> {
  const counts = new Map<string, Counters>(ids.map((id) => [id, noCounts()]));
  const states = await sql<{ entity_id: string; state: SyncViewState; count: number }>`
    select t.entity_id, ${syncViewState} as state, count(*) as count
    from travellers t join sync_states s
      on s.entity_id = t.entity_id and s.traveller_id = t.id and s.target = 'concur'
    where t.entity_id = any(${[...ids]}::text[])
    group by 1, 2`.execute(db);
  for (const { entity_id: id, state, count } of states.rows) {
    const counters = counts.get(id);
    if (counters === undefined) continue;
    counters[state] += count;
    counters.travellers += count;
  }
  const conflicts = await sql<{ entity_id: string; count: number }>`
    select entity_id, count(*) as count from conflicts
    where entity_id = any(${[...ids]}::text[]) and restored_at is null
    group by 1`.execute(db);
  for (const { entity_id: id, count } of conflicts.rows) {
    const counters = counts.get(id);
    if (counters !== undefined) counters.conflicts = count;
  }
  return counts;
}
