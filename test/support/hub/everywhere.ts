import { sql } from 'kysely';
import { type HubDatabase, type HubStore } from '../../../hub';
import { aBoundTraveller, T0 } from '../builders';

/** Rows of every table as text: what a dump of the database holds. */
export type Dump = ReadonlyMap<string, readonly string[]>;

export async function dumpOf(db: HubDatabase): Promise<Dump> {
  const tables = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = current_schema() order by 1`.execute(db);
  const dump = new Map<string, readonly string[]>();
  for (const { name } of tables.rows) {
    const { rows } = await sql<{ row: string }>`
      select to_jsonb(t)::text as row from ${sql.table(name)} t`.execute(db);
    dump.set(
      name,
      rows.map(({ row }) => row),
    );
  }
  return dump;
}

export function textOf(dump: Dump): string {
  return [...dump.values()].flat().join('\n');
}

/**
 * Stores something in every place of an entity that seals: the traveller and its bases (with the values of
 * `SENSITIVE`), elements unknown to us, a conflict, a quarantine record, a plan, a login that only Concur has,
 * tokens, a failed call.
 * @param secret gives the text for a place
 * @returns the id of the traveller
 */
export async function fillEverywhere(
  store: HubStore,
  entityId: string,
  secret: (place: string) => string,
): Promise<string> {
  const pair = aBoundTraveller(entityId);
  const { id } = pair.traveller;
  const unknown = [{ path: 'General', name: 'x', value: secret('unknown') }];
  await store.sync.transaction(async (tx) => {
    await tx.insert([{ ...pair, traveller: pair.traveller.with({ unknown }) }]);
    await tx.addConflicts(
      [
        {
          ...{ entityId, travellerId: id, section: 'visas', winner: 'hub' },
          ...{ slot: secret('slot'), hubValue: secret('hub'), concurValue: secret('concur') },
        },
      ],
      T0,
    );
    await tx.quarantine(
      [{ entityId, travellerId: id, direction: 'pull', code: 'c', reason: 'r', message: secret('text') }],
      T0,
    );
  });
  const { number } = await store.migrations.create(entityId, 'merge', { now: T0 });
  await store.migrations.putItems([
    {
      ...{ entityId, migrationNumber: number, travellerId: id, action: 'update', planHash: 'h' },
      ...{ replanned: false, plan: { sections: secret('plan') } },
    },
  ]);
  const begun = await store.reconciliations.create(
    entityId,
    { origin: 'request', repair: false },
    { now: T0 },
  );
  const items = [{ login: secret('login'), outcome: 'only-there', fields: [] }] as const;
  await store.reconciliations.commit(begun, { progress: begun.progress, items }, { now: T0 });
  const window = { issuedAt: T0, expiresAt: T0, now: T0 };
  await store.credentials.putRequestToken(entityId, `${entityId}-r`, secret('request'), window);
  await store.credentials.commitGrant(entityId, {
    accessToken: secret('access'),
    refreshToken: secret('refresh'),
    accessTokenExpiresAt: T0,
    scopes: [],
  });
  await store.calls.add([aFailedCall(entityId, `${entityId}-call`, secret)]);
  return id;
}

/** A call with all that the journal keeps of one that failed. */
export function aFailedCall(
  entityId: string,
  id: string,
  secret: (place: string) => string,
): Parameters<HubStore['calls']['add']>[0][number] {
  return {
    ...{ id, entityId, at: T0, system: 'concur', method: 'GET', route: '/r', durationMs: 1 },
    errorCode: 'HTTP-500',
    content: {
      user: secret('user'),
      exchange: { url: secret('url'), requestHeaders: {}, responseBody: secret('body') },
    },
  };
}
