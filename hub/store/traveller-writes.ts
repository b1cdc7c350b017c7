import { sql } from 'kysely';
import { canonicalText } from '../content';
import { type BatchResult, type TravellerWrite } from '../contract';
import { type EntityKey } from '../crypto/entity-key';
import { DuplicateInBatch, UsernameTaken, VersionConflict } from '../errors';
import { assignKeys } from '../list-keys';
import { asProfileSections, mapLeaves } from '../sections';
import { type Traveller } from '../types';
import { insertMissingStates } from './sync-rows';
import { type Executor, retryDeadlocks, storable, type StoreContext } from './support';
import { insertTravellers, readTravellers, updateTravellers } from './traveller-batches';
import { wakeEntity } from './wake';

export interface Written {
  readonly results: readonly BatchResult[];
  readonly woke: boolean;
}

/**
 * Stores a batch in one transaction. Order of locks: travellers by id, then the entity's names, then the
 * entity; the names lock is taken only where a username is new.
 */
export function writeTravellers(
  context: StoreContext,
  entityId: string,
  writes: readonly TravellerWrite[],
  now: Date,
): Promise<Written> {
  return retryDeadlocks(() =>
    context.db.transaction().execute((tx) => writeInTransaction(context, tx, entityId, writes, now)),
  );
}

async function writeInTransaction(
  context: StoreContext,
  tx: Executor,
  entityId: string,
  writes: readonly TravellerWrite[],
  now: Date,
): Promise<Written> {
  const key = await context.keys.toWrite(tx, entityId);
  const stored = await lockTravellers(tx, key, writes);
  const changesName = (write: TravellerWrite): boolean =>
    !sameName(stored.get(write.id)?.username, write.username);
  if (writes.some(changesName)) {
    await lockNames(tx, entityId);
    // Whoever held the lock before may have created one of ours meanwhile.
    const late = writes.filter((write) => !stored.has(write.id));
    for (const [id, traveller] of await lockTravellers(tx, key, late)) stored.set(id, traveller);
  }
  const owners = await nameOwners(tx, entityId, writes.filter(changesName));
  const seen = new Set<string>();
  const results = writes.map((write): BatchResult => {
    const before = stored.get(write.id);
    const refused = seen.has(write.id)
      ? new DuplicateInBatch(write.id)
      : (versionRefusal(entityId, write, before) ?? nameRefusal(entityId, write, before, owners));
    seen.add(write.id);
    if (refused !== undefined) return { ok: false, id: write.id, error: refused };
    const traveller = merged(entityId, write, before, now, context.ids);
    return { ok: true, traveller, created: before === undefined, changed: traveller !== before };
  });
  return { results, woke: await store(tx, key, results, now) };
}

async function store(
  tx: Executor,
  key: EntityKey,
  results: readonly BatchResult[],
  now: Date,
): Promise<boolean> {
  const accepted = results.filter((result) => result.ok);
  const created = accepted.filter((result) => result.created).map((result) => result.traveller);
  const changed = accepted
    .filter((result) => result.changed && !result.created)
    .map((result) => result.traveller);
  if (created.length + changed.length === 0) return false;
  await insertTravellers(tx, key, created);
  await updateTravellers(tx, key, changed);
  await reviveErased(tx, key.entityId, changed);
  if (created.length > 0) {
    await insertMissingStates(
      tx,
      key.entityId,
      created.map((traveller) => traveller.id),
    );
  }
  return wakeEntity(tx, key.entityId, now);
}

/** What shall be stored; the stored traveller itself when nothing differs. */
function merged(
  entityId: string,
  write: TravellerWrite,
  before: Traveller | undefined,
  now: Date,
  ids: { next(): string },
): Traveller {
  const place = `traveller ${write.id}`;
  const known = mapLeaves(asProfileSections(write.sections, place), (value) => value);
  const after: Traveller = {
    entityId,
    id: write.id,
    username: write.username,
    status: write.status,
    sections: assignKeys(asProfileSections(known, place), before?.sections, ids),
    unknown: write.unknown ?? before?.unknown ?? [],
    version: (before?.version ?? 0) + 1,
    changedAt: now,
    createdAt: before?.createdAt ?? now,
  };
  return before !== undefined && contentText(before) === contentText(after) ? before : after;
}

/** Erasing had put these on hold; somebody gave them content again. */
async function reviveErased(tx: Executor, entityId: string, written: readonly Traveller[]): Promise<void> {
  if (written.length === 0) return;
  await sql`
    with revived as (
      update travellers set erased_at = null
      where entity_id = ${entityId} and id = any(${written.map((traveller) => traveller.id)}::text[])
        and erased_at is not null
      returning id
    )
    update sync_states set held = false
    where entity_id = ${entityId} and traveller_id in (select id from revived)`.execute(tx);
}

function contentText({ username, status, sections, unknown }: Traveller): string {
  return canonicalText({ username, status, sections, unknown });
}

function versionRefusal(
  entityId: string,
  write: TravellerWrite,
  before: Traveller | undefined,
): VersionConflict | undefined {
  const { expectedVersion } = write;
  const stands = expectedVersion === undefined || expectedVersion === (before?.version ?? 0);
  return stands ? undefined : new VersionConflict(entityId, write.id);
}

/** Checks against the stored names and, by entering the new one, against the rest of the batch. */
function nameRefusal(
  entityId: string,
  write: TravellerWrite,
  before: Traveller | undefined,
  owners: Map<string, string>,
): UsernameTaken | undefined {
  if (sameName(before?.username, write.username)) return undefined;
  const name = write.username.toLowerCase();
  const owner = owners.get(name);
  if (owner !== undefined && owner !== write.id) return new UsernameTaken(entityId, write.id, owner);
  // The name that is given up is free for the rest of the batch.
  if (before !== undefined) owners.delete(before.username.toLowerCase());
  owners.set(name, write.id);
  return undefined;
}

function sameName(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}

async function lockTravellers(
  tx: Executor,
  key: EntityKey,
  writes: readonly TravellerWrite[],
): Promise<Map<string, Traveller>> {
  if (writes.length === 0) return new Map();
  const { rows } = await sql<{ id: string }>`
    select id from travellers
    where entity_id = ${key.entityId} and id = any(${writes.map((write) => write.id)}::text[])
    order by id for update`.execute(tx);
  return readTravellers(
    tx,
    key,
    rows.map((row) => row.id),
  );
}

/**
 * One writer at a time may give out usernames of an entity. No unique index does this: a pull stores what
 * Concur has, even where that collides with a hub username, and the engine then decides.
 */
async function lockNames(tx: Executor, entityId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended(${`usernames of ${entityId}`}, 0))`.execute(tx);
}

async function nameOwners(
  tx: Executor,
  entityId: string,
  writes: readonly TravellerWrite[],
): Promise<Map<string, string>> {
  if (writes.length === 0) return new Map();
  const names = writes.map((write) => storable(write.username));
  const { rows } = await sql<{ id: string; username: string }>`
    select t.id, t.username from travellers t
    where t.entity_id = ${entityId}
      and lower(t.username) in (select lower(name) from unnest(${names}::text[]) as given (name))
    order by t.id`.execute(tx);
  return new Map(rows.map((row) => [row.username.toLowerCase(), row.id]));
}
