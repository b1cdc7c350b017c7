import { type Kysely, type Migration, sql } from 'kysely';

/**
 * The tables of the first release. Written as SQL: what a constraint says is read here by whoever operates
 * the database. Nothing has a time or random default, all of that is passed in. Ids have the C collation, so
 * that their order is the same everywhere, in JavaScript too.
 */
const STATEMENTS: readonly string[] = [
  `create table agencies (
    id text collate "C" primary key,
    name text not null,
    created_at timestamptz not null
  )`,

  `create table entities (
    id text collate "C" primary key check (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    agency_id text collate "C" not null references agencies (id),
    name text not null,
    company_uuid text not null,
    travel_config_id text not null,
    ids jsonb not null,
    strategy text check (strategy in ('publish', 'merge', 'import', 'none')),
    conflict_rule jsonb not null,
    unknown_profiles text not null check (unknown_profiles in ('create', 'hold')),
    api_version integer not null check (api_version in (1, 2)),
    gds jsonb,
    poll_minutes jsonb,
    stage text not null check (stage in ('requested', 'awaiting-request-token', 'exchanging', 'migrating',
      'active', 'paused', 'needs-reauthorisation', 'offboarding', 'offboarded')),
    health text not null check (health in ('ok', 'degraded', 'failing')),
    health_reason text,
    waiting_for text,
    request_token_issued_at timestamptz,
    request_token_expires_at timestamptz,
    refresh_token_expires_at timestamptz,
    geolocation text,
    scopes jsonb not null,
    last_poll jsonb,
    last_poll_finished_at timestamptz,
    next_poll_at timestamptz,
    clock_skew_ms integer not null,
    sync_cursor timestamptz,
    progress jsonb,
    wake boolean not null,
    woken_at timestamptz,
    created_at timestamptz not null,
    data_key_id text not null,
    data_key text,
    ring_key_id text,
    check (wake = (woken_at is not null)),
    check ((data_key is null) = (ring_key_id is null))
  )`,
  `create index entities_stage on entities (stage, id)`,
  `create index entities_woken on entities (woken_at) where wake`,

  `create table credentials (
    entity_id text collate "C" primary key references entities (id),
    refresh_token text,
    access_token text,
    access_token_expires_at timestamptz,
    version bigint not null,
    lease_holder text,
    lease_until timestamptz,
    check ((access_token is null) = (access_token_expires_at is null)),
    check ((lease_holder is null) = (lease_until is null))
  )`,
  `create table request_tokens (
    entity_id text collate "C" not null references entities (id),
    id text collate "C" not null,
    token text,
    token_hash text not null,
    issued_at timestamptz not null,
    expires_at timestamptz not null,
    created_at timestamptz not null,
    primary key (entity_id, id),
    unique (entity_id, token_hash)
  )`,

  // `version` is part of a key so that sync_states can follow it, see there.
  `create table travellers (
    entity_id text collate "C" not null references entities (id),
    id text collate "C" not null check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
    username text not null,
    status text not null check (status in ('active', 'inactive')),
    sections jsonb not null,
    unknown_elements text,
    content_hash text not null,
    version bigint not null check (version >= 1),
    changed_at timestamptz not null,
    created_at timestamptz not null,
    erased_at timestamptz,
    concur_target text not null generated always as ('concur') stored,
    primary key (entity_id, id),
    unique (entity_id, id, version)
  )`,
  `create index travellers_username on travellers (entity_id, lower(username))`,

  // hub_version follows travellers.version by the foreign key: no writer can forget to mirror it.
  `create table sync_states (
    entity_id text collate "C" not null,
    traveller_id text collate "C" not null,
    target text not null check (target in ('concur', 'amadeus-csx')),
    locator text,
    concur_uuid text,
    xml_profile_sync_id text,
    base_hub jsonb,
    base_hub_hash text,
    base_concur jsonb,
    hub_version bigint not null,
    published_version bigint not null check (published_version >= 0),
    blocked_version bigint,
    held boolean not null,
    version bigint not null,
    lease_holder text,
    lease_until timestamptz,
    create_intent jsonb,
    notes jsonb not null,
    concur_modified_at timestamptz,
    concur_seen_at timestamptz,
    last_published_at timestamptz,
    last_pulled_at timestamptz,
    primary key (entity_id, traveller_id, target),
    foreign key (entity_id, traveller_id, hub_version)
      references travellers (entity_id, id, version) on update cascade,
    check ((lease_holder is null) = (lease_until is null)),
    check ((base_hub is null) = (base_hub_hash is null)),
    check (concur_uuid is null or target = 'concur')
  )`,
  // A traveller always has its state for Concur; checked at commit, because the two rows need each other.
  `alter table travellers add constraint travellers_have_a_sync_state
    foreign key (entity_id, id, concur_target) references sync_states (entity_id, traveller_id, target)
    deferrable initially deferred`,
  `create unique index sync_states_uuid on sync_states (entity_id, target, concur_uuid)
    where concur_uuid is not null`,
  `create unique index sync_states_locator on sync_states (entity_id, target, lower(locator))
    where locator is not null`,
  `create index sync_states_sync_id on sync_states (entity_id, target, xml_profile_sync_id)
    where xml_profile_sync_id is not null`,
  `create index sync_states_dirty on sync_states (entity_id, target, traveller_id)
    where hub_version > published_version`,

  `create table quarantine (
    id text collate "C" primary key,
    entity_id text collate "C" not null references entities (id),
    traveller_id text collate "C",
    login_id text,
    direction text not null check (direction in ('pull', 'publish')),
    code text not null,
    field text,
    reason text not null,
    message text,
    correlation_id text,
    concur_modified_at timestamptz,
    transient boolean not null,
    retry_asked boolean not null,
    first_at timestamptz not null,
    last_at timestamptz not null,
    attempts integer not null check (attempts >= 1),
    resolved_at timestamptz,
    resolution text check (resolution in ('resolved', 'dismissed')),
    foreign key (entity_id, traveller_id) references travellers (entity_id, id),
    check (traveller_id is not null or login_id is not null),
    check ((resolved_at is null) = (resolution is null))
  )`,
  `create unique index quarantine_open_traveller on quarantine (entity_id, traveller_id, direction)
    where resolved_at is null and traveller_id is not null`,
  `create unique index quarantine_open_login on quarantine (entity_id, lower(login_id), direction)
    where resolved_at is null and traveller_id is null`,
  `create index quarantine_login on quarantine (entity_id, lower(login_id)) where resolved_at is null`,

  `create table conflicts (
    id text collate "C" primary key,
    entity_id text collate "C" not null,
    traveller_id text collate "C" not null,
    section text not null,
    winner text not null check (winner in ('hub', 'concur')),
    content text,
    at timestamptz not null,
    restored_at timestamptz,
    foreign key (entity_id, traveller_id) references travellers (entity_id, id)
  )`,
  `create index conflicts_traveller on conflicts (entity_id, traveller_id, id)`,

  `create table migrations (
    entity_id text collate "C" not null references entities (id),
    number integer not null check (number >= 1),
    strategy text not null check (strategy in ('publish', 'merge', 'import', 'none')),
    state text not null check (state in ('planning', 'awaiting-approval', 'executing', 'verifying',
      'awaiting-final-approval', 'completed', 'rejected', 'cancelled', 'failed')),
    digest text,
    first_read_at timestamptz,
    planned_at timestamptz,
    approved_at timestamptz,
    completed_at timestamptz,
    report jsonb,
    error text,
    created_at timestamptz not null,
    primary key (entity_id, number)
  )`,
  `create unique index migrations_one_open on migrations (entity_id)
    where state in ('planning', 'awaiting-approval', 'executing', 'verifying', 'awaiting-final-approval')`,

  // No foreign key to travellers: the plan of an import names travellers that are not there yet.
  `create table migration_items (
    entity_id text collate "C" not null,
    migration_number integer not null,
    traveller_id text collate "C" not null,
    action text not null check (action in ('create', 'update', 'bind', 'unchanged', 'refused')),
    code text,
    reason text,
    plan text,
    plan_hash text not null,
    outcome text check (outcome in ('done', 'quarantined', 'needs-approval', 'skipped')),
    detail text,
    replanned boolean not null,
    finished_at timestamptz,
    lease_holder text,
    lease_until timestamptz,
    primary key (entity_id, migration_number, traveller_id),
    foreign key (entity_id, migration_number) references migrations (entity_id, number),
    check (outcome is null or action in ('create', 'update', 'bind')),
    check ((lease_holder is null) = (lease_until is null))
  )`,
  `create index migration_items_unfinished on migration_items (entity_id, migration_number, traveller_id)
    where outcome is null and action in ('create', 'update', 'bind')`,

  `create table concur_calls (
    id text collate "C" primary key,
    entity_id text collate "C" not null references entities (id),
    at timestamptz not null,
    system text not null check (system in ('concur', 'amadeus-csx')),
    method text not null,
    route text not null,
    status integer,
    duration_ms integer not null,
    correlation_id text,
    traveller_id text collate "C",
    error_code text,
    message text
  )`,
  `create index concur_calls_entity on concur_calls (entity_id, id)`,
  `create index concur_calls_correlation on concur_calls (correlation_id) where correlation_id is not null`,
  `create index concur_calls_at on concur_calls (at)`,

  `create table events (
    id text collate "C" primary key,
    entity_id text collate "C" not null references entities (id),
    at timestamptz not null,
    kind text not null,
    message text not null,
    due_at timestamptz
  )`,
  `create index events_entity on events (entity_id, id)`,

  `create table api_keys (
    id text collate "C" primary key,
    name text not null,
    key_hash text not null unique,
    scopes jsonb not null,
    created_at timestamptz not null,
    revoked_at timestamptz
  )`,

  `create table requests (
    id text collate "C" primary key,
    entity_id text collate "C" not null references entities (id),
    kind text not null,
    payload jsonb not null,
    created_at timestamptz not null,
    delivered_at timestamptz,
    attempts integer not null check (attempts >= 0),
    last_error text
  )`,
  `create index requests_pending on requests (created_at) where delivered_at is null`,
];

const TABLES = [
  'requests',
  'api_keys',
  'events',
  'concur_calls',
  'migration_items',
  'migrations',
  'conflicts',
  'quarantine',
  'sync_states',
  'travellers',
  'request_tokens',
  'credentials',
  'entities',
  'agencies',
];

export const initial: Migration = {
  async up(db: Kysely<unknown>): Promise<void> {
    for (const statement of STATEMENTS) await sql.raw(statement).execute(db);
  },
  async down(db: Kysely<unknown>): Promise<void> {
    for (const table of TABLES) await sql.raw(`drop table ${table} cascade`).execute(db);
  },
};
