import { type HubDatabase } from '../../../hub';
import { type Migration } from '../../../hub/types';
import { type ProfileSections } from '../../../profile';
import { finishPlan, planChunk, startPlan } from '../../../sync/engine/migrate';
import { completeMigration, executeChunk } from '../../../sync/engine/migrate-execute';
import { verifyChunk } from '../../../sync/engine/migrate-verify';
import { publishOnce } from '../../../sync/engine/publish';
import { pullOnce } from '../../../sync/engine/pull';
import { aCard } from '../../support/concur/cards';
import { type EngineWorld, engineWorld, SETTINGS } from '../../support/engine/world';
import { pgliteDatabase } from '../../support/hub/stores';

let db: HubDatabase;
beforeAll(async () => {
  db = await pgliteDatabase();
});
afterAll(() => db.destroy());

const LIMIT = 100;

const person = (lastName: string): ProfileSections => ({
  general: { firstName: 'Zoë', lastName, jobTitle: 'Buyer' },
  emailAddresses: [{ type: 'Business', value: `${lastName}@example.test` }],
});

async function put(
  world: EngineWorld,
  id: string,
  sections: ProfileSections = person(id),
  username = `${id}@example.test`,
): Promise<void> {
  const { entityId, store, clock } = world;
  await store.travellers.upsert({ entityId, id, username, status: 'active', sections }, { now: clock.now() });
}

async function plan(world: EngineWorld) {
  const { entityId, store, deps, clock } = world;
  const { number } = await store.migrations.create(entityId, 'publish', { now: clock.now() });
  const ref = { entityId, number };
  await startPlan(deps, ref);
  await planChunk(deps, SETTINGS, ref, undefined, LIMIT);
  await finishPlan(deps, ref);
  return {
    execute: () => executeChunk(deps, SETTINGS, ref, LIMIT),
    verify: () => verifyChunk(deps, SETTINGS, ref, LIMIT),
    complete: () => completeMigration(deps, SETTINGS, ref),
    report: async () => (await store.migrations.migration(entityId, number)).report,
    counts: (): Promise<Migration['counts']> => store.migrations.counts(entityId, number),
    item: (id: string) => store.migrations.item(entityId, number, id),
  };
}

const edit = ({ sandbox }: EngineWorld, id: string, jobTitle: string) =>
  sandbox.admin.editProfile(`${id}@example.test`, { sections: { general: { jobTitle } } });
const stateOf = async (world: EngineWorld, id: string) =>
  (await world.store.travellers.get(world.entityId, id)).sync.state;
const quarantined = async ({ store, entityId }: EngineWorld) =>
  (await store.quarantine.list({ entityId, limit: LIMIT })).items;

test('a company is planned, published, verified field by field, and polled from its first read on', async () => {
  const world = await engineWorld(db);
  await put(world, 'ada');
  await put(world, 'ben');
  const migration = await plan(world);
  expect(await migration.counts()).toMatchObject({ create: 2, refused: 0 });
  expect(await migration.execute()).toEqual({ finished: 2 });
  await migration.verify();
  await migration.complete();
  expect(await migration.report()).toMatchObject({ verified: 2, equal: 2, differs: [], missing: [] });
  expect(world.sandbox.admin.profiles(world.companyUuid)).toHaveLength(2);
});

test('cards are planned, follow the profile that is created, and are compared', async () => {
  const world = await engineWorld(db);
  const [one, two] = [aCard({}, 1), aCard({ vendor: 'MasterCard' }, 2)];
  await put(world, 'ada', { ...person('ada'), cards: [one] });
  world.sandbox.admin.seedProfile({
    companyUuid: world.companyUuid,
    loginId: 'ben@example.test',
    sections: person('ben'),
  });
  world.sandbox.admin.seedCards('ben@example.test', [two]);
  await pullOnce(world.deps, SETTINGS, world.entityId);
  const [ben] = (await world.store.travellers.list(world.entityId, { limit: 10 })).items.filter(
    ({ traveller }) => traveller.username === 'ben@example.test',
  );
  const id = ben?.traveller.id ?? '';
  await put(world, id, { ...ben?.traveller.sections, cards: [two, one] }, 'ben@example.test');

  const migration = await plan(world);
  expect(await migration.item('ada')).toMatchObject({ action: 'create', plan: { cards: [one] } });
  expect(await migration.item(id)).toMatchObject({ action: 'update', plan: { cards: [two, one] } });
  await migration.execute();
  expect(await migration.counts()).toMatchObject({ done: 2, needsApproval: 0 });
  expect(world.sandbox.admin.cards('ada@example.test')).toMatchObject([one]);
  expect(world.sandbox.admin.cards('ben@example.test')).toMatchObject([two, one]);

  world.sandbox.admin.seedCards('ben@example.test', [two, { ...one, expDate: '2039-09' }]);
  await migration.verify();
  expect(await migration.report()).toMatchObject({
    equal: 1,
    differs: [{ travellerId: id, fields: ['CreditCards'] }],
  });
  await publishOnce(world.deps, SETTINGS, world.entityId);
  const after = await world.store.travellers.get(world.entityId, id);
  expect(after.traveller.sections.cards).toMatchObject([two, { expDate: '2039-09' }]);
});

test('cards that cannot be read hold up no migration, and say so', async () => {
  const world = await engineWorld(db);
  await put(world, 'ada', { ...person('ada'), cards: [aCard({}, 1)] });
  await publishOnce(world.deps, SETTINGS, world.entityId);
  await put(world, 'ada', { ...person('ada'), general: { ...person('ada').general, jobTitle: 'Pilot' } });
  world.sandbox.admin.seedCards('ada@example.test', [{ ...aCard({}, 1), accountNo: 'XXXXXXXXXXXX0001' }]);
  const migration = await plan(world);
  const planned = await migration.item('ada');
  expect(planned?.action).toBe('update');
  expect(JSON.stringify(planned?.plan)).toContain('CardsIncomplete');
  await migration.execute();
  expect(world.sandbox.admin.profile('ada@example.test')?.sections).toMatchObject({
    general: { jobTitle: 'Pilot' },
  });
});

test('travellers of a killed worker are free when their leases end, and nothing is made twice', async () => {
  const world = await engineWorld(db);
  const { store, entityId, clock, deps } = world;
  await put(world, 'ada');
  await put(world, 'ben');
  const migration = await plan(world);
  // Killed between Concur's answer and the commit: the lease stays, the profile is there.
  const now = clock.now();
  const until = new Date(now.getTime() + SETTINGS.leaseMs);
  await store.sync.lease(entityId, 'concur', 'ada', { holder: 'killed', now, until });
  expect(await migration.execute()).toEqual({ finished: 1 });
  expect(await migration.execute()).toEqual({ finished: 0 });
  clock.advance(SETTINGS.leaseMs + 1);
  expect(await migration.execute()).toEqual({ finished: 1 });
  expect(await migration.counts()).toMatchObject({ done: 2 });
  expect(world.sandbox.admin.profiles(world.companyUuid)).toHaveLength(2);
  expect(await store.sync.countDirty(entityId, 'concur', deps.clock.now())).toEqual({ ready: 0, leased: 0 });
});

test('nothing is sent by who lost the lease during a long read', async () => {
  const world = await engineWorld(db);
  const { store, entityId, clock } = world;
  await put(world, 'ada');
  await publishOnce(world.deps, SETTINGS, entityId);
  await put(world, 'ada', { general: { ...person('ada').general, jobTitle: 'Pilot' } });
  const slow = new Proxy(world.deps.concur, {
    get: (concur, name) => {
      if (name !== 'readProfile') return Reflect.get(concur, name) as unknown;
      return async (...args: Parameters<typeof concur.readProfile>) => {
        const read = await concur.readProfile(...args);
        clock.advance(SETTINGS.leaseMs + 1);
        const now = clock.now();
        const until = new Date(now.getTime() + SETTINGS.leaseMs);
        await store.sync.lease(entityId, 'concur', 'ada', { holder: 'another', now, until });
        return read;
      };
    },
  });
  await publishOnce({ ...world.deps, concur: slow }, SETTINGS, entityId);
  expect(world.sandbox.admin.profile('ada@example.test')?.sections).toMatchObject({
    general: { jobTitle: 'Buyer' },
  });
});

test('a profile that moved since the plan is left alone until somebody approves more', async () => {
  const world = await engineWorld(db);
  const { store, entityId } = world;
  await put(world, 'ada');
  await publishOnce(world.deps, SETTINGS, entityId);
  await put(world, 'ada', { general: { ...person('ada').general, middleName: 'Lee' } });
  const migration = await plan(world);
  expect(await migration.counts()).toMatchObject({ update: 1 });
  await put(world, 'ada', { general: { ...person('ada').general, middleName: 'Lee', jobTitle: 'Pilot' } });
  edit(world, 'ada', 'Director');
  await migration.execute();
  expect(await migration.counts()).toMatchObject({ done: 0, needsApproval: 1 });
  expect(await quarantined(world)).toMatchObject([{ code: 'NeedsApproval', travellerId: 'ada' }]);

  expect(await publishOnce(world.deps, SETTINGS, entityId)).toMatchObject({ published: 0 });
  expect(world.sandbox.admin.profile('ada@example.test')?.sections).toMatchObject({
    general: { jobTitle: 'Director' },
  });
  await migration.complete();
  const second = await plan(world);
  await second.execute();
  expect(await second.counts()).toMatchObject({ done: 1, needsApproval: 0 });
  expect(await quarantined(world)).toEqual([]);
  expect((await store.travellers.get(entityId, 'ada')).sync.state).toBe('synced');
});

test('what the verification finds is looked at again: merged, or quarantined with its reason', async () => {
  const world = await engineWorld(db);
  await put(world, 'ada');
  await put(world, 'ben');
  await put(world, 'eve');
  const migration = await plan(world);
  await migration.execute();
  edit(world, 'ada', 'Pilot');
  const always = { nth: 1, times: 'always' } as const;
  const gone = {
    kind: 'respond',
    status: 400,
    body: '<Error><Message>Invalid User:x</Message></Error>',
  } as const;
  world.sandbox.admin.addScript([
    { function: 'profile-read', login: 'ben@example.test', ...always, action: gone },
  ]);
  await migration.verify();
  await migration.complete();
  expect(await migration.report()).toMatchObject({
    verified: 3,
    equal: 1,
    differs: [{ travellerId: 'ada', fields: ['General/JobTitle'] }],
    missing: ['ben'],
  });
  expect([await stateOf(world, 'ada'), await stateOf(world, 'ben'), await stateOf(world, 'eve')]).toEqual([
    'pending',
    'pending',
    'synced',
  ]);

  expect(await publishOnce(world.deps, SETTINGS, world.entityId)).toMatchObject({
    quarantined: 1,
    remaining: 0,
  });
  expect((await world.store.travellers.get(world.entityId, 'ada')).traveller.sections.general).toMatchObject({
    jobTitle: 'Pilot',
  });
  expect(await stateOf(world, 'ada')).toBe('synced');
  expect(await stateOf(world, 'ben')).toBe('quarantined');
});
