import { type HubDatabase } from '../../../hub';
import { publishOnce } from '../../../sync/engine/publish';
import { planChunk } from '../../../sync/engine/migrate';
import { pullOnce } from '../../../sync/engine/pull';
import { ALL_SCOPES } from '../../../sandbox';
import { type EngineWorld, engineWorld, SETTINGS } from '../../support/engine/world';
import { pgliteDatabase } from '../../support/hub/stores';

let db: HubDatabase;
beforeAll(async () => {
  db = await pgliteDatabase();
});
afterAll(() => db.destroy());

const SLOT_MS = 15 * 60_000;
const LOGIN = 'ada@example.test';
const pull = (world: EngineWorld) => {
  world.clock.advance(SLOT_MS);
  return pullOnce(world.deps, SETTINGS, world.entityId);
};

async function travellers(world: EngineWorld) {
  const { items } = await world.store.travellers.list(world.entityId, { limit: 500 });
  return items;
}

async function quarantine(world: EngineWorld) {
  const { items } = await world.store.quarantine.list({ entityId: world.entityId, limit: 100 });
  return items;
}

function seed(world: EngineWorld, loginId: string, change: object = {}) {
  return world.sandbox.admin.seedProfile({
    companyUuid: world.companyUuid,
    loginId,
    sections: {
      general: { firstName: 'Ada', lastName: 'Example', travelConfigId: '4711', costCenter: 'C-1' },
      addresses: [
        {
          type: 'Home',
          street: '1 Main St\nFloor 2',
          city: 'Town',
          postalCode: '00000',
          countryCode: 'US',
        },
      ],
      hotel: { roomType: 'King', hotelSmokingCode: 'NonSmoking', preferPool: true },
      passports: [{ passportNumber: 'FAKEPASS1', passportNationality: 'US' }],
    },
    ...change,
  });
}

async function edit(world: EngineWorld, jobTitle: string) {
  const [known] = await travellers(world);
  if (known === undefined) throw new Error('nobody was pulled');
  const { id, username, status, sections } = known.traveller;
  await world.store.travellers.upsert(
    {
      entityId: world.entityId,
      id,
      username,
      status,
      sections: { ...sections, general: { ...sections.general, jobTitle } },
    },
    { now: world.clock.now() },
  );
}

describe('An entity on Travel Profile v1', () => {
  test('is pulled end to end, and what only v1 knows is kept', async () => {
    const world = await engineWorld(db, { apiVersion: 1 });
    const onlyInVersion1 = [{ path: 'General', name: 'MarketingOptIn', value: 'True' }];
    seed(world, LOGIN, { onlyInVersion1 });
    seed(world, 'gone@example.test', { status: 'inactive' });
    expect(await pull(world)).toMatchObject({ seen: 2, changed: 2, quarantined: 0, settled: true });
    const known = await travellers(world);
    expect(known.map(({ traveller }) => traveller.status).sort()).toEqual(['active', 'inactive']);
    const ada = known.find(({ concurLoginId }) => concurLoginId === LOGIN);
    expect(ada?.concurUuid).toBeUndefined();
    expect(ada?.traveller.sections).toMatchObject({
      addresses: [{ street: '1 Main St\nFloor 2', postalCode: '00000' }],
      hotel: { roomType: 'King', hotelSmokingCode: 'NonSmoking', preferPool: true },
    });
    expect(ada?.traveller.unknown).toContainEqual(onlyInVersion1[0]);
    expect(world.sandbox.admin.calls.filter((call) => call.path.includes('/v2.0/'))).toEqual([]);
    expect(await pull(world)).toMatchObject({ changed: 0 });
    expect(world.sandbox.admin.violations).toEqual([]);
  });

  test('that was on v2 loses nothing that v1 does not show, and gets the rest again later', async () => {
    const world = await engineWorld(db);
    seed(world, LOGIN);
    await pull(world);
    await world.store.entities.patch(world.entityId, { apiVersion: 1 });
    world.sandbox.admin.editProfile(LOGIN, { sections: { general: { jobTitle: 'Chief' } } });
    await pull(world);
    const [after] = await travellers(world);
    expect(after?.traveller.sections).toMatchObject({
      general: { jobTitle: 'Chief', costCenter: 'C-1' },
      passports: [{ passportNumber: 'FAKEPASS1' }],
    });
    expect(after?.sync.state).toBe('synced');
  });

  test('parks what the hub changes, once and in words, and sends it after the move to v2', async () => {
    const world = await engineWorld(db, { apiVersion: 1 });
    seed(world, LOGIN);
    await pull(world);
    await edit(world, 'Boss');
    expect(await publishOnce(world.deps, SETTINGS, world.entityId)).toMatchObject({
      quarantined: 1,
      remaining: 0,
    });
    expect(await publishOnce(world.deps, SETTINGS, world.entityId)).toMatchObject({ quarantined: 0 });
    const [entry] = await quarantine(world);
    expect(entry).toMatchObject({ code: 'ReadOnlyVersion', direction: 'publish', attempts: 1 });
    expect(world.sandbox.admin.counters['profile-v1']?.['405']).toBeUndefined();
    expect(world.sandbox.admin.profile(LOGIN)?.sections['general']).not.toHaveProperty('jobTitle');

    await world.store.entities.patch(world.entityId, { apiVersion: 2 });
    await world.store.quarantine.retry(entry?.id ?? '', { now: world.clock.now() });
    world.clock.advance(SLOT_MS);
    expect(await publishOnce(world.deps, SETTINGS, world.entityId)).toMatchObject({ published: 1 });
    expect(world.sandbox.admin.profile(LOGIN)?.sections).toMatchObject({
      general: { jobTitle: 'Boss', costCenter: 'C-1' },
      passports: [{ passportNumber: 'FAKEPASS1' }],
    });
  });

  test('creates nobody and plans no write', async () => {
    const world = await engineWorld(db, { apiVersion: 1 });
    await world.store.travellers.upsert(
      {
        entityId: world.entityId,
        id: 'new',
        username: 'new@example.test',
        status: 'active',
        sections: { general: { firstName: 'New', lastName: 'Person' } },
      },
      { now: world.clock.now() },
    );
    const { number } = await world.store.migrations.create(world.entityId, 'publish', {
      now: world.clock.now(),
    });
    await planChunk(world.deps, SETTINGS, { entityId: world.entityId, number }, undefined, 10);
    const items = await world.store.migrations.items(world.entityId, number, undefined, 10);
    expect(items).toMatchObject([{ action: 'refused', code: 'ReadOnlyVersion' }]);
    expect(await publishOnce(world.deps, SETTINGS, world.entityId)).toMatchObject({ quarantined: 1 });
    expect(world.sandbox.admin.profiles(world.companyUuid)).toEqual([]);
  });
});

describe.each([
  ['on v1', { apiVersion: 1 as const }, ALL_SCOPES],
  ['without the scope TMCSP', {}, ALL_SCOPES.filter((scope) => scope !== 'TMCSP')],
])('Without UUIDs (%s)', (_how, definition, scopes) => {
  async function aWorld() {
    const world = await engineWorld(db, definition);
    world.sandbox.admin.putCompany({ companyUuid: world.companyUuid, scopes: [...scopes] });
    await world.connection.renew();
    return world;
  }

  test('an unknown login that may be a rename is held for review, not created', async () => {
    const world = await aWorld();
    seed(world, LOGIN, { xmlProfileSyncId: 'S-1' });
    await pull(world);
    world.sandbox.admin.editProfile(LOGIN, { loginId: 'renamed@example.test' });
    expect(await pull(world)).toMatchObject({ changed: 0, quarantined: 1 });
    expect(await travellers(world)).toHaveLength(1);
    const [entry] = await quarantine(world);
    expect(entry).toMatchObject({ code: 'PossibleRename', loginId: 'renamed@example.test' });
    expect(entry?.reason).not.toContain('example.test');
    // It is not looked at again until it changes or somebody says so.
    expect(await pull(world)).toMatchObject({ quarantined: 0 });

    await world.store.quarantine.retry(entry?.id ?? '', { now: world.clock.now() });
    expect(await pull(world)).toMatchObject({ changed: 1 });
    expect(await travellers(world)).toHaveLength(2);
    expect((await quarantine(world)).filter(({ resolvedAt }) => resolvedAt === undefined)).toEqual([]);
  });

  test('a sync id that several people share makes nobody a rename', async () => {
    const world = await aWorld();
    seed(world, LOGIN, { xmlProfileSyncId: 'S-1' });
    await pull(world);
    seed(world, 'bob@example.test', { xmlProfileSyncId: 'S-1' });
    expect(await pull(world)).toMatchObject({ changed: 1, quarantined: 0 });
    expect(await travellers(world)).toHaveLength(2);
  });
});

test('without UUIDs nothing is sent to a login that was given to somebody else', async () => {
  const world = await engineWorld(db);
  const scopes = ALL_SCOPES.filter((scope) => scope !== 'TMCSP');
  world.sandbox.admin.putCompany({ companyUuid: world.companyUuid, scopes });
  await world.connection.renew();
  seed(world, LOGIN, { xmlProfileSyncId: 'S-1' });
  await pull(world);
  world.sandbox.admin.editProfile(LOGIN, { loginId: 'renamed@example.test' });
  seed(world, LOGIN, { xmlProfileSyncId: 'S-2' });
  await edit(world, 'Boss');
  expect(await publishOnce(world.deps, SETTINGS, world.entityId)).toMatchObject({ quarantined: 1 });
  expect(await quarantine(world)).toMatchObject([{ code: 'IdentityChanged' }]);
  expect(world.sandbox.admin.profile(LOGIN)?.sections['general']).not.toHaveProperty('jobTitle');
});
