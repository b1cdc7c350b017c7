import { type Kysely, type Migration, sql } from 'kysely';

const STATEMENTS: readonly string[] = [
  `create table reconciliations (
    entity_id text collate "C" not null references entities (id),
    number integer not null check (number > 0),
    state text not null check (state in ('running', 'completed', 'skipped', 'failed')),
    origin text not null check (origin in ('request', 'schedule')),
    repair boolean not null,
    travellers integer not null check (travellers >= 0),
    counts jsonb not null,
    progress jsonb not null,
    revision integer not null,
    repaired integer not null check (repaired >= 0),
    error text,
    created_at timestamptz not null,
    started_at timestamptz,
    finished_at timestamptz,
    primary key (entity_id, number)
  )`,
  `create unique index reconciliations_one_open on reconciliations (entity_id) where state = 'running'`,
  `create index reconciliations_finished on reconciliations (finished_at) where finished_at is not null`,

  // Equal travellers have no row: they are only counted.
  `create table reconciliation_items (
    entity_id text collate "C" not null,
    number integer not null,
    key text collate "C" not null,
    traveller_id text collate "C",
    login text,
    outcome text not null check (outcome in ('differs', 'only-here', 'only-there', 'held', 'quarantined',
      'not-removable', 'pending', 'unread')),
    fields jsonb not null,
    code text,
    reason text,
    repaired_at timestamptz,
    primary key (entity_id, number, key),
    foreign key (entity_id, number) references reconciliations (entity_id, number) on delete cascade
  )`,
];

export const reconciliations: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
  async down(db: Kysely<unknown>): Promise<void> {
    await sql`drop table reconciliation_items`.execute(db);
    await sql`drop table reconciliations`.execute(db);
  },
};
