import { type HubDatabase } from '../../../hub';
import { type TravellerSync } from '../../../hub/types';
import { type Decide, GroupCommit } from '../../../sync/engine/group-commit';
import { publishOnce } from '../../../sync/engine/publish';
import { type EngineDeps } from '../../../sync/engine/ports';
import { type EngineWorld, engineWorld, SETTINGS } from '../../support/engine/world';
import { pgliteDatabase } from '../../support/hub/stores';

let db: HubDatabase;
beforeAll(async () => {
  db = await pgliteDatabase();
});
afterAll(() => db.destroy());

async function write(world: EngineWorld, count: number): Promise<void> {
  const writes = Array.from({ length: count }, (_, n) => ({
    id: `t${n}`,
    username: `person${n}@example.test`,
    status: 'active' as const,
    sections: { general: { firstName: 'Person', lastName: 'Of Many', travelConfigId: '4711' } },
  }));
  await world.store.travellers.upsertMany(world.entityId, writes, { now: world.clock.now() });
}

function counting(world: EngineWorld): { readonly deps: EngineDeps; transactions: number } {
  const { store } = world.deps;
  const counted = {
    transactions: 0,
    deps: {
      ...world.deps,
      store: {
        ...store,
        async transaction<T>(work: Parameters<typeof store.transaction<T>>[0]): Promise<T> {
          counted.transactions += 1;
          return store.transaction(work);
        },
      },
    },
  };
  return counted;
}

const unblocked: Decide = (current) => ({
  outcome: { kind: 'unchanged' },
  ...(current === undefined ? {} : { save: { state: { ...current.state, publishedVersion: 1 } } }),
});

const stale: Decide = (current) => {
  if (current === undefined) throw new Error('the traveller is not there');
  return { outcome: { kind: 'unchanged' }, save: { state: { ...current.state, version: 99 } } };
};

async function states(world: EngineWorld, ...ids: string[]): Promise<TravellerSync['state'][]> {
  const pairs = await world.deps.store.load(world.entityId, 'concur', ids);
  return pairs.map(({ state }) => state);
}

test('a drain of many commits them in groups', async () => {
  const world = await engineWorld(db);
  await write(world, 40);
  const counted = counting(world);
  expect(await publishOnce(counted.deps, SETTINGS, world.entityId)).toMatchObject({
    published: 40,
    quarantined: 0,
    remaining: 0,
  });
  expect(counted.transactions).toBeLessThan(30);
});

test('one that cannot be stored does not keep the others of its group from it', async () => {
  const world = await engineWorld(db);
  await write(world, 3);
  const counted = counting(world);
  const commits = new GroupCommit(counted.deps, { id: world.entityId }, 'concur');
  const ended = await Promise.allSettled([
    commits.commit('t0', unblocked),
    commits.commit('t1', unblocked),
    commits.commit('t2', stale),
  ]);
  expect(ended.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  expect((await states(world, 't0', 't1', 't2')).map((state) => state.publishedVersion)).toEqual([1, 1, 0]);
  // The first alone, the two that came meanwhile together, then each of them by itself.
  expect(counted.transactions).toBe(4);
});

test('goes on after a group that failed', async () => {
  const world = await engineWorld(db);
  await write(world, 1);
  const commits = new GroupCommit(world.deps, { id: world.entityId }, 'concur');
  await expect(commits.commit('t0', stale)).rejects.toThrow();
  expect(await commits.commit('t0', unblocked)).toEqual({ kind: 'unchanged' });
});
