import { type RawBuilder, type Selectable, sql } from 'kysely';
import { type Handles } from '../contract';
import { type KnownSeals } from '../crypto/document';
import { type EntityKey } from '../crypto/entity-key';
import { type SyncStatesTable, type TravellersTable } from '../db/schema';
import { type LockedTraveller, type SyncState, type Target } from '../types';
import { toSyncState } from './sync-rows';
import { type Executor, type StoreContext } from './support';
import { toTraveller } from './traveller-rows';

export interface LockBy extends Handles {
  readonly travellerIds: readonly string[];
}

/**
 * Locks and reads travellers and their states for one target, in the order of ids: travellers first, as all
 * writers do. Two statements and no join: joined, the planner reads the whole entity for one traveller.
 */
export async function lockPairs(
  { keys }: StoreContext,
  tx: Executor,
  entityId: string,
  target: Target,
  by: LockBy,
  known: KnownSeals,
): Promise<LockedTraveller[]> {
  const { rows } = await sql<Selectable<TravellersTable>>`
    with held as materialized (
      select id from entities where id = ${entityId} and data_key is not null for key share
    )
    select t.* from held join travellers t on t.entity_id = held.id
    where t.entity_id = ${entityId} and t.id = any(${idsOf(entityId, target, by)})
    order by t.id for update of t`.execute(tx);
  if (rows.length === 0) return [];
  // The entity first: whoever locks in order to write holds it already, see `EntityKeys.toWrite`.
  keys.noteHeld(tx, entityId);
  const key = await keys.of(tx, entityId);
  const ids = rows.map((row) => row.id);
  const states = await lockStates(tx, key, target, ids, known);
  return rows.flatMap((row) => {
    const locked = states.get(row.id);
    return locked === undefined ? [] : [{ traveller: toTraveller(key, row, known), ...locked }];
  });
}

async function lockStates(
  tx: Executor,
  key: EntityKey,
  target: Target,
  ids: readonly string[],
  known: KnownSeals,
): Promise<Map<string, { readonly state: SyncState; readonly publishQuarantined: boolean }>> {
  const { rows } = await sql<Selectable<SyncStatesTable> & { publish_quarantined: boolean }>`
    select s.*, exists (
      select 1 from quarantine q
      where q.entity_id = s.entity_id and q.traveller_id = s.traveller_id
        and q.direction = 'publish' and q.resolved_at is null
    ) as publish_quarantined
    from sync_states s
    where s.entity_id = ${key.entityId} and s.target = ${target} and s.traveller_id = any(${[...ids]}::text[])
    order by s.traveller_id for update of s`.execute(tx);
  return new Map(
    rows.map((row) => [
      row.traveller_id,
      { state: toSyncState(key, row, known), publishQuarantined: row.publish_quarantined },
    ]),
  );
}

/**
 * Ids of the travellers with one of these handles, as an array, and one look into an index per handle: that
 * keeps the plans on the indexes also for an entity just filled, of which the planner knows nothing yet.
 */
export function idsOf(
  entityId: string,
  target: Target,
  by: Handles & { readonly travellerIds?: readonly string[] },
): RawBuilder<unknown> {
  // `limit` and `offset` keep the planner from turning the looks into one join over the whole entity.
  const statesOf = (handles: readonly string[], match: RawBuilder<unknown>): RawBuilder<unknown> => sql`
    select s.traveller_id from unnest(${[...handles]}::text[]) as given (handle)
    cross join lateral (
      select traveller_id from sync_states where entity_id = ${entityId} and target = ${target} and ${match}
    ) s`;
  const { logins, uuids, syncIds, travellerIds = [] } = by;
  const ways = [sql`select unnest(${[...travellerIds]}::text[])`];
  // Ways that lead nowhere are left out: a publish asks by id only, once per traveller.
  if (logins.length > 0) ways.push(statesOf(logins, sql`lower(locator) = lower(given.handle) limit 1`));
  if (uuids.length > 0) ways.push(statesOf(uuids, sql`concur_uuid = given.handle limit 1`));
  // Unlike the other two a sync id may stand at several travellers (docs/decisions/0004).
  if (syncIds.length > 0) ways.push(statesOf(syncIds, sql`xml_profile_sync_id = given.handle offset 0`));
  return sql`array(${sql.join(ways, sql` union `)})`;
}
