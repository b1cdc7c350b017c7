import { type RawBuilder, sql } from 'kysely';
import { type Page, type PageQuery } from '../contract';
import { type HubDatabase } from '../db';
import { type KeyRing } from '../crypto';
import { type EntityKeys } from './entity-keys';

/** What every repository works with. */
export interface StoreContext {
  readonly db: HubDatabase;
  readonly ring: KeyRing;
  readonly keys: EntityKeys;
  readonly ids: { next(): string };
}

/** The database or an open transaction of it: within one, everything must go through it. */
export type Executor = HubDatabase;

type Present<T> = { [K in keyof T]?: Exclude<T[K], null | undefined> };

function isPresent<T extends object>(fields: object): fields is Present<T> {
  return Object.values(fields).every((value) => value !== null && value !== undefined);
}

/** Only the fields that have a value: SQL's NULL is an absent field in the hub's types. */
export function present<T extends object>(fields: T): Present<T> {
  const kept: object = Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== null && value !== undefined),
  );
  if (!isPresent<T>(kept)) throw new Error('A field without value was kept.');
  return kept;
}

/** What PostgreSQL's text cannot hold becomes the replacement character: NUL and halves of surrogate pairs. */
const NOT_STORABLE = /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

export function storable(text: string): string {
  return text.replace(NOT_STORABLE, '\uFFFD');
}

/** JSON text for a jsonb column. */
export function toJson(value: unknown): string {
  const text = JSON.stringify(value);
  // Only those characters are written as \u escapes; documents with none are not walked again.
  if (!text.includes('\\u')) return text;
  return JSON.stringify(value, (_name, field: unknown) =>
    typeof field === 'string' ? storable(field) : field,
  );
}

export function toJsonOrNull(value: unknown): string | null {
  return value === undefined || value === null ? null : toJson(value);
}

/** Column → SQL type of a batch. */
export type Columns = Readonly<
  Record<string, 'text' | 'bigint' | 'integer' | 'boolean' | 'timestamptz' | 'jsonb'>
>;

/**
 * Many rows as one parameter, `… as x(columns)`: one statement for a batch of any size, without the limit
 * on parameters.
 */
export function recordset(rows: readonly object[], columns: Columns): RawBuilder<unknown> {
  const definition = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
  return sql`jsonb_to_recordset(${toJson(rows)}::jsonb) as x(${sql.raw(definition.join(', '))})`;
}

/** Rows of one statement: keeps a parameter at some megabytes. */
const CHUNK = 500;

export async function inChunks<T>(
  rows: readonly T[],
  work: (chunk: readonly T[]) => Promise<void>,
): Promise<void> {
  for (let start = 0; start < rows.length; start += CHUNK) await work(rows.slice(start, start + CHUNK));
}

export function groupBy<T>(items: readonly T[], key: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(key(item));
    if (group === undefined) groups.set(key(item), [item]);
    else group.push(item);
  }
  return groups;
}

/** @param rows one more than the page may hold, when there are more */
export function pageOf<R, T>(
  rows: readonly R[],
  query: PageQuery,
  toItem: (row: R) => T,
  idOf: (row: R) => string,
): Page<T> {
  const shown = rows.slice(0, query.limit);
  const last = shown.at(-1);
  const more = rows.length > query.limit && last !== undefined;
  return { items: shown.map(toItem), ...(more ? { nextCursor: idOf(last) } : {}) };
}

export function violates(error: unknown, constraint: string): boolean {
  return errorField(error, 'code') === '23505' && errorField(error, 'constraint') === constraint;
}

/** SQLSTATE and constraint have the same names on `pg` and PGlite. */
function errorField(error: unknown, name: 'code' | 'constraint'): unknown {
  return error instanceof Error ? Reflect.get(error, name) : undefined;
}

const DEADLOCK = '40P01';
const DEADLOCK_TRIES = 3;

/** Runs a transaction again that PostgreSQL ended to resolve a deadlock; it has left nothing behind. */
export async function retryDeadlocks<T>(transaction: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await transaction();
    } catch (error) {
      if (errorField(error, 'code') !== DEADLOCK || tries === DEADLOCK_TRIES) throw error;
    }
  }
}
