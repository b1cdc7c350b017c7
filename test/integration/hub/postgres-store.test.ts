import { sql } from 'kysely';
import {
  createHubStore,
  type HubDatabase,
  isEntityErased,
  migrateToLatest,
  openDatabase,
} from '../../../hub';
import { aBoundTraveller, anEntity, aTraveller, minutesAfter, T0 } from '../../support/builders';
import { aFailedCall, dumpOf, textOf } from '../../support/hub/everywhere';
import { plunder } from '../../support/hub/plunder';
import { storeSuite } from '../../support/hub/store-suite';
import { countingIds, testKeyRing } from '../../support/hub/stores';
import { testPostgres, type TestPostgres } from '../../support/local-servers';
import { waitUntil } from '../../support/wait-until';

const NOBODY = { logins: [], syncIds: [], uuids: [], travellerIds: [] };

/** Rows that scans of tables and indexes have fetched so far. */
async function rowsRead(db: HubDatabase): Promise<number> {
  await sql`select pg_stat_force_next_flush()`.execute(db);
  const { rows } = await sql<{ read: number }>`
    select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::bigint as read from pg_stat_user_tables
    where relname in ('travellers', 'sync_states')`.execute(db);
  return rows[0]?.read ?? 0;
}

/** Connections that wait for a row of somebody else's transaction. */
async function waitingFor(db: HubDatabase | undefined): Promise<number> {
  if (db === undefined) throw new Error('no database');
  const { rows } = await sql<{ waiting: number }>`
    select count(*) as waiting from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`.execute(db);
  return rows[0]?.waiting ?? 0;
}

describe('on a real PostgreSQL', () => {
  let server: TestPostgres | undefined;
  beforeAll(async () => {
    server = await testPostgres();
  }, 60_000);
  afterAll(async () => server?.stop());

  const emptyDatabase = async (): Promise<string> => {
    if (server === undefined) throw new Error('The server has not started.');
    return server.createDatabase();
  };

  describe('the store', () => {
    storeSuite(
      async () => {
        const db = openDatabase(await emptyDatabase(), { maxConnections: 8 });
        await migrateToLatest(db);
        return db;
      },
      { bulk: 10_000 },
    );
  });

  test('two processes that start at once bring the schema up together', async () => {
    const url = await emptyDatabase();
    const databases = [openDatabase(url), openDatabase(url), openDatabase(url)];
    await Promise.all(databases.map((db) => migrateToLatest(db)));
    const tables = await databases[0]?.introspection.getTables();
    expect(tables?.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['travellers', 'sync_states', 'requests']),
    );
    await Promise.all(databases.map((db) => db.destroy()));
  });

  test('locking and looking up read only the rows they are about, whatever the planner knows', async () => {
    // One connection, whose statistics can be asked to be up to date.
    const db = openDatabase(await emptyDatabase(), { maxConnections: 1 });
    await migrateToLatest(db);
    const store = createHubStore({ db, keyRing: testKeyRing(), ids: countingIds('e') });
    const { entity } = await store.entities.create(anEntity(), { now: T0 });
    const pairs = Array.from({ length: 2_000 }, () => aBoundTraveller(entity.id));
    await store.sync.transaction((tx) => tx.insert(pairs));
    const [a, b, c, d] = pairs;
    const handles = {
      logins: [a?.state.locator ?? ''],
      uuids: [b?.state.concurUuid ?? ''],
      syncIds: [c?.state.xmlProfileSyncId ?? ''],
    };
    const byId = { ...NOBODY, travellerIds: [d?.traveller.id ?? ''] };
    const names = [d?.traveller.username.toUpperCase() ?? ''];
    const lookUps: readonly (() => Promise<readonly unknown[]>)[] = [
      () => store.sync.glimpse(entity.id, 'concur', handles),
      () => store.sync.transaction((tx) => tx.lock(entity.id, 'concur', byId)),
      () => store.sync.transaction((tx) => tx.lock(entity.id, 'concur', { ...NOBODY, ...handles })),
      () => store.sync.transaction((tx) => tx.travellersByUsername(entity.id, names)),
    ];
    const rowsReadByEach = async (): Promise<number[]> => {
      const read: number[] = [];
      for (const lookUp of lookUps) {
        const before = await rowsRead(db);
        expect(await lookUp()).not.toEqual([]);
        read.push((await rowsRead(db)) - before);
      }
      return read;
    };
    expect(Math.max(...(await rowsReadByEach()))).toBeLessThan(20);
    await sql`analyze`.execute(db);
    expect(Math.max(...(await rowsReadByEach()))).toBeLessThan(20);
    await db.destroy();
  });

  describe('two stores over one database', () => {
    let databases: HubDatabase[] = [];
    beforeAll(async () => {
      const url = await emptyDatabase();
      databases = [openDatabase(url), openDatabase(url)];
      for (const db of databases) await migrateToLatest(db);
    });
    afterAll(async () => {
      await Promise.all(databases.map((db) => db.destroy()));
    });
    const keyRing = testKeyRing();
    const stores = () =>
      databases.map((db, n) => createHubStore({ db, keyRing, ids: countingIds(`p${n}-`) }));

    test('wake once, store every write and give a username to one of many', async () => {
      const [one, other] = stores();
      if (one === undefined || other === undefined) throw new Error('no stores');
      const { entity } = await one.entities.create(anEntity(), { now: T0 });
      const write = (n: number) =>
        (n % 2 === 0 ? one : other).travellers
          .upsert(
            { entityId: entity.id, ...aTraveller().with({ username: `same${n % 5}@example.test` }) },
            { now: T0 },
          )
          .catch((error: unknown) => error);
      const results = await Promise.all(Array.from({ length: 50 }, (_, n) => write(n)));
      const written = results.filter((result) => !(result instanceof Error));
      expect(written).toHaveLength(5);
      expect(written.filter((result) => JSON.stringify(result).includes('"woke":true'))).toHaveLength(1);
      expect(await other.entities.counts(entity.id)).toMatchObject({ travellers: 5, pending: 5 });
    });

    test('lose no change to a drain that clears the flag meanwhile', async () => {
      const [writer, drain] = stores();
      if (writer === undefined || drain === undefined) throw new Error('no stores');
      const { entity } = await writer.entities.create(anEntity(), { now: T0 });
      let unseen = 0;
      const published = new Set<string>();
      const publish = async (): Promise<void> => {
        await drain.sync.clearWake(entity.id);
        const lease = { holder: 'd', now: T0, until: minutesAfter(5), limit: 1_000 };
        for (const { traveller } of await drain.sync.leaseDirty(entity.id, 'concur', lease))
          published.add(traveller.id);
      };
      const writes = Array.from({ length: 60 }, async () => {
        const { woke } = await writer.travellers.upsert(
          { entityId: entity.id, ...aTraveller() },
          { now: T0 },
        );
        if (woke) unseen += 1;
      });
      const drains = (async () => {
        for (let n = 0; n < 40; n += 1) await publish();
      })();
      await Promise.all([...writes, drains]);
      // Whoever woke signals: at least one more drain follows when anything is left.
      if ((await drain.entities.get(entity.id)).wake) await publish();
      expect(unseen).toBeGreaterThan(0);
      expect(published.size).toBe(60);
    });

    test('share nobody: what one has locked the other leases and writes only afterwards', async () => {
      const [one, other] = stores();
      if (one === undefined || other === undefined) throw new Error('no stores');
      const { entity } = await one.entities.create(anEntity(), { now: T0 });
      const writes = [aTraveller(), aTraveller()];
      await one.travellers.upsertMany(entity.id, writes, { now: T0 });
      const [locked, free] = writes.map(({ id }) => id);
      const lease = { holder: 'other', now: T0, until: minutesAfter(5), limit: 10 };
      const order: string[] = [];
      let late: Promise<void> | undefined;
      await one.sync.transaction(async (tx) => {
        await tx.lock(entity.id, 'concur', { ...NOBODY, travellerIds: [locked ?? ''] });
        const leased = await other.sync.leaseDirty(entity.id, 'concur', lease);
        expect(leased.map(({ traveller }) => traveller.id)).toEqual([free]);
        late = other.travellers
          .upsert({ entityId: entity.id, ...aTraveller().with({ id: locked ?? '' }) }, { now: T0 })
          .then(() => void order.push('written'));
        await waitUntil('the write waits', async () => (await waitingFor(databases[1])) > 0);
        order.push('committed');
      });
      await late;
      expect(order).toEqual(['committed', 'written']);
    });

    test('erase what the other was about to store: the erasure waits for it, and nothing comes after', async () => {
      const [eraser, worker] = stores();
      const [db] = databases;
      if (eraser === undefined || worker === undefined || db === undefined) throw new Error('no stores');
      const { entity } = await eraser.entities.create(anEntity(), { now: T0 });
      const [early, late] = [aBoundTraveller(entity.id), aBoundTraveller(entity.id)];
      const order: string[] = [];
      let erasure: Promise<void> | undefined;
      await worker.sync.transaction(async (tx) => {
        await tx.insert([early]);
        erasure = eraser.entities.shred(entity.id, { now: T0 }).then(() => void order.push('erased'));
        await waitUntil('the erasure waits', async () => (await waitingFor(db)) > 0);
        order.push('stored');
      });
      await erasure;
      expect(order).toEqual(['stored', 'erased']);

      const refused = await worker.sync
        .transaction((tx) => tx.insert([late]))
        .catch((error: unknown) => error);
      expect(isEntityErased(refused)).toBe(true);
      await worker.calls.add([aFailedCall(entity.id, 'late-call', (place) => `FAKELATE-${place}`)]);
      const dump = textOf(await dumpOf(db));
      expect(dump).toContain('late-call');
      for (const { traveller, state } of [early, late]) {
        expect(dump).not.toContain(traveller.username);
        expect(dump).not.toContain(state.concurUuid);
      }
      expect(plunder(await dumpOf(db), keyRing).filter(({ text }) => text.includes('FAKELATE'))).toEqual([]);
    });

    test('create one migration when both ask, and one entity', async () => {
      const [one, other] = stores();
      if (one === undefined || other === undefined) throw new Error('no stores');
      const definition = anEntity();
      const created = await Promise.all(
        [one, other].map((store) => store.entities.create(definition, { now: T0 })),
      );
      expect(created.map((result) => result.created).sort()).toEqual([false, true]);
      const opened = await Promise.allSettled(
        Array.from({ length: 10 }, (_, n) =>
          (n % 2 ? one : other).migrations.create(definition.id, 'merge', { now: T0 }),
        ),
      );
      expect(opened.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    });
  });
});
