import { type RawBuilder, sql } from 'kysely';
import { type Fleet } from '../contract';
import { type Health, type Stage } from '../types';
import { pageOf, type StoreContext } from './support';
import { publishable } from './sync-view';

export function createFleet({ db }: StoreContext): Fleet {
  const idsOf = async (query: RawBuilder<{ id: string }>): Promise<string[]> =>
    (await query.execute(db)).rows.map((row) => row.id);
  const after = (cursor: string | undefined): string => cursor ?? '';

  return {
    wokenBefore: (instant, limit) =>
      idsOf(sql<{ id: string }>`
        select id from entities where wake and woken_at < ${instant} and stage = 'active'
        order by id limit ${limit}`),

    // A GDS binding that was removed leaves its sync states behind: nobody publishes those.
    dirtyNotWoken: (now, limit) =>
      idsOf(sql<{ id: string }>`
        select e.id from entities e
        where e.stage = 'active' and not e.wake and exists (
          select 1 from sync_states s
          where s.entity_id = e.id and (s.target = 'concur' or e.gds is not null)
            and ${publishable} and (s.lease_until is null or s.lease_until < ${now})
        )
        order by e.id limit ${limit}`),

    polledBefore: (instant, limit) =>
      idsOf(sql<{ id: string }>`
        select id from entities
        where stage = 'active' and (last_poll_finished_at is null or last_poll_finished_at < ${instant})
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

    async totals() {
      const { rows } = await sql<{ stage: Stage; health: Health; entities: number }>`
        select stage, health, count(*) as entities from entities group by 1, 2 order by 1, 2`.execute(db);
      return rows;
    },
  };
}
