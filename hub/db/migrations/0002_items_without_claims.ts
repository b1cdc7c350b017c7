import { type Kysely, type Migration, sql } from 'kysely';

/** A traveller's own lease is the only claim on it (docs/decisions/0016-one-claim-per-traveller.md). */
export const itemsWithoutClaims: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`alter table migration_items drop column lease_holder, drop column lease_until`.execute(db);
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql`alter table migration_items
      add column lease_holder text, add column lease_until timestamptz`.execute(db);
  },
};
