import { type Kysely, type Migration, sql } from 'kysely';

/**
 * What a support case needs (docs/concur.md §2). `message` was never written; `content` holds, sealed, the
 * user concerned and, of a failed call, request and response.
 */
const STATEMENTS: readonly string[] = [
  `alter table concur_calls
    drop column message,
    add column function text,
    add column origin text,
    add column correlation_id_sent text,
    add column server_date timestamptz,
    add column user_hash text,
    add column content text`,
  `create index concur_calls_correlation_sent on concur_calls (correlation_id_sent)
    where correlation_id_sent is not null`,
];

export const callEvidence: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql`alter table concur_calls drop column function, drop column origin, drop column correlation_id_sent,
      drop column server_date, drop column user_hash, drop column content, add column message text`.execute(
      db,
    );
  },
};
