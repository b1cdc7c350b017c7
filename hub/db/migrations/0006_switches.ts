import { type Kysely, type Migration, sql } from 'kysely';

/** Whether the interface to Concur and its polling are on; what is there already works with both. */
const TABLES = ['agencies', 'entities'];
const COLUMNS = ['interface_on', 'polling_on'];

export const switches: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const table of TABLES) {
      for (const column of COLUMNS) {
        await sql.raw(`alter table ${table} add column ${column} boolean not null default true`).execute(db);
        await sql.raw(`alter table ${table} alter column ${column} drop default`).execute(db);
      }
    }
  },
  async down(db: Kysely<unknown>): Promise<void> {
    for (const table of TABLES) {
      for (const column of COLUMNS) await sql.raw(`alter table ${table} drop column ${column}`).execute(db);
    }
  },
};
