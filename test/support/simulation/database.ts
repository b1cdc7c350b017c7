import { PGlite, protocol } from '@electric-sql/pglite';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import { z } from 'zod';
import { type HubDatabase, migrateToLatest } from '../../../hub';
import { type HubTables } from '../../../hub/db/schema';
import { parserOf } from '../hub/pglite-dialect';

/**
 * PGlite in this thread, for many thousands of histories on one schema: each text of SQL is parsed once and
 * then run by its name, which takes a fifth of the time of PGlite's own `query`, and no message goes to
 * another thread. It does not run inside Jest, whose VM has no dynamic import().
 */
export async function simulationDatabase(): Promise<{ db: HubDatabase; statements(): number }> {
  const pglite = await PGlite.create();
  const connection = new PreparedConnection(pglite);
  const db = new Kysely<HubTables>({ dialect: new InlineDialect(connection) });
  await migrateToLatest(db);
  for (const setting of SETTINGS) await db.executeQuery(CompiledQuery.raw(setting));
  return { db, statements: () => connection.statements };
}

/** A statement is planned once and not for each of its first runs; nothing waits for a disk that is not there. */
const SETTINGS = [
  `set plan_cache_mode = 'force_generic_plan'`,
  'set synchronous_commit = off',
  'set jit = off',
  'set client_min_messages = error',
];

class InlineDialect implements Dialect {
  constructor(private readonly connection: PreparedConnection) {}

  createDriver = (): Driver => new InlineDriver(this.connection);
  createAdapter = (): PostgresAdapter => new PostgresAdapter();
  createQueryCompiler = (): PostgresQueryCompiler => new PostgresQueryCompiler();
  createIntrospector: Dialect['createIntrospector'] = (db) => new PostgresIntrospector(db);
}

/** One connection: the scheduler lets one call go at a time, so nobody ever waits for it. */
class InlineDriver implements Driver {
  readonly #waiting: (() => void)[] = [];
  #taken = false;

  constructor(private readonly connection: PreparedConnection) {}

  init = (): Promise<void> => Promise.resolve();

  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#taken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#taken = true;
    return this.connection;
  }

  releaseConnection(): Promise<void> {
    const next = this.#waiting.shift();
    if (next === undefined) this.#taken = false;
    else next();
    return Promise.resolve();
  }

  async beginTransaction(): Promise<void> {
    await this.connection.executeQuery(CompiledQuery.raw('begin'));
  }

  async commitTransaction(): Promise<void> {
    await this.connection.executeQuery(CompiledQuery.raw('commit'));
  }

  async rollbackTransaction(): Promise<void> {
    await this.connection.executeQuery(CompiledQuery.raw('rollback'));
  }

  destroy = (): Promise<void> => this.connection.close();
}

interface Column {
  readonly name: string;
  readonly parse: (text: string) => unknown;
}

interface Statement {
  readonly name: string;
  readonly parameters: readonly number[];
  readonly columns: readonly Column[];
}

interface Answer {
  readonly rows: (string | null)[][];
  readonly tag: string;
  readonly parameters: readonly number[];
  readonly columns: readonly Column[];
}

const fieldSchema = z.object({ name: z.string(), dataTypeID: z.number() });
const AFFECTS = /^(?:INSERT|UPDATE|DELETE|MERGE)\b.* (\d+)$/;

class PreparedConnection implements DatabaseConnection {
  statements = 0;
  private readonly known = new Map<string, Statement>();

  constructor(private readonly pglite: PGlite) {}

  // eslint-disable-next-line @typescript-eslint/require-await -- an error of the database is a rejection
  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    this.statements += 1;
    const statement = this.known.get(query.sql) ?? this.prepare(query.sql);
    const { serialize } = protocol;
    const values = query.parameters.map((value, index) => this.asText(value, statement.parameters[index]));
    const { rows, tag } = this.ask([
      serialize.bind({ statement: statement.name, values }),
      serialize.execute({}),
      serialize.sync(),
    ]);
    const affected = AFFECTS.exec(tag)?.[1];
    const shaped = rows.map((row) => toRow<R>(row, statement.columns));
    return affected === undefined ? { rows: shaped } : { rows: shaped, numAffectedRows: BigInt(affected) };
  }

  // eslint-disable-next-line require-yield, @typescript-eslint/require-await -- the interface wants a generator
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('PGlite does not stream.');
  }

  close(): Promise<void> {
    return this.pglite.close();
  }

  private prepare(text: string): Statement {
    const name = `s${this.known.size}`;
    const { serialize } = protocol;
    const { parameters, columns } = this.ask([
      serialize.parse({ name, text }),
      serialize.describe({ type: 'S', name }),
      serialize.sync(),
    ]);
    const statement = { name, parameters, columns };
    this.known.set(text, statement);
    return statement;
  }

  private asText(value: unknown, oid: number | undefined): string | null {
    if (value === null || value === undefined) return null;
    const write = oid === undefined ? undefined : this.pglite.serializers[oid];
    if (write !== undefined) return write(value);
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      return `${value}`;
    throw new Error('PGlite cannot take such a parameter');
  }

  private ask(messages: readonly Uint8Array[]): Answer {
    const rows: (string | null)[][] = [];
    let tag = '';
    const failures: Error[] = [];
    let parameters: readonly number[] = [];
    let columns: readonly Column[] = [];
    const raw = this.pglite.execProtocolRawSync(Buffer.concat(messages));
    new protocol.Parser().parse(raw, (message) => {
      if (message instanceof Error) failures.push(message);
      else if ('fields' in message && Array.isArray(message.fields)) {
        const fields: readonly unknown[] = message.fields;
        if (message.name === 'dataRow') {
          rows.push(fields.map((field) => (typeof field === 'string' ? field : null)));
        } else {
          columns = fields.map((field) => {
            const { name, dataTypeID } = fieldSchema.parse(field);
            return { name, parse: parserOf(dataTypeID) };
          });
        }
      } else if ('dataTypeIDs' in message && Array.isArray(message.dataTypeIDs)) {
        parameters = message.dataTypeIDs.map(Number);
      } else if ('text' in message && typeof message.text === 'string') tag = message.text;
    });
    const [failure] = failures;
    if (failure !== undefined) throw failure;
    return { rows, tag, parameters, columns };
  }
}

/** The caller's type of a row is a claim about its own SQL; a driver can only pass it on. */
function toRow<R>(values: readonly (string | null)[], columns: readonly Column[]): R {
  const row: Record<string, unknown> = {};
  columns.forEach(({ name, parse }, index) => {
    const value = values[index];
    row[name] = value === null || value === undefined ? null : parse(value);
  });
  return claimed<R>(row);
}

const anything = z.custom<never>();
function claimed<R>(row: unknown): R {
  return anything.parse(row);
}
