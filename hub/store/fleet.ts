import { type RawBuilder, sql } from 'kysely';
import { type Fleet, type FleetStatus, type FleetTotal, type SyncViewState } from '../contract';
import { type Health, type Stage } from '../types';
import { noCounts } from './entities';
import { fleetFigures } from './fleet-figures';
import { pageOf, type StoreContext } from './support';
import { publishable, syncViewState } from './sync-view';

export function createFleet({ db }: StoreContext): Fleet {
  async function status(): Promise<FleetStatus> {
    const { rows } = await sql<StatusRow>`
      select 'entities' as kind, stage as word, health, count(*) as count
      from entities group by stage, health
      union all
      select 'travellers', counted.state, null, counted.count from (
        select ${syncViewState} as state, count(*) as count
        from travellers t
        join sync_states s on s.entity_id = t.entity_id and s.traveller_id = t.id and s.target = 'concur'
        join entities e on e.id = t.entity_id and e.stage <> 'offboarded'
        group by 1
      ) counted
      union all
      select 'conflicts', null, null, count(*)
      from conflicts c join entities e on e.id = c.entity_id and e.stage <> 'offboarded'
      where c.restored_at is null
      union all
      select 'quarantined', null, null, count(*) from quarantine where resolved_at is null`.execute(db);
    return toStatus(rows);
  }

  const idsOf = async (query: RawBuilder<{ id: string }>): Promise<string[]> =>
    (await query.execute(db)).rows.map((row) => row.id);
  const after = (cursor: string | undefined): string => cursor ?? '';

  return {
    wokenBefore: (instant, limit) =>
      idsOf(sql<{ id: string }>`
        select id from entities
        where wake and woken_at < ${instant} and stage = 'active' and interface_on
        order by id limit ${limit}`),

    // A GDS binding that was removed leaves its sync states behind: nobody publishes those.
    dirtyNotWoken: (now, limit) =>
      idsOf(sql<{ id: string }>`
        select e.id from entities e
        where e.stage = 'active' and e.interface_on and not e.wake and exists (
          select 1 from sync_states s
          where s.entity_id = e.id and (s.target = 'concur' or e.gds is not null)
            and ${publishable} and (s.lease_until is null or s.lease_until < ${now})
        )
        order by e.id limit ${limit}`),

    polledBefore: (instant, limit) =>
      idsOf(sql<{ id: string }>`
        select id from entities
        where stage = 'active' and interface_on and polling_on
          and (last_poll_finished_at is null or last_poll_finished_at < ${instant})
        order by id limit ${limit}`),

    async inStage(stage, query) {
      const ids = await idsOf(sql<{ id: string }>`
        select id from entities where stage = ${stage} and id > ${after(query.cursor)}
        order by id limit ${query.limit + 1}`);
      return pageOf(ids, query, String, String);
    },

    async ids(query) {
      const ids = await idsOf(sql<{ id: string }>`
        select id from entities where stage <> 'offboarded' and id > ${after(query.cursor)}
        order by id limit ${query.limit + 1}`);
      return pageOf(ids, query, String, String);
    },

    async openMigrations(query) {
      const { rows } = await sql<{ entityId: string; number: number }>`
        select m.entity_id as "entityId", m.number
        from migrations m join entities e on e.id = m.entity_id
        where m.state in ('planning', 'awaiting-approval', 'executing', 'verifying', 'awaiting-final-approval')
          and e.stage not in ('offboarding', 'offboarded') and m.entity_id > ${after(query.cursor)}
        order by m.entity_id limit ${query.limit + 1}`.execute(db);
      return pageOf(
        rows,
        query,
        (row) => row,
        (row) => row.entityId,
      );
    },

    async totals() {
      const { rows } = await sql<{ stage: Stage; health: Health; entities: number }>`
        select stage, health, count(*) as entities from entities group by 1, 2 order by 1, 2`.execute(db);
      return rows;
    },

    status,

    figures: async (now) => fleetFigures(db, await status(), now),
  };
}

type StatusRow =
  | { readonly kind: 'entities'; readonly word: Stage; readonly health: Health; readonly count: number }
  | { readonly kind: 'travellers'; readonly word: SyncViewState; readonly count: number }
  | { readonly kind: 'conflicts' | 'quarantined'; readonly count: number };

function toStatus(rows: readonly StatusRow[]): FleetStatus {
  const travellers = noCounts();
  const totals: FleetTotal[] = [];
  let quarantined = 0;
  for (const row of rows) {
    if (row.kind === 'entities') {
      totals.push({ stage: row.word, health: row.health, entities: row.count });
    } else if (row.kind === 'travellers') {
      travellers[row.word] += row.count;
      travellers.travellers += row.count;
    } else if (row.kind === 'conflicts') travellers.conflicts = row.count;
    else quarantined = row.count;
  }
  return { totals, travellers, quarantined };
}
