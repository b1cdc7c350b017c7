import { type RawBuilder, sql } from 'kysely';
import { type Glimpse, type SyncRepository } from '../contract';
import { type Target, type TravellerSync } from '../types';
import { getEntity } from './entities';
import { idsOf } from './sync-lock';
import { createSyncTransaction } from './sync-transaction';
import { publishable } from './sync-view';
import { present, type StoreContext, toJsonOrNull } from './support';
import { readPairs } from './traveller-batches';
import { turnOffWake } from './wake';

export function createSync(context: StoreContext): SyncRepository {
  const { db, keys } = context;
  return {
    entity: (entityId) => getEntity(db, entityId),

    async glimpse(entityId, target, by) {
      const rows = await db
        .selectFrom('sync_states')
        .select(['traveller_id', 'locator', 'concur_uuid', 'xml_profile_sync_id', 'version'])
        .select(['lease_until', 'concur_modified_at', 'concur_seen_at'])
        .where('entity_id', '=', entityId)
        .where('target', '=', target)
        .where('traveller_id', '=', sql<string>`any(${idsOf(entityId, target, by)})`)
        .orderBy('traveller_id')
        .execute();
      return rows.map((row): Glimpse => ({
        travellerId: row.traveller_id,
        version: row.version,
        ...present({
          locator: row.locator,
          concurUuid: row.concur_uuid,
          xmlProfileSyncId: row.xml_profile_sync_id,
          leaseUntil: row.lease_until,
          concurModifiedAt: row.concur_modified_at,
          concurSeenAt: row.concur_seen_at,
        }),
      }));
    },

    async quarantinedLogins(entityId, logins) {
      // A cause that may pass by itself counts as never seen: the next poll looks again.
      const { rows } = await sql<{ login: string; concur_modified_at: Date | null }>`
        select given.login, case when not q.transient then q.concur_modified_at end as concur_modified_at
        from unnest(${[...logins]}::text[]) as given (login)
        join quarantine q on lower(q.login_id) = lower(given.login)
        where q.entity_id = ${entityId} and q.direction = 'pull' and q.resolved_at is null`.execute(db);
      return new Map(rows.map((row) => [row.login.toLowerCase(), row.concur_modified_at ?? undefined]));
    },

    async quarantinedForRetry(entityId, limit) {
      // Least recently tried first: one that fails again and again does not keep the others out.
      const { rows } = await sql<{ login: string | null; traveller_id: string | null }>`
        select coalesce(q.login_id, s.locator) as login, q.traveller_id
        from quarantine q left join sync_states s
          on s.entity_id = q.entity_id and s.traveller_id = q.traveller_id and s.target = 'concur'
        where q.entity_id = ${entityId} and q.direction = 'pull' and q.resolved_at is null
          and (q.transient or q.retry_asked)
        order by q.last_at, q.id limit ${limit}`.execute(db);
      return rows.map((row) => present({ loginId: row.login, travellerId: row.traveller_id }));
    },

    load: (entityId, target, travellerIds) => readPairs(context, db, entityId, target, travellerIds),
    transaction: (work) => db.transaction().execute((tx) => work(createSyncTransaction(context, tx))),
    clearWake: (entityId) => turnOffWake(db, entityId),

    async leaseDirty(entityId, target, { holder, now, until, limit }) {
      // The array keeps the plan on the primary key whatever the planner knows about a table just filled.
      const { rows } = await sql<{ id: string }>`
        update sync_states
        set lease_holder = ${holder}, lease_until = ${until}, version = version + 1
        where entity_id = ${entityId} and target = ${target} and traveller_id = any(array(
          select s.traveller_id
          from sync_states s join travellers t on t.entity_id = s.entity_id and t.id = s.traveller_id
          where s.entity_id = ${entityId} and s.target = ${target}
            and s.hub_version > s.published_version and ${publishable} and ${free(now)}
          order by t.changed_at, t.id limit ${limit}
          for update of s skip locked
        ))
        returning traveller_id as id`.execute(db);
      const pairs = await readPairs(
        context,
        db,
        entityId,
        target,
        rows.map((row) => row.id),
      );
      return pairs.sort(byAge);
    },

    async lease(entityId, target, travellerId, { holder, now, until }) {
      const { rows } = await sql<{ id: string }>`
        update sync_states s
        set lease_holder = ${holder}, lease_until = ${until}, version = s.version + 1
        where ${one(entityId, target, travellerId)} and (${free(now)} or s.lease_holder = ${holder})
        returning s.traveller_id as id`.execute(db);
      const pairs = await readPairs(
        context,
        db,
        entityId,
        target,
        rows.map((row) => row.id),
      );
      return pairs[0];
    },

    async releaseLease(entityId, target, travellerId, holder) {
      const { rows } = await sql`
        update sync_states s set lease_holder = null, lease_until = null, version = s.version + 1
        where ${one(entityId, target, travellerId)} and s.lease_holder = ${holder}
        returning s.traveller_id`.execute(db);
      return rows.length > 0;
    },

    async renewLease(entityId, target, travellerId, { holder, until }) {
      const { rows } = await sql`
        update sync_states s set lease_until = ${until}
        where ${one(entityId, target, travellerId)} and s.lease_holder = ${holder}
        returning s.traveller_id`.execute(db);
      return rows.length > 0;
    },

    async saveIntent(entityId, target, travellerId, { holder, until }, intent) {
      const { rows } = await sql`
        update sync_states s
        set create_intent = ${toJsonOrNull(intent)}::jsonb, lease_until = ${until}, version = s.version + 1
        where ${one(entityId, target, travellerId)} and s.lease_holder = ${holder}
        returning s.traveller_id`.execute(db);
      return rows.length > 0;
    },

    async countDirty(entityId, target, now) {
      const { rows } = await sql<{ ready: number; leased: number }>`
        select count(*) filter (where ${free(now)}) as ready, count(*) filter (where not ${free(now)}) as leased
        from sync_states s
        where s.entity_id = ${entityId} and s.target = ${target}
          and s.hub_version > s.published_version and ${publishable}`.execute(db);
      return rows[0] ?? { ready: 0, leased: 0 };
    },

    hash: async (entityId, text) => (await keys.of(db, entityId)).hash(text),
  };
}

/** Oldest change first; `returning` has no order of its own. */
function byAge(one: TravellerSync, other: TravellerSync): number {
  const [a, b] = [one.traveller, other.traveller];
  return a.changedAt.getTime() - b.changedAt.getTime() || (a.id < b.id ? -1 : 1);
}

const free = (now: Date): RawBuilder<boolean> =>
  sql<boolean>`(s.lease_until is null or s.lease_until < ${now})`;

const one = (entityId: string, target: Target, travellerId: string): RawBuilder<boolean> =>
  sql<boolean>`s.entity_id = ${entityId} and s.target = ${target} and s.traveller_id = ${travellerId}`;
