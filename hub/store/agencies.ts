import { type Selectable, type Updateable } from 'kysely';
import { type Agencies, type Agency } from '../contract';
import { type AgenciesTable } from '../db/schema';
import { AgencyUnknown } from '../errors';
import { type Executor, pageOf, type StoreContext } from './support';

export function createAgencies({ db }: StoreContext): Agencies {
  return {
    ensure: (agency, { now }) => ensureAgency(db, agency, now),
    get: (id) => findAgency(db, id),
    async list(query) {
      let rows = db
        .selectFrom('agencies')
        .selectAll()
        .orderBy('id')
        .limit(query.limit + 1);
      if (query.cursor !== undefined) rows = rows.where('id', '>', query.cursor);
      return pageOf(await rows.execute(), query, toAgency, (row) => row.id);
    },
    async patch(id, change) {
      const columns: Updateable<AgenciesTable> = {};
      if (change.name !== undefined) columns.name = change.name;
      if (change.interfaceOn !== undefined) columns.interface_on = change.interfaceOn;
      if (change.pollingOn !== undefined) columns.polling_on = change.pollingOn;
      if (Object.keys(columns).length > 0)
        await db.updateTable('agencies').set(columns).where('id', '=', id).execute();
      return knownAgency(db, id);
    },
  };
}

export async function ensureAgency(
  db: Executor,
  agency: { id: string; name: string },
  now: Date,
): Promise<Agency> {
  await db
    .insertInto('agencies')
    .values({ ...agency, interface_on: true, polling_on: true, created_at: now })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .execute();
  return knownAgency(db, agency.id);
}

async function findAgency(db: Executor, id: string): Promise<Agency | undefined> {
  const row = await db.selectFrom('agencies').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : toAgency(row);
}

/** @throws AgencyUnknown */
async function knownAgency(db: Executor, id: string): Promise<Agency> {
  const agency = await findAgency(db, id);
  if (agency === undefined) throw new AgencyUnknown(id);
  return agency;
}

function toAgency(row: Selectable<AgenciesTable>): Agency {
  return {
    id: row.id,
    name: row.name,
    interfaceOn: row.interface_on,
    pollingOn: row.polling_on,
    createdAt: row.created_at,
  };
}
