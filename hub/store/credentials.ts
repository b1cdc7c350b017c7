import { type RawBuilder, type Selectable, sql } from 'kysely';
import { type Credentials, type VaultedConnection, type VaultedGrant } from '../contract';
import { type EntityKey } from '../crypto/entity-key';
import { type CredentialsTable } from '../db/schema';
import { EntityUnknown } from '../errors';
import { updateEntity } from './entities';
import { shredTokens } from './erase';
import { type Executor, present, type StoreContext } from './support';

type TokenColumn = 'refresh_token' | 'access_token';
const placeOf = (column: TokenColumn): readonly string[] => ['credentials', column];
const placeOfRequestToken = (id: string): readonly string[] => ['request_tokens', id, 'token'];

export function createCredentials(context: StoreContext): Credentials {
  const { db, keys } = context;
  return {
    load: (entityId) => load(context, db, entityId),

    async acquireRefreshLease(entityId, holder, forMs) {
      const { rows } = await sql`
        update credentials set lease_holder = ${holder}, lease_until = ${fromNow(forMs)}
        where entity_id = ${entityId}
          and (lease_until is null or lease_until < clock_timestamp() or lease_holder = ${holder})
        returning 1`.execute(db);
      return rows.length > 0;
    },

    async renewRefreshLease(entityId, holder, forMs) {
      // Also one that ran out: as long as it bears our name, nobody has had it in between.
      const { rows } = await sql`
        update credentials set lease_until = ${fromNow(forMs)}
        where entity_id = ${entityId} and lease_holder = ${holder}
        returning 1`.execute(db);
      return rows.length > 0;
    },

    async releaseRefreshLease(entityId, holder) {
      await db
        .updateTable('credentials')
        .set({ lease_holder: null, lease_until: null })
        .where('entity_id', '=', entityId)
        .where('lease_holder', '=', holder)
        .execute();
    },

    commitGrant: (entityId, grant, madeFrom) =>
      db.transaction().execute(async (tx) => {
        const key = await keys.toWrite(tx, entityId);
        const replaced = await tx
          .updateTable('credentials')
          .set((set) => ({ ...tokenColumns(key, grant), version: set('version', '+', 1) }))
          .where('entity_id', '=', entityId)
          .$if(madeFrom !== undefined, (update) => update.where('version', '=', madeFrom ?? 0))
          .executeTakeFirst();
        if (replaced.numUpdatedRows === 0n) return undefined;
        const { geolocation, refreshTokenExpiresAt, scopes } = grant;
        await updateEntity(tx, entityId, { scopes, ...present({ geolocation, refreshTokenExpiresAt }) });
        return load(context, tx, entityId);
      }),

    async hasRefreshToken(entityId) {
      const row = await readRow(db, entityId);
      return row.refresh_token !== null;
    },

    putRequestToken: (entityId, id, token, { issuedAt, expiresAt, now }) =>
      db.transaction().execute(async (tx) => {
        const key = await keys.toWrite(tx, entityId);
        const hash = key.hash(`request token ${token}`);
        const { rows } = await sql<{ id: string }>`
        insert into request_tokens (entity_id, id, token, token_hash, issued_at, expires_at, created_at)
        values (${entityId}, ${id}, ${key.seal(placeOfRequestToken(id), token)}, ${hash}, ${issuedAt},
          ${expiresAt}, ${now})
        on conflict (entity_id, token_hash) do nothing
        returning id`.execute(tx);
        if (rows.length > 0) return { stored: true, id };
        const first = await tx
          .selectFrom('request_tokens')
          .select('id')
          .where('entity_id', '=', entityId)
          .where('token_hash', '=', hash)
          .executeTakeFirstOrThrow();
        return { stored: false, id: first.id };
      }),

    async takeRequestToken(entityId, id) {
      const row = await db
        .selectFrom('request_tokens')
        .selectAll()
        .where('entity_id', '=', entityId)
        .where('id', '=', id)
        .executeTakeFirst();
      if (row === undefined || row.token === null) return undefined;
      const key = await keys.of(db, entityId);
      const token = key.open(placeOfRequestToken(id), row.token);
      return { token, issuedAt: row.issued_at, expiresAt: row.expires_at };
    },

    async deleteRequestToken(entityId, id) {
      await db
        .updateTable('request_tokens')
        .set({ token: null })
        .where('entity_id', '=', entityId)
        .where('id', '=', id)
        .execute();
    },

    async forgetRequestToken(entityId, id) {
      await db.deleteFrom('request_tokens').where('entity_id', '=', entityId).where('id', '=', id).execute();
    },

    shred: (entityId) => db.transaction().execute((tx) => shredTokens(tx, entityId)),
  };
}

/** One clock for all processes: who waits for a lease must not see it end before its holder does. */
function fromNow(milliseconds: number): RawBuilder<Date> {
  return sql`clock_timestamp() + make_interval(secs => ${milliseconds / 1_000}::float8)`;
}

function tokenColumns(key: EntityKey, grant: VaultedGrant) {
  const { accessToken, accessTokenExpiresAt, refreshToken } = grant;
  const access = key.seal(placeOf('access_token'), accessToken);
  // A grant without a refresh token leaves the stored one in force.
  const refresh = refreshToken === undefined ? undefined : key.seal(placeOf('refresh_token'), refreshToken);
  return {
    access_token: access,
    access_token_expires_at: accessTokenExpiresAt,
    ...present({ refresh_token: refresh }),
  };
}

/** @throws EntityUnknown */
async function readRow(
  db: Executor,
  entityId: string,
): Promise<Selectable<CredentialsTable> & { company_uuid: string; geolocation: string | null }> {
  const row = await db
    .selectFrom('credentials')
    .innerJoin('entities', 'entities.id', 'credentials.entity_id')
    .selectAll('credentials')
    .select(['entities.company_uuid', 'entities.geolocation'])
    .where('credentials.entity_id', '=', entityId)
    .executeTakeFirst();
  if (row === undefined) throw new EntityUnknown(entityId);
  return row;
}

async function load({ keys }: StoreContext, db: Executor, entityId: string): Promise<VaultedConnection> {
  const row = await readRow(db, entityId);
  const sealed = row.access_token !== null || row.refresh_token !== null;
  const key = sealed ? await keys.of(db, entityId) : undefined;
  const open = (column: TokenColumn): string | undefined => {
    const text = row[column];
    return text === null ? undefined : key?.open(placeOf(column), text);
  };
  return {
    companyUuid: row.company_uuid,
    version: row.version,
    ...present({
      geolocation: row.geolocation,
      refreshToken: open('refresh_token'),
      accessToken: open('access_token'),
      accessTokenExpiresAt: row.access_token_expires_at,
    }),
  };
}
