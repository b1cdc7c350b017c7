import { createHubStore, type HubDatabase, migrateToLatest, openDatabase } from '../../../hub';
import { anEntity, aTraveller, minutesAfter, T0 } from '../../support/builders';
import { storeSuite } from '../../support/hub/store-suite';
import { countingIds, testKeyRing } from '../../support/hub/stores';
import { testPostgres, type TestPostgres } from '../../support/local-servers';

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
