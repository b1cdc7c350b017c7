import { ConcurUnavailable } from '../../../concur/errors';
import { type HubDatabase } from '../../../hub';
import { publishOnce } from '../../../sync/engine/publish';
import { type EngineDeps } from '../../../sync/engine/ports';
import { pullOnce } from '../../../sync/engine/pull';
import { type EngineWorld, engineWorld, SETTINGS } from '../../support/engine/world';
import { pgliteDatabase } from '../../support/hub/stores';

let db: HubDatabase;
beforeAll(async () => {
  db = await pgliteDatabase();
});
afterAll(() => db.destroy());

const pull = (world: EngineWorld, options = {}) => pullOnce(world.deps, SETTINGS, world.entityId, options);
const SLOT_MS = 15 * 60_000;

async function travellers(world: EngineWorld) {
  const { items } = await world.store.travellers.list(world.entityId, { limit: 500 });
  return items;
}

function seed(world: EngineWorld, count: number) {
  for (let n = 1; n <= count; n += 1) {
    world.clock.advance(1000);
    world.sandbox.admin.seedProfile({
      companyUuid: world.companyUuid,
      loginId: `person${n}@example.test`,
      sections: { general: { firstName: 'Person', lastName: `Number ${n}`, travelConfigId: '4711' } },
    });
  }
}

test('a first pull reads everything, moves the cursor to the first page and reads nothing twice', async () => {
  const world = await engineWorld(db);
  seed(world, 450);
  world.clock.advance(SLOT_MS);
  const began = world.clock.now();
  expect(await pull(world)).toMatchObject({ seen: 450, changed: 450, quarantined: 0, settled: true });
  expect(await travellers(world)).toHaveLength(450);
  const { cursor, progress } = await world.store.entities.get(world.entityId);
  expect(cursor).toEqual(new Date(began.getTime() - 120_000));
  expect(progress).toBeUndefined();

  const reads = () => world.sandbox.admin.calls.filter((call) => call.function === 'profile-read').length;
  const before = reads();
  world.clock.advance(SLOT_MS);
  expect(await pull(world)).toMatchObject({ changed: 0 });
  expect(reads()).toBe(before);
});

test('an edit in Concur arrives, and its echo after a publish changes nothing', async () => {
  const world = await engineWorld(db);
  seed(world, 1);
  await pull(world);
  const [before] = await travellers(world);
  world.clock.advance(SLOT_MS);
  world.sandbox.admin.editProfile('person1@example.test', { sections: { general: { jobTitle: 'Chief' } } });
  world.clock.advance(SLOT_MS);
  expect(await pull(world)).toMatchObject({ changed: 1 });
  const [after] = await travellers(world);
  expect(after?.traveller).toMatchObject({ sections: { general: { jobTitle: 'Chief' } } });
  expect(after?.traveller.version).toBe((before?.traveller.version ?? 0) + 1);
  expect(after?.sync.state).toBe('synced');

  await world.store.travellers.upsert(
    {
      entityId: world.entityId,
      id: after?.traveller.id ?? '',
      username: 'person1@example.test',
      status: 'active',
      sections: { general: { ...after?.traveller.sections.general, jobTitle: 'Boss' } },
    },
    { now: world.clock.now() },
  );
  await publishOnce(world.deps, SETTINGS, world.entityId);
  world.clock.advance(SLOT_MS);
  expect(await pull(world)).toMatchObject({ changed: 0 });
});

test('a renamed login stays the same traveller, a reused one becomes another', async () => {
  const world = await engineWorld(db);
  seed(world, 1);
  await pull(world);
  const [original] = await travellers(world);
  world.clock.advance(SLOT_MS);
  world.sandbox.admin.editProfile('person1@example.test', { loginId: 'renamed@example.test' });
  world.sandbox.admin.seedProfile({
    companyUuid: world.companyUuid,
    loginId: 'person1@example.test',
    sections: { general: { firstName: 'Newcomer', lastName: 'Nobody', travelConfigId: '4711' } },
  });
  world.clock.advance(SLOT_MS);
  await pull(world);
  const now = await travellers(world);
  expect(now).toHaveLength(2);
  const same = now.find(({ traveller }) => traveller.id === original?.traveller.id);
  expect(same).toMatchObject({
    concurUuid: original?.concurUuid,
    concurLoginId: 'renamed@example.test',
    traveller: { sections: { general: { firstName: 'Person' } } },
  });
});

test('a deactivation in Concur arrives', async () => {
  const world = await engineWorld(db);
  seed(world, 1);
  await pull(world);
  world.clock.advance(SLOT_MS);
  world.sandbox.admin.editProfile('person1@example.test', { status: 'inactive' });
  world.clock.advance(SLOT_MS);
  await pull(world);
  expect(await travellers(world)).toMatchObject([
    { traveller: { status: 'inactive' }, sync: { state: 'inactive' } },
  ]);
});

test('a crash between two pages resumes where it was and verifies', async () => {
  const world = await engineWorld(db);
  seed(world, 450);
  world.clock.advance(SLOT_MS);
  world.sandbox.admin.addScript([{ function: 'summary', nth: 2, action: { kind: 'reset', when: 'before' } }]);
  await expect(pull(world)).rejects.toMatchObject({ failureClass: 'retry' });
  expect((await world.store.entities.get(world.entityId)).progress).toMatchObject({ page: 2, verify: true });
  expect((await travellers(world)).length).toBeGreaterThanOrEqual(200);
  expect(await pull(world)).toMatchObject({ settled: true });
  expect(await world.store.entities.counts(world.entityId)).toMatchObject({ travellers: 450, synced: 450 });
});

test('one unreadable profile is quarantined, the others arrive, and it is read again at the next poll', async () => {
  const world = await engineWorld(db);
  seed(world, 5);
  world.sandbox.admin.addScript([
    { function: 'profile-read', login: 'person3@example.test', action: { kind: 'truncate' }, times: 3 },
  ]);
  expect(await pull(world)).toMatchObject({ changed: 4, quarantined: 1 });
  const { items } = await world.store.quarantine.list({ entityId: world.entityId, limit: 10 });
  expect(items).toMatchObject([{ direction: 'pull', loginId: 'person3@example.test' }]);
  world.clock.advance(SLOT_MS);
  expect(await pull(world)).toMatchObject({ changed: 1 });
  expect((await world.store.quarantine.list({ entityId: world.entityId, limit: 10 })).items).toEqual([]);
  expect(await travellers(world)).toHaveLength(5);
});

test('unknown profiles are held where the entity says so', async () => {
  const world = await engineWorld(db, { unknownProfiles: 'hold' });
  seed(world, 2);
  await pull(world);
  expect(await world.store.entities.counts(world.entityId)).toMatchObject({ travellers: 2, held: 2 });
});

test('a profile edited in Concur while a hub change waits keeps both edits', async () => {
  const world = await engineWorld(db);
  seed(world, 1);
  await pull(world);
  const [before] = await travellers(world);
  await world.store.travellers.upsert(
    {
      entityId: world.entityId,
      id: before?.traveller.id ?? '',
      username: 'person1@example.test',
      status: 'active',
      sections: { general: { ...before?.traveller.sections.general, costCenter: 'CC-1' } },
    },
    { now: world.clock.now() },
  );
  world.clock.advance(SLOT_MS);
  world.sandbox.admin.editProfile('person1@example.test', { sections: { general: { jobTitle: 'Chief' } } });
  world.clock.advance(SLOT_MS);
  await pull(world);
  expect(await travellers(world)).toMatchObject([
    {
      traveller: { sections: { general: { costCenter: 'CC-1', jobTitle: 'Chief' } } },
      sync: { state: 'pending' },
    },
  ]);
  await publishOnce(world.deps, SETTINGS, world.entityId);
  expect(world.sandbox.admin.profile('person1@example.test')?.sections).toMatchObject({
    general: { costCenter: 'CC-1', jobTitle: 'Chief' },
  });
});

test('a page is stored while the next one is read, which counts for nothing before its turn', async () => {
  const world = await engineWorld(db);
  seed(world, 450);
  world.clock.advance(SLOT_MS);
  const events: string[] = [];
  const { concur, store } = world.deps;
  const deps: EngineDeps = {
    ...world.deps,
    concur: {
      ...concur,
      async listSummaries(query) {
        events.push(`list ${query.page}`);
        if (query.page === 3) throw new ConcurUnavailable('Concur is out of order. Try again.');
        return concur.listSummaries(query);
      },
    },
    store: {
      ...store,
      async transaction(work) {
        const stored = await store.transaction(work);
        const { progress } = await store.entity(world.entityId);
        events.push(`goes on with ${progress?.page}`);
        return stored;
      },
    },
  };
  await expect(pullOnce(deps, SETTINGS, world.entityId)).rejects.toThrow('out of order');
  expect(events).toEqual(['list 1', 'list 2', 'goes on with 2', 'list 3', 'goes on with 3']);
  const { cursor, progress } = await store.entity(world.entityId);
  expect([cursor, progress?.page]).toEqual([undefined, 3]);
  expect(await travellers(world)).toHaveLength(400);

  expect(await pull(world)).toMatchObject({ seen: 450, settled: true });
  expect(await travellers(world)).toHaveLength(450);
});
