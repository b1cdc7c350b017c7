import { sql } from 'kysely';
import { type HubTransaction } from '../contract';
import { KnownSeals } from '../crypto/document';
import { type EntityKey } from '../crypto/entity-key';
import { LocatorTaken, VersionConflict } from '../errors';
import { assignKeys, lacksKeys } from '../list-keys';
import { type SyncState, type Target, type Traveller, type TravellerSync } from '../types';
import { insertConflicts } from './conflicts';
import { updateEntity } from './entities';
import { openQuarantine, resolveQuarantine } from './quarantine-writes';
import { lockPairs } from './sync-lock';
import { insertMissingStates, SAVED_STATE_COLUMNS, STATE_COLUMNS, stateRow } from './sync-rows';
import {
  type Executor,
  groupBy,
  inChunks,
  recordset,
  type StoreContext,
  toJsonOrNull,
  violates,
} from './support';
import { insertTravellers, readTravellers, updateTravellers } from './traveller-batches';

export function createSyncTransaction(context: StoreContext, tx: Executor): HubTransaction {
  const { keys, ids } = context;
  // As they stand in this transaction, which holds their locks: nobody needs to read them again.
  const locked = new Map<string, Traveller>();
  const seals = new KnownSeals();
  const note = (traveller: Traveller): unknown => locked.set(recordOf(traveller), traveller);
  return {
    async lock(entityId, target, by) {
      const found = await lockPairs(context, tx, entityId, target, by, seals);
      for (const { traveller } of found) note(traveller);
      return found;
    },

    async travellersByUsername(entityId, usernames) {
      // One look into the index per name, as in `idsOf`.
      const { rows } = await sql<{ id: string; username: string; bound: boolean }>`
        select distinct t.id, t.username, t.bound from unnest(${[...usernames]}::text[]) as given (name)
        cross join lateral (
          select id, username, exists (
            select 1 from sync_states s
            where s.entity_id = ${entityId} and s.traveller_id = travellers.id and s.target = 'concur'
              and s.concur_uuid is not null
          ) as bound
          from travellers
          where entity_id = ${entityId} and lower(username) = lower(given.name) offset 0
        ) t
        order by t.id`.execute(tx);
      return rows;
    },

    async loginsBeingCreated(entityId, logins) {
      const { rows } = await sql<{ login: string }>`
        select distinct t.login from unnest(${[...logins]}::text[]) as given (name)
        cross join lateral (
          select lower(create_intent ->> 'login') as login from sync_states
          where entity_id = ${entityId} and target = 'concur' and create_intent is not null
            and lower(create_intent ->> 'login') = lower(given.name) offset 0
        ) t
        order by t.login`.execute(tx);
      return rows.map(({ login }) => login);
    },

    async insert(entries) {
      for (const [entityId, group] of groupBy(entries, ({ traveller }) => traveller.entityId)) {
        const key = await keys.toWrite(tx, entityId);
        const travellers = group.map(({ traveller }) => ({
          ...traveller,
          sections: assignKeys(traveller.sections, undefined, ids),
        }));
        await insertTravellers(tx, key, travellers);
        await insertStates(tx, key, group);
        await insertMissingStates(
          tx,
          entityId,
          group.map(({ traveller }) => traveller.id),
        );
      }
    },

    async save(entries) {
      for (const [entityId, group] of groupBy(entries, ({ state }) => state.entityId)) {
        const key = await keys.toWrite(tx, entityId);
        const contents = group.flatMap(({ traveller }) => (traveller === undefined ? [] : [traveller]));
        const travellers = await withListKeys(context, tx, key, contents, locked);
        await updateTravellers(tx, key, travellers, seals);
        travellers.forEach(note);
        await updateStates(
          tx,
          key,
          group.map(({ state }) => state),
          seals,
        );
      }
    },

    addConflicts: (conflicts, at) => insertConflicts(context, tx, conflicts, at),
    quarantine: (entries, at) => openQuarantine(context, tx, entries, at),
    resolveQuarantine: (entityId, records, at) => resolveQuarantine(tx, entityId, records, at),

    async setProgress(entityId, progress) {
      await tx
        .updateTable('entities')
        .set({ progress: toJsonOrNull(progress) })
        .where('id', '=', entityId)
        .execute();
    },
    async setCursor(entityId, cursor, force = false) {
      let update = tx.updateTable('entities').set({ sync_cursor: cursor }).where('id', '=', entityId);
      if (!force) {
        update = update.where((or) => or.or([or('sync_cursor', 'is', null), or('sync_cursor', '<', cursor)]));
      }
      await update.execute();
    },
    async setLastPoll(entityId, lastPoll) {
      await updateEntity(tx, entityId, { lastPoll });
    },
    async setClockSkew(entityId, clockSkewMs) {
      await updateEntity(tx, entityId, { clockSkewMs });
    },
  };
}

async function insertStates(tx: Executor, key: EntityKey, entries: readonly TravellerSync[]): Promise<void> {
  const names = sql.raw(Object.keys(STATE_COLUMNS).join(', '));
  await inChunks(entries, async (chunk) => {
    // A state that belongs to a new traveller has its version, whatever the caller put there.
    const rows = chunk.map(({ traveller, state }) => ({
      ...stateRow(key, state),
      hub_version: traveller.version,
    }));
    await refuseTakenLocators(key.entityId, async () => {
      await sql`insert into sync_states (${names}, hub_version)
        select ${names}, hub_version from ${recordset(rows, { ...STATE_COLUMNS, hub_version: 'bigint' })}`.execute(
        tx,
      );
    });
  });
}

/** @throws VersionConflict, LocatorTaken */
async function updateStates(
  tx: Executor,
  key: EntityKey,
  states: readonly SyncState[],
  seals: KnownSeals,
): Promise<void> {
  const assignments = sql.raw(SAVED_STATE_COLUMNS.map((name) => `${name} = x.${name}`).join(', '));
  // Two travellers may swap logins, which no order of updates allows: all that change give theirs up first.
  // One alone, as a publish saves it, has nobody to swap with.
  const swappable = states.length > 1 ? states : [];
  await inChunks(swappable, async (chunk) => {
    const rows = chunk.map(({ entityId, travellerId, target, locator, concurUuid }) => ({
      entity_id: entityId,
      traveller_id: travellerId,
      target,
      locator,
      concur_uuid: concurUuid,
    }));
    await sql`
      update sync_states s set locator = null, concur_uuid = null
      from ${recordset(rows, HANDLE_COLUMNS)}
      where s.entity_id = x.entity_id and s.traveller_id = x.traveller_id and s.target = x.target
        and ((s.locator is not null and s.locator is distinct from x.locator)
          or (s.concur_uuid is not null and s.concur_uuid is distinct from x.concur_uuid))`.execute(tx);
  });
  await inChunks(states, async (chunk) => {
    const rows = chunk.map((state) => stateRow(key, state, seals));
    const updated = await refuseTakenLocators(key.entityId, () =>
      sql<{ traveller_id: string; target: Target }>`
        update sync_states s set ${assignments}, version = x.version + 1
        from ${recordset(rows, STATE_COLUMNS)}
        where s.entity_id = x.entity_id and s.traveller_id = x.traveller_id and s.target = x.target
          and s.version = x.version
        returning s.traveller_id, s.target`.execute(tx),
    );
    const saved = new Set(updated.rows.map((row) => `${row.traveller_id} ${row.target}`));
    const moved = chunk.find((state) => !saved.has(`${state.travellerId} ${state.target}`));
    if (moved !== undefined) throw new VersionConflict(moved.entityId, moved.travellerId);
  });
}

const HANDLE_COLUMNS = {
  entity_id: 'text',
  traveller_id: 'text',
  target: 'text',
  locator: 'text',
  concur_uuid: 'text',
} as const;

async function refuseTakenLocators<T>(entityId: string, write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    const taken = violates(error, 'sync_states_locator') || violates(error, 'sync_states_uuid');
    throw taken ? new LocatorTaken(entityId) : error;
  }
}

/** A pull brings elements without the hub's keys: they get those of their twins in the stored content. */
async function withListKeys(
  { ids }: StoreContext,
  tx: Executor,
  key: EntityKey,
  travellers: readonly Traveller[],
  locked: ReadonlyMap<string, Traveller>,
): Promise<Traveller[]> {
  const unread = travellers.filter(
    (traveller) => lacksKeys(traveller.sections) && !locked.has(recordOf(traveller)),
  );
  const stored = await readTravellers(
    tx,
    key,
    unread.map((traveller) => traveller.id),
  );
  return travellers.map((traveller) => {
    if (!lacksKeys(traveller.sections)) return traveller;
    const before = locked.get(recordOf(traveller)) ?? stored.get(traveller.id);
    return { ...traveller, sections: assignKeys(traveller.sections, before?.sections, ids) };
  });
}

function recordOf({ entityId, id }: Traveller): string {
  return `${entityId} ${id}`;
}
