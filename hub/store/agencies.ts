import { type Selectable } from 'kysely';
import { type Agencies, type Agency } from '../contract';
import { type AgenciesTable } from '../db/schema';
import { type Executor, pageOf, type StoreContext } from './support';

export function createAgencies({ db }: StoreContext): Agencies {
  return {
    async ensure(agency, { now }) {
      await ensureAgency(db, agency, now);
      const row = await db
        .selectFrom('agencies')
        .selectAll()
        .where('id', '=', agency.id)
        .executeTakeFirstOrThrow();
      return toAgency(row);
    },
    async get(id) {
      const row = await db.selectFrom('agencies').selectAll().where('id', '=', id).executeTakeFirst();
      return row === undefined ? undefined : toAgency(row);
    },
    async list(query) {
      let rows = db
        .selectFrom('agencies')
        .selectAll()
        .orderBy('id')
        .limit(query.limit + 1);
      if (query.cursor !== undefined) rows = rows.where('id', '>', query.cursor);
      return pageOf(await rows.execute(), query, toAgency, (row) => row.id);
    },
  };
}

export async function ensureAgency(
  db: Executor,
  agency: { id: string; name: string },
  now: Date,
): Promise<void> {
  await db
    .insertInto('agencies')
    .values({ ...agency, created_at: now })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
}

function toAgency(row: Selectable<AgenciesTable>): Agency {
  return { id: row.id, name: row.name, createdAt: row.created_at };
}
