import { type Kysely, type Migration, sql } from 'kysely';

/** Commands that their workflow refused after the API had accepted them, and the last command of a kind. */
const STATEMENTS: readonly string[] = [
  `alter table requests
    add column refused_code text,
    add column refused_reason text,
    add constraint requests_refusal_is_whole check ((refused_code is null) = (refused_reason is null)),
    add constraint requests_refused_are_delivered check (refused_code is null or delivered_at is not null)`,
  `create index requests_entity on requests (entity_id, kind, created_at)`,
];

export const refusedRequests: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql.raw('drop index requests_entity').execute(db);
    await sql.raw('alter table requests drop column refused_code, drop column refused_reason').execute(db);
  },
};
