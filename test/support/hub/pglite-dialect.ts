import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type QueryResult,
  type TransactionSettings,
} from 'kysely';
import { types } from 'pg';
import { z } from 'zod';

/**
 * Kysely on PGlite: PostgreSQL in WebAssembly, in memory. It is one connection, so whoever asks while a
 * transaction is open waits for its end; code that goes past its own transaction would wait for ever.
 */
export class PgliteDialect implements Dialect {
  createDriver = (): Driver => new PgliteDriver();
  createAdapter = (): PostgresAdapter => new PostgresAdapter();
  createQueryCompiler = (): PostgresQueryCompiler => new PostgresQueryCompiler();
  createIntrospector: Dialect['createIntrospector'] = (db) => new PostgresIntrospector(db);
}

class PgliteDriver implements Driver {
  readonly #worker = new Worker(join(__dirname, 'pglite-worker.mjs'));
  readonly #connection = new PgliteConnection(this.#worker);
  readonly #waiting: (() => void)[] = [];
  #taken = false;

  init(): Promise<void> {
    return Promise.resolve();
  }

  async acquireConnection(): Promise<DatabaseConnection> {
    if (this.#taken) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#taken = true;
    return this.#connection;
  }

  releaseConnection(): Promise<void> {
    const next = this.#waiting.shift();
    // Handed on without being free in between, so that nobody overtakes.
    if (next === undefined) this.#taken = false;
    else next();
    return Promise.resolve();
  }

  async beginTransaction(connection: DatabaseConnection, settings: TransactionSettings): Promise<void> {
    const level = settings.isolationLevel === undefined ? '' : ` isolation level ${settings.isolationLevel}`;
    await connection.executeQuery(CompiledQuery.raw(`begin${level}`));
  }

  async commitTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('commit'));
  }

  async rollbackTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw('rollback'));
  }

  async destroy(): Promise<void> {
    await this.#worker.terminate();
  }
}

const answer = z.union([
  z.object({
    error: z.object({
      message: z.string(),
      code: z.string().optional(),
      constraint: z.string().optional(),
      detail: z.string().optional(),
    }),
  }),
  z.object({
    rows: z.array(z.array(z.string().nullable())),
    fields: z.array(z.object({ name: z.string(), dataTypeID: z.number() })),
    affectedRows: z.number().optional(),
  }),
]);

const INT8: number = types.builtins.INT8;

/** The same as `openDatabase` has on a real server. */
export function parserOf(oid: number): (text: string) => unknown {
  const parse: unknown = oid === INT8 ? Number : types.getTypeParser(oid, 'text');
  if (typeof parse !== 'function') throw new Error(`Nobody parses type ${oid}.`);
  return (text): unknown => Reflect.apply(parse, undefined, [text]);
}

/** One question at a time: the driver hands the connection to one asker. */
class PgliteConnection implements DatabaseConnection {
  constructor(private readonly worker: Worker) {}

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const reply = answer.parse(await this.ask({ text: query.sql, values: [...query.parameters] }));
    if ('error' in reply) {
      const { message, ...rest } = reply.error;
      throw Object.assign(new Error(message), rest);
    }
    const parsers = reply.fields.map(({ name, dataTypeID: oid }) => ({
      name,
      parse: parserOf(oid),
    }));
    const rows = reply.rows.map((row) => toRow<R>(row, parsers));
    const { affectedRows } = reply;
    return affectedRows === undefined ? { rows } : { rows, numAffectedRows: BigInt(affectedRows) };
  }

  // eslint-disable-next-line require-yield, @typescript-eslint/require-await -- the interface wants a generator
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('PGlite does not stream.');
  }

  private ask(query: { text: string; values: unknown[] }): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const done = (settle: () => void): void => {
        this.worker.off('message', onMessage).off('error', onError).off('exit', onExit);
        settle();
      };
      const onMessage = (message: string): void => done(() => resolve(JSON.parse(message)));
      const onError = (error: Error): void => done(() => reject(error));
      const onExit = (): void => done(() => reject(new Error('PGlite has ended.')));
      this.worker.on('message', onMessage).on('error', onError).on('exit', onExit);
      this.worker.postMessage(query);
    });
  }
}

interface Column {
  readonly name: string;
  readonly parse: (text: string) => unknown;
}

/** The caller's type of a row is a claim about its own SQL; a driver can only pass it on. */
function toRow<R>(values: readonly (string | null)[], columns: readonly Column[]): R {
  const row = Object.fromEntries(
    columns.map(({ name, parse }, index) => {
      const value = values[index];
      return [name, value === null || value === undefined ? null : parse(value)];
    }),
  );
  return z.custom<R>().parse(row);
}
