import { type Selectable } from 'kysely';
import { API_SCOPES, type ApiKey, type ApiKeys } from '../contract';
import { hashApiKey, newApiKey } from '../crypto/api-key';
import { type ApiKeysTable } from '../db/schema';
import { pageOf, present, type StoreContext, toJson } from './support';

const BOOTSTRAP = 'bootstrap';

export function createApiKeys({ db, ids }: StoreContext): ApiKeys {
  return {
    async create({ name, scopes }, { now }) {
      const key = newApiKey();
      const row = await db
        .insertInto('api_keys')
        .values({ id: ids.next(), name, key_hash: hashApiKey(key), scopes: toJson(scopes), created_at: now })
        .returningAll()
        .executeTakeFirstOrThrow();
      return { apiKey: toApiKey(row), key };
    },

    verify: (hash) =>
      db
        .selectFrom('api_keys')
        .select(['id', 'scopes'])
        .where('key_hash', '=', hash)
        .where('revoked_at', 'is', null)
        .executeTakeFirst(),

    async list(query) {
      let rows = db
        .selectFrom('api_keys')
        .selectAll()
        .orderBy('id')
        .limit(query.limit + 1);
      if (query.cursor !== undefined) rows = rows.where('id', '>', query.cursor);
      return pageOf(await rows.execute(), query, toApiKey, (row) => row.id);
    },

    async revoke(id, { now }) {
      const result = await db
        .updateTable('api_keys')
        .set((set) => ({ revoked_at: set.fn.coalesce('revoked_at', set.val(now)) }))
        .where('id', '=', id)
        .executeTakeFirst();
      return result.numUpdatedRows > 0n;
    },

    async ensureBootstrap(key, { now }) {
      const values = { key_hash: hashApiKey(key), scopes: toJson(API_SCOPES), revoked_at: null };
      await db
        .insertInto('api_keys')
        .values({ id: BOOTSTRAP, name: BOOTSTRAP, created_at: now, ...values })
        .onConflict((conflict) => conflict.column('id').doUpdateSet(values))
        .execute();
    },
  };
}

function toApiKey(row: Selectable<ApiKeysTable>): ApiKey {
  const { id, name, scopes, created_at: createdAt, revoked_at: revokedAt } = row;
  return { id, name, scopes, createdAt, ...present({ revokedAt }) };
}
