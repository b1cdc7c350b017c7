import { sql } from 'kysely';
import { type FleetFigures, type FleetStatus, POLL_OVERDUE_MS } from '../contract';
import { type HubDatabase } from '../db/open';
import { type Direction } from '../types';
import { present } from './support';
import { publishable } from './sync-view';

const DAY_MS = 86_400_000;

/** What is watched beside the status of the fleet (docs/metrics.md). */
export async function fleetFigures(
  db: HubDatabase,
  { totals, travellers }: FleetStatus,
  now: Date,
): Promise<FleetFigures> {
  const inDays = (days: number): Date => new Date(now.getTime() + days * DAY_MS);
  const overdueBefore = new Date(now.getTime() - POLL_OVERDUE_MS);
  const quarantined = { pull: 0, publish: 0 };
  const open = await sql<{ direction: Direction; count: number }>`
    select direction, count(*) as count from quarantine where resolved_at is null group by 1`.execute(db);
  for (const { direction, count } of open.rows) quarantined[direction] = count;
  const { rows } = await sql<FiguresRow>`
    select
      (select min(t.changed_at) from sync_states s
        join travellers t on t.entity_id = s.entity_id and t.id = s.traveller_id
        join entities e on e.id = s.entity_id
        where e.stage = 'active' and e.interface_on
          and (s.target = 'concur' or e.gds is not null) and ${publishable}) as "dirtySince",
      (select count(*) from entities
        where stage = 'active' and interface_on and polling_on
          and (last_poll_finished_at is null or last_poll_finished_at < ${overdueBefore})) as "overduePolls",
      (select count(*) from requests where delivered_at is null and refused_code is null) as undelivered,
      tokens.*
    from (
      select min(refresh_token_expires_at) as first,
        count(*) filter (where refresh_token_expires_at <= ${inDays(1)}) as within1,
        count(*) filter (where refresh_token_expires_at <= ${inDays(7)}) as within7,
        count(*) filter (where refresh_token_expires_at <= ${inDays(30)}) as within30,
        count(*) as total
      from entities
      where stage in ('migrating', 'active', 'paused') and refresh_token_expires_at is not null
    ) tokens`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error('a statement of aggregates answered no row');
  const { within1, within7, within30, total } = row;
  return {
    totals,
    travellers,
    quarantined,
    overduePolls: row.overduePolls,
    undelivered: row.undelivered,
    refreshTokens: {
      within1,
      within7: within7 - within1,
      within30: within30 - within7,
      later: total - within30,
      ...present({ first: row.first }),
    },
    ...present({ dirtySince: row.dirtySince }),
  };
}

interface FiguresRow {
  readonly dirtySince: Date | null;
  readonly overduePolls: number;
  readonly undelivered: number;
  readonly first: Date | null;
  readonly within1: number;
  readonly within7: number;
  readonly within30: number;
  readonly total: number;
}
