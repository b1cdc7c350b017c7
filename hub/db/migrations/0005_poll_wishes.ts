import { type Kysely, type Migration, sql } from 'kysely';

/** Polls that Concur's pushes ask for, one per entity at a time, and which events were received already. */
const STATEMENTS: readonly string[] = [
  `create table poll_wishes (
    entity_id text collate "C" primary key references entities (id),
    request_id text collate "C" not null,
    wished_at timestamptz not null,
    previous_at timestamptz,
    open boolean not null
  )`,
  `create table push_receipts (
    entity_id text collate "C" not null references entities (id),
    event_id text collate "C" not null,
    received_at timestamptz not null,
    primary key (entity_id, event_id)
  )`,
  `create index push_receipts_age on push_receipts (received_at)`,
  `create index entities_company_uuid on entities (lower(company_uuid))`,
  `create index entities_company_id on entities (lower(ids ->> 'companyId'))`,
];

const INDEXES = ['entities_company_id', 'entities_company_uuid'];
const TABLES = ['push_receipts', 'poll_wishes'];

export const pollWishes: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
  async down(db: Kysely<unknown>): Promise<void> {
    for (const index of INDEXES) await sql.raw(`drop index ${index}`).execute(db);
    for (const table of TABLES) await sql.raw(`drop table ${table}`).execute(db);
  },
};
