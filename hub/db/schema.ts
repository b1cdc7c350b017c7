import { type ColumnType } from 'kysely';
import { type ApiScope } from '../contract/records';
import { type StoredImage, type StoredSections } from '../crypto/document';
import {
  type ConflictRule,
  type CreateIntent,
  type Direction,
  type EntityIds,
  type FieldNote,
  type GdsBinding,
  type Health,
  type ItemAction,
  type ItemOutcome,
  type MigrationReport,
  type MigrationStateName,
  type PollRecord,
  type Preparation,
  type PullProgress,
  type ReconcileFinding,
  type ReconciliationCounts,
  type ReconciliationProgress,
  type ReconciliationStateName,
  type Stage,
  type Strategy,
  type Target,
} from '../types';

/**
 * The tables as Kysely sees them. jsonb columns are written as text (`pg` would turn a JavaScript array into
 * a PostgreSQL array) and read as what this module's own writers put there.
 */
type Json<T> = ColumnType<T, string, string>;
type JsonOrNull<T> = ColumnType<T | null, string | null, string | null>;
/** A sealed text: `crypto/sealed-text.ts`. */
type Sealed = string;

export interface AgenciesTable {
  id: string;
  name: string;
  interface_on: boolean;
  polling_on: boolean;
  created_at: Date;
}

export interface EntitiesTable {
  id: string;
  agency_id: string;
  name: string;
  company_uuid: string;
  travel_config_id: string;
  ids: Json<EntityIds>;
  strategy: Strategy | null;
  conflict_rule: Json<ConflictRule>;
  unknown_profiles: 'create' | 'hold';
  api_version: 1 | 2;
  gds: JsonOrNull<GdsBinding>;
  poll_minutes: JsonOrNull<readonly number[]>;
  interface_on: boolean;
  polling_on: boolean;
  stage: Stage;
  health: Health;
  health_reason: string | null;
  waiting_for: string | null;
  preparation: Preparation | null;
  request_token_issued_at: Date | null;
  request_token_expires_at: Date | null;
  refresh_token_expires_at: Date | null;
  geolocation: string | null;
  scopes: Json<readonly string[]>;
  last_poll: JsonOrNull<PollRecord>;
  last_poll_finished_at: Date | null;
  next_poll_at: Date | null;
  clock_skew_ms: number;
  sync_cursor: Date | null;
  progress: JsonOrNull<PullProgress>;
  wake: boolean;
  woken_at: Date | null;
  created_at: Date;
  /** Names the data key in every value that it sealed. */
  data_key_id: string;
  /** The data key, wrapped by the ring key `ring_key_id`; null once shredded. */
  data_key: Sealed | null;
  ring_key_id: string | null;
}

export interface CredentialsTable {
  entity_id: string;
  refresh_token: Sealed | null;
  access_token: Sealed | null;
  access_token_expires_at: Date | null;
  version: number;
  lease_holder: string | null;
  lease_until: Date | null;
}

export interface RequestTokensTable {
  entity_id: string;
  id: string;
  /** Null once deleted. */
  token: Sealed | null;
  token_hash: string;
  issued_at: Date;
  expires_at: Date;
  created_at: Date;
}

export interface TravellersTable {
  entity_id: string;
  id: string;
  username: string;
  status: 'active' | 'inactive';
  sections: Json<StoredSections>;
  unknown_elements: Sealed | null;
  content_hash: string;
  version: number;
  changed_at: Date;
  created_at: Date;
  erased_at: Date | null;
}

export interface SyncStatesTable {
  entity_id: string;
  traveller_id: string;
  target: Target;
  locator: string | null;
  concur_uuid: string | null;
  xml_profile_sync_id: string | null;
  base_hub: JsonOrNull<StoredImage>;
  base_hub_hash: string | null;
  base_concur: JsonOrNull<StoredImage>;
  hub_version: number;
  published_version: number;
  blocked_version: number | null;
  held: boolean;
  version: number;
  lease_holder: string | null;
  lease_until: Date | null;
  create_intent: JsonOrNull<CreateIntent>;
  notes: Json<readonly FieldNote[]>;
  concur_modified_at: Date | null;
  concur_seen_at: Date | null;
  last_published_at: Date | null;
  last_pulled_at: Date | null;
}

export interface QuarantineTable {
  id: string;
  entity_id: string;
  traveller_id: string | null;
  login_id: string | null;
  direction: Direction;
  code: string;
  field: string | null;
  reason: string;
  message: Sealed | null;
  correlation_id: string | null;
  concur_modified_at: Date | null;
  transient: boolean;
  retry_asked: boolean;
  first_at: Date;
  last_at: Date;
  attempts: number;
  resolved_at: Date | null;
  resolution: 'resolved' | 'dismissed' | null;
}

export interface ConflictsTable {
  id: string;
  entity_id: string;
  traveller_id: string;
  section: string;
  winner: 'hub' | 'concur';
  /** Slot and both values; null once erased. */
  content: Sealed | null;
  at: Date;
  restored_at: Date | null;
}

export interface MigrationsTable {
  entity_id: string;
  number: number;
  strategy: Strategy;
  state: MigrationStateName;
  digest: string | null;
  first_read_at: Date | null;
  planned_at: Date | null;
  approved_at: Date | null;
  completed_at: Date | null;
  report: JsonOrNull<MigrationReport>;
  error: string | null;
  created_at: Date;
}

export interface MigrationItemsTable {
  entity_id: string;
  migration_number: number;
  traveller_id: string;
  action: ItemAction;
  code: string | null;
  reason: string | null;
  plan: Sealed | null;
  plan_hash: string;
  outcome: ItemOutcome | null;
  detail: string | null;
  replanned: boolean;
  finished_at: Date | null;
}

export interface ConcurCallsTable {
  id: string;
  entity_id: string;
  at: Date;
  system: 'concur' | 'amadeus-csx';
  method: string;
  route: string;
  status: number | null;
  duration_ms: number;
  correlation_id: string | null;
  traveller_id: string | null;
  error_code: string | null;
  function: string | null;
  origin: string | null;
  correlation_id_sent: string | null;
  server_date: Date | null;
  user_hash: string | null;
  content: Sealed | null;
}

export interface EventsTable {
  id: string;
  entity_id: string;
  at: Date;
  kind: string;
  message: string;
  due_at: Date | null;
}

export interface ApiKeysTable {
  id: string;
  name: string;
  key_hash: string;
  scopes: Json<readonly ApiScope[]>;
  created_at: Date;
  revoked_at: Date | null;
}

export interface RequestsTable {
  id: string;
  entity_id: string;
  kind: string;
  payload: Json<Readonly<Record<string, unknown>>>;
  created_at: Date;
  delivered_at: Date | null;
  attempts: number;
  last_error: string | null;
  refused_code: string | null;
  refused_reason: string | null;
}

export interface ReconciliationsTable {
  entity_id: string;
  number: number;
  state: ReconciliationStateName;
  origin: 'request' | 'schedule';
  repair: boolean;
  travellers: number;
  counts: Json<ReconciliationCounts>;
  progress: Json<ReconciliationProgress>;
  revision: number;
  repaired: number;
  error: string | null;
  created_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
}

export interface ReconciliationItemsTable {
  entity_id: string;
  number: number;
  key: string;
  traveller_id: string | null;
  login: Sealed | null;
  outcome: ReconcileFinding;
  fields: Json<readonly string[]>;
  code: string | null;
  reason: string | null;
  repaired_at: Date | null;
}

export interface HubTables {
  agencies: AgenciesTable;
  entities: EntitiesTable;
  credentials: CredentialsTable;
  request_tokens: RequestTokensTable;
  travellers: TravellersTable;
  sync_states: SyncStatesTable;
  quarantine: QuarantineTable;
  conflicts: ConflictsTable;
  migrations: MigrationsTable;
  migration_items: MigrationItemsTable;
  concur_calls: ConcurCallsTable;
  events: EventsTable;
  api_keys: ApiKeysTable;
  requests: RequestsTable;
  reconciliations: ReconciliationsTable;
  reconciliation_items: ReconciliationItemsTable;
}
