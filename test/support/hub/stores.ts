import { randomBytes } from 'node:crypto';
import { Kysely } from 'kysely';
import {
  createHubStore,
  type HubDatabase,
  type HubStore,
  type KeyRing,
  migrateToLatest,
  parseKeyRing,
} from '../../../hub';
import { type HubTables } from '../../../hub/db/schema';
import { PgliteDialect } from './pglite-dialect';

/** A database in memory with the schema on it. Takes a second to start: one per test file. */
export async function pgliteDatabase(): Promise<HubDatabase> {
  const db = new Kysely<HubTables>({ dialect: new PgliteDialect() });
  await migrateToLatest(db);
  return db;
}

/** Keys made up for the test. @param ids the first one is active */
export function testKeyRing(...ids: readonly string[]): KeyRing {
  return parseKeyRing(testKeys(...ids));
}

/** The text of ENCRYPTION_KEYS with fresh keys. */
export function testKeys(...ids: readonly string[]): string {
  return (ids.length === 0 ? ['k1'] : ids)
    .map((id) => `${id}:${randomBytes(32).toString('base64')}`)
    .join(',');
}

/** Ids in order: `<prefix>000001` … */
export function countingIds(prefix = 'id'): { next(): string } {
  let count = 0;
  return {
    next: () => {
      count += 1;
      return `${prefix}${String(count).padStart(6, '0')}`;
    },
  };
}

let stores = 0;

/** A store whose ids collide with those of no other store made in this process. */
export function storeOn(db: HubDatabase, keyRing: KeyRing = testKeyRing()): HubStore {
  stores += 1;
  return createHubStore({ db, keyRing, ids: countingIds(`s${stores}-`) });
}
