import { type Kysely, type Migration, sql } from 'kysely';

/** The step before the request token that is under way. */
export const preparation: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql
      .raw(
        `alter table entities add column preparation text check (preparation in ('approval', 'case', 'token'))`,
      )
      .execute(db);
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql.raw('alter table entities drop column preparation').execute(db);
  },
};
