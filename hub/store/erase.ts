import { type RawBuilder, sql } from 'kysely';
import { callUserHash } from './calls';
import { type EntityKeys } from './entity-keys';
import { keyOfLogin } from './reconciliation-items';
import { type Executor } from './support';

/**
 * Removes the personal data of one traveller, or of all, wherever it stands. The row stays, inactive and on
 * hold: the Concur UUID is kept, so that a pull knows the profile again and does not bring it back.
 * @returns how many travellers were erased
 */
export async function eraseTravellers(
  tx: Executor,
  entityId: string,
  travellerId: string | undefined,
  now: Date,
): Promise<number> {
  const only = (column: string): RawBuilder<unknown> =>
    travellerId === undefined ? sql`` : sql`and ${sql.ref(column)} = ${travellerId}`;

  // Entries that know only a login are found by the logins the traveller has until now.
  await sql`
    update quarantine q set message = null, resolved_at = coalesce(resolved_at, ${now}),
      resolution = coalesce(resolution, 'dismissed'),
      login_id = case when traveller_id is null then 'erased' end
    where q.entity_id = ${entityId} and (
      q.traveller_id in (select id from travellers where entity_id = ${entityId} ${only('id')})
      or lower(q.login_id) in (
        select lower(username) from travellers where entity_id = ${entityId} ${only('id')}
        union
        select lower(locator) from sync_states where entity_id = ${entityId} ${only('traveller_id')}
      )
    )`.execute(tx);

  const { rows } = await sql<{ id: string }>`
    update travellers set username = id, status = 'inactive', sections = '{}', unknown_elements = null,
      content_hash = 'erased', version = version + 1, changed_at = ${now}, erased_at = ${now}
    where entity_id = ${entityId} ${only('id')}
    returning id`.execute(tx);

  await sql`
    update sync_states set locator = null, xml_profile_sync_id = null, base_hub = null, base_hub_hash = null,
      base_concur = null, create_intent = null, notes = '[]', blocked_version = null, held = true,
      published_version = hub_version, version = version + 1, lease_holder = null, lease_until = null
    where entity_id = ${entityId} ${only('traveller_id')}`.execute(tx);
  await sql`
    update conflicts set content = null where entity_id = ${entityId} ${only('traveller_id')}`.execute(tx);
  await sql`
    update migration_items set plan = null, detail = null
    where entity_id = ${entityId} ${only('traveller_id')}`.execute(tx);
  // Of one traveller alone see eraseRecordsAbout, which has to run before.
  if (travellerId === undefined) await eraseCallContents(tx, entityId);
  return rows.length;
}

/**
 * Before the traveller is erased: what reconciliations found about its logins, what the call journal keeps of
 * calls about its logins and ids, and of calls about nobody in particular, whose bodies may hold anybody. Of a
 * login that it had once and lost since, both forget with their retention.
 */
export async function eraseRecordsAbout(
  tx: Executor,
  keys: EntityKeys,
  entityId: string,
  travellerId: string,
): Promise<void> {
  const { rows } = await sql<{ user: string | null }>`
    select username as "user" from travellers where entity_id = ${entityId} and id = ${travellerId}
    union select unnest(array[locator, concur_uuid, xml_profile_sync_id]) from sync_states
    where entity_id = ${entityId} and traveller_id = ${travellerId}`.execute(tx);
  const key = await keys.of(tx, entityId);
  if (key.isShredded) return eraseCallContents(tx, entityId);
  const users = rows.flatMap(({ user }) => user ?? []);
  await sql`
    delete from reconciliation_items
    where entity_id = ${entityId} and key = any(${users.map((user) => keyOfLogin(key, user))}::text[])`.execute(
    tx,
  );
  const hashes = users.map((user) => callUserHash(key, user));
  await sql`
    update concur_calls set content = null, user_hash = null
    where entity_id = ${entityId} and (user_hash is null or user_hash = any(${hashes}::text[]))`.execute(tx);
}

async function eraseCallContents(tx: Executor, entityId: string): Promise<void> {
  await sql`update concur_calls set content = null, user_hash = null where entity_id = ${entityId}`.execute(
    tx,
  );
}

/** After all its travellers: tokens, logins of strangers, findings about persons, their ids, and the data key. */
export async function forgetEntity(tx: Executor, entityId: string): Promise<void> {
  await shredTokens(tx, entityId);
  await sql`
    update quarantine set message = null, login_id = case when traveller_id is null then 'erased' end,
      resolved_at = coalesce(resolved_at, last_at), resolution = coalesce(resolution, 'dismissed')
    where entity_id = ${entityId}`.execute(tx);
  await sql`
    update reconciliations set state = 'skipped', finished_at = created_at, revision = revision + 1,
      error = 'The entity was erased meanwhile.'
    where entity_id = ${entityId} and state = 'running'`.execute(tx);
  await sql`delete from reconciliation_items where entity_id = ${entityId}`.execute(tx);
  await sql`update sync_states set concur_uuid = null where entity_id = ${entityId}`.execute(tx);
  await sql`update entities set data_key = null, ring_key_id = null where id = ${entityId}`.execute(tx);
}

export async function shredTokens(tx: Executor, entityId: string): Promise<void> {
  await sql`
    update credentials set refresh_token = null, access_token = null, access_token_expires_at = null,
      version = version + 1
    where entity_id = ${entityId}`.execute(tx);
  await sql`update request_tokens set token = null where entity_id = ${entityId}`.execute(tx);
}
