import { CompiledQuery, type DatabaseConnection, Kysely, Migrator, PostgresDialect } from 'kysely';
import { Pool, types } from 'pg';
import { migrationProvider } from './migrations';
import { type HubTables } from './schema';

export type HubDatabase = Kysely<HubTables>;

export interface OpenOptions {
  /** Most connections of this process. */
  readonly maxConnections?: number;
  /** Told about connections that break while idle; the pool replaces them by itself. */
  readonly onIdleError?: (error: Error) => void;
}

const DEFAULT_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 10_000;
const IDLE_TIMEOUT_MS = 30_000;
const INT8: number = types.builtins.INT8;

/** Versions and counts are int8; all of them fit a JavaScript number. Set for this pool only. */
const parsers = {
  getTypeParser: (oid: number, format?: 'text' | 'binary'): unknown =>
    oid === INT8 ? Number : types.getTypeParser(oid, format),
};

/**
 * The hub's tables in a PostgreSQL. Connects at the first query; call `destroy()` at the end.
 * @param url `postgres://…`, setting DATABASE_URL
 */
export function openDatabase(url: string, options: OpenOptions = {}): HubDatabase {
  const pool = new Pool({
    connectionString: url,
    max: options.maxConnections ?? DEFAULT_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    idleTimeoutMillis: IDLE_TIMEOUT_MS,
    application_name: 'concordance',
    types: parsers,
  });
  // Without a listener the loss of an idle connection would end the process.
  pool.on('error', (error) => options.onIdleError?.(error));
  return new Kysely<HubTables>({
    dialect: new PostgresDialect({ pool, onCreateConnection: preferIndexes }),
  });
}

/**
 * Every statement of the hub goes by an index. The planner knows nothing of a table that is being filled, and
 * the plans of foreign keys it keeps: chosen for a small table they would read all of it for every row.
 */
async function preferIndexes(connection: DatabaseConnection): Promise<void> {
  await connection.executeQuery(CompiledQuery.raw('set enable_seqscan = off'));
}

/**
 * Brings the schema up to date. Safe when several processes start at once: Kysely's migrator takes an
 * advisory lock, the later ones find nothing left to do.
 * @throws the error of the migration that failed
 */
export async function migrateToLatest(db: HubDatabase): Promise<void> {
  const { error } = await new Migrator({ db, provider: migrationProvider }).migrateToLatest();
  if (error instanceof Error) throw error;
  if (error !== undefined) throw new Error('The schema cannot be brought up to date.', { cause: error });
}
