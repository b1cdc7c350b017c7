import { type RawBuilder, sql } from 'kysely';
import { type Pushes, type PushSubject } from '../contract';
import { storable, type StoreContext } from './support';

export function createPushes({ db }: StoreContext): Pushes {
  return {
    async entitiesOf(subject) {
      const { rows } = await sql<{ id: string }>`
        select e.id from entities e
        where e.stage = 'active' and e.interface_on and e.polling_on and ${isAbout(subject)}
        order by e.id`.execute(db);
      return rows.map(({ id }) => id);
    },

    // A wish that this statement sees open is closed after it, by a poll that reads after that.
    async wishPoll({ entityId, requestId, eventId }, { now }) {
      const event = eventId === undefined ? null : storable(eventId);
      const { rows } = await sql<{ previous_at: Date | null }>`
        with received as (
          insert into push_receipts (entity_id, event_id, received_at)
          select ${entityId}, ${event}::text, ${now} where ${event}::text is not null
          on conflict do nothing returning 1
        ), wished as (
          insert into poll_wishes (entity_id, request_id, wished_at, open)
          select ${entityId}, ${requestId}, ${now}, true
          where (${event}::text is null or exists (select 1 from received))
            and not exists (select 1 from poll_wishes w where w.entity_id = ${entityId} and w.open)
          on conflict (entity_id) do update set request_id = excluded.request_id,
            previous_at = poll_wishes.wished_at, wished_at = excluded.wished_at, open = true
          where not poll_wishes.open
          returning request_id, previous_at
        ), asked as (
          insert into requests (id, entity_id, kind, payload, created_at, attempts)
          select request_id, ${entityId}, 'poll', '{}', ${now}, 0 from wished
        )
        select previous_at from wished`.execute(db);
      const [wish] = rows;
      if (wish === undefined) return undefined;
      return wish.previous_at === null ? {} : { previousAt: wish.previous_at };
    },

    async pollBegins(entityId) {
      await sql`update poll_wishes set open = false where entity_id = ${entityId} and open`.execute(db);
    },

    async purgeReceipts(receivedBefore) {
      const result = await sql`delete from push_receipts where received_at < ${receivedBefore}`.execute(db);
      return Number(result.numAffectedRows ?? 0n);
    },
  };
}

function isAbout({ by, id: text }: PushSubject): RawBuilder<boolean> {
  const id = storable(text);
  switch (by) {
    case 'company':
      return sql<boolean>`(lower(e.company_uuid) = lower(${id}) or lower(e.ids ->> 'companyId') = lower(${id}))`;
    case 'login':
      return hasTraveller(sql`lower(s.locator) = lower(${id})`);
    case 'uuid':
      return hasTraveller(sql`s.concur_uuid = ${id}`);
    case 'xmlsyncid':
      return hasTraveller(sql`s.xml_profile_sync_id = ${id}`);
  }
}

/** Each entity's own index answers, so that no further index has to be kept on the largest table. */
function hasTraveller(condition: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`exists (
    select 1 from sync_states s where s.entity_id = e.id and s.target = 'concur' and ${condition})`;
}
