import { type Kysely, type Migration, sql } from 'kysely';

/** Finds, while a poll stores a profile, whose create it comes from: few travellers have an intent at a time. */
export const createIntents: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    await sql`create index sync_states_create_intent
      on sync_states (entity_id, target, lower(create_intent ->> 'login')) where create_intent is not null`.execute(
      db,
    );
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql`drop index sync_states_create_intent`.execute(db);
  },
};
