import { type RawBuilder, sql } from 'kysely';
import { type Glimpse, type SyncRepository } from '../contract';
import { type Target } from '../types';
import { getEntity } from './entities';
import { idsByHandle, createSyncTransaction } from './sync-transaction';
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
        .where('traveller_id', 'in', sql<string>`(${idsByHandle(entityId, target, by)})`)
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
      // A retry asked for by a person forgets the stamp; the longest untouched come first.
      const rows = await db
        .selectFrom('quarantine')
        .select(['login_id', 'traveller_id'])
        .where('entity_id', '=', entityId)
        .where('direction', '=', 'pull')
        .where('resolved_at', 'is', null)
        .where((either) =>
          either.or([either('transient', '=', true), either('concur_modified_at', 'is', null)]),
        )
        .orderBy('last_at')
        .orderBy('id')
        .limit(limit)
        .execute();
      return rows.map(({ login_id: loginId, traveller_id: travellerId }) => ({
        ...(loginId === null ? {} : { loginId }),
        ...(travellerId === null ? {} : { travellerId }),
      }));
    },

    load: (entityId, target, travellerIds) => readPairs(context, db, entityId, target, travellerIds),
    transaction: (work) => db.transaction().execute((tx) => work(createSyncTransaction(context, tx))),
    clearWake: (entityId) => turnOffWake(db, entityId),

    async leaseDirty(entityId, target, { holder, now, until, limit }) {
      const ids = await leased(sql<{ id: string; changed_at: Date }>`
        with picked as (
          select s.traveller_id, t.changed_at
          from sync_states s join travellers t on t.entity_id = s.entity_id and t.id = s.traveller_id
          where s.entity_id = ${entityId} and s.target = ${target}
            and s.hub_version > s.published_version and ${publishable} and ${free(now)}
          order by t.changed_at, t.id limit ${limit}
          for update of s skip locked
        )
        update sync_states s
        set lease_holder = ${holder}, lease_until = ${until}, version = s.version + 1
        from picked
        where s.entity_id = ${entityId} and s.target = ${target} and s.traveller_id = picked.traveller_id
        returning s.traveller_id as id, picked.changed_at`);
      return readPairs(context, db, entityId, target, ids);
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

    async saveIntent(entityId, target, travellerId, holder, intent) {
      const { rows } = await sql`
        update sync_states s set create_intent = ${toJsonOrNull(intent)}::jsonb, version = s.version + 1
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

  /** Ids that were just leased, oldest change first: `returning` has no order of its own. */
  async function leased(update: RawBuilder<{ id: string; changed_at: Date }>): Promise<string[]> {
    const { rows } = await update.execute(db);
    const byAge = rows.sort((a, b) => +a.changed_at - +b.changed_at || (a.id < b.id ? -1 : 1));
    return byAge.map((row) => row.id);
  }
}

const free = (now: Date): RawBuilder<boolean> =>
  sql<boolean>`(s.lease_until is null or s.lease_until < ${now})`;

const one = (entityId: string, target: Target, travellerId: string): RawBuilder<boolean> =>
  sql<boolean>`s.entity_id = ${entityId} and s.target = ${target} and s.traveller_id = ${travellerId}`;
