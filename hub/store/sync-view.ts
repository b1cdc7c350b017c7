import { sql } from 'kysely';
import { type SyncViewState } from '../contract';

/**
 * SQL that several questions share, so that counts, lists and the sweeper can never disagree.
 * Aliases: `t` travellers, `s` its sync_states row, `e` entities.
 */

/** Dirty, and nothing forbids to publish it. Leases come on top. */
export const publishable = sql<boolean>`(
  s.hub_version > s.published_version
  and not s.held
  and (s.blocked_version is null or s.blocked_version < s.hub_version)
)`;

/**
 * State of a traveller towards Concur, in the order of precedence. Synced = bound, not dirty, the bases equal
 * to both sides as last seen; `base_concur` is what was last seen there, so the hub's side is what can differ.
 * An inactive traveller with nothing left to publish is inactive whether it was ever bound or not. Held is also
 * whose quarantine was dismissed: nothing happens until it is edited or retried.
 */
export const syncViewState = sql<SyncViewState>`(case
  when t.erased_at is not null then 'inactive'
  when exists (
    select 1 from quarantine q
    where q.entity_id = t.entity_id and q.traveller_id = t.id and q.resolved_at is null
  ) then 'quarantined'
  when s.held or (s.hub_version > s.published_version and s.blocked_version >= s.hub_version) then 'held'
  when s.hub_version > s.published_version then 'pending'
  when t.status = 'inactive' then 'inactive'
  when (s.locator is null and s.concur_uuid is null) or s.base_concur is null
    or s.base_hub_hash is distinct from t.content_hash then 'pending'
  else 'synced'
end)`;
