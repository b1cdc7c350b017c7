import {
  type KyselyPlugin,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type RootOperationNode,
} from 'kysely';
import { type HubDatabase } from '../../../hub';
import { publishOnce } from '../../../sync/engine/publish';
import { type ProfileSections } from '../../../profile';
import { type EngineWorld, engineWorld, SETTINGS } from '../../support/engine/world';
import { pgliteDatabase } from '../../support/hub/stores';

let db: HubDatabase;
beforeAll(async () => {
  db = await pgliteDatabase();
});
afterAll(() => db.destroy());

const PERSON: ProfileSections = {
  general: { firstName: 'Zoë', lastName: "O'Hara & Łukasz", jobTitle: 'Buyer' },
  telephones: [{ type: 'Cell', countryCode: 'CH', phoneNumber: '79 555 01 01', primaryMobile: true }],
  emailAddresses: [{ type: 'Business', value: 'zoe@example.test' }],
  passports: [{ passportNumber: 'FAKEPASS1', passportNationality: 'CH', passportExpiration: '2033-05-05' }],
};

async function put(
  world: EngineWorld,
  id: string,
  sections: ProfileSections,
  username = `${id}@example.test`,
) {
  await world.store.travellers.upsert(
    { entityId: world.entityId, id, username, status: 'active', sections },
    { now: world.clock.now() },
  );
}

const publish = (world: EngineWorld) => publishOnce(world.deps, SETTINGS, world.entityId);
const view = (world: EngineWorld, id: string) => world.store.travellers.get(world.entityId, id);
const quarantined = async (world: EngineWorld) =>
  (await world.store.quarantine.list({ entityId: world.entityId, limit: 100 })).items;

test('a new traveller is created with all it has, bound by its UUID, and publishing again sends nothing', async () => {
  const world = await engineWorld(db);
  await put(world, 'zoe', PERSON);
  expect(await publish(world)).toMatchObject({ published: 1, quarantined: 0, remaining: 0 });

  const profile = world.sandbox.admin.profile('zoe@example.test');
  expect(profile?.sections).toMatchObject({
    general: { lastName: "O'Hara & Łukasz" },
    passports: [{ passportNumber: 'FAKEPASS1' }],
  });
  expect(await view(world, 'zoe')).toMatchObject({ concurUuid: profile?.uuid, sync: { state: 'synced' } });

  const writes = () => world.sandbox.admin.calls.filter((call) => call.function === 'profile-write').length;
  const before = writes();
  expect(await publish(world)).toMatchObject({ published: 0, remaining: 0 });
  expect(writes()).toBe(before);
});

test('an answer lost after the create makes no second profile', async () => {
  const world = await engineWorld(db);
  await put(world, 'zoe', PERSON);
  world.sandbox.admin.addScript([{ function: 'profile-write', action: { kind: 'reset', when: 'after' } }]);
  await expect(publish(world)).rejects.toMatchObject({ failureClass: 'retry' });
  expect(world.sandbox.admin.profiles(world.companyUuid)).toHaveLength(1);

  expect(await publish(world)).toMatchObject({ quarantined: 0, remaining: 0 });
  expect(world.sandbox.admin.profiles(world.companyUuid)).toHaveLength(1);
  expect((await view(world, 'zoe')).sync.state).toBe('synced');
});

test('a login that belongs to somebody else is refused in words and never taken over', async () => {
  const world = await engineWorld(db);
  const stranger = world.sandbox.admin.seedProfile({
    companyUuid: world.companyUuid,
    loginId: 'zoe@example.test',
    sections: { general: { firstName: 'Somebody', lastName: 'Else' } },
  });
  await put(world, 'zoe', PERSON);
  expect(await publish(world)).toMatchObject({ published: 0, quarantined: 1 });
  expect(await quarantined(world)).toMatchObject([
    { code: 'LoginTaken', direction: 'publish', travellerId: 'zoe' },
  ]);
  expect(world.sandbox.admin.profile(stranger.uuid)).toEqual(stranger);
});

test('a change sends only what changed and keeps what Concur alone knows', async () => {
  const world = await engineWorld(db);
  await put(world, 'zoe', PERSON);
  await publish(world);
  world.sandbox.admin.editProfile('zoe@example.test', { sections: { air: { homeAirport: 'ZRH' } } });
  await put(world, 'zoe', { ...PERSON, general: { ...PERSON.general, jobTitle: 'Head of Buying' } });
  await publish(world);

  const profile = world.sandbox.admin.profile('zoe@example.test');
  expect(profile?.sections).toMatchObject({
    general: { jobTitle: 'Head of Buying' },
    air: { homeAirport: 'ZRH' },
  });
  expect((await view(world, 'zoe')).traveller.sections.air).toEqual({ homeAirport: 'ZRH' });
});

test('what the hub cleared is cleared in Concur, and nothing else is', async () => {
  const world = await engineWorld(db);
  await put(world, 'zoe', PERSON);
  await publish(world);
  await put(world, 'zoe', { ...PERSON, general: { firstName: 'Zoë', lastName: "O'Hara & Łukasz" } });
  await publish(world);
  const general = world.sandbox.admin.profile('zoe@example.test')?.sections['general'];
  expect(general).not.toHaveProperty('jobTitle');
  expect(world.sandbox.admin.clears.map((clear) => clear.field)).toEqual(['General/JobTitle']);
});

test('when both sides changed the same field the hub wins and the value of Concur is kept', async () => {
  const world = await engineWorld(db);
  await put(world, 'zoe', PERSON);
  await publish(world);
  world.sandbox.admin.editProfile('zoe@example.test', { sections: { general: { jobTitle: 'From Concur' } } });
  await put(world, 'zoe', { ...PERSON, general: { ...PERSON.general, jobTitle: 'From the hub' } });
  await publish(world);
  expect(world.sandbox.admin.profile('zoe@example.test')?.sections).toMatchObject({
    general: { jobTitle: 'From the hub' },
  });
  const { items } = await world.store.conflicts.listOpened({ entityId: world.entityId, limit: 10 });
  expect(items).toMatchObject([
    { section: 'general', hubValue: 'From the hub', concurValue: 'From Concur', winner: 'hub' },
  ]);
});

test('a renamed login is followed by UUID: no second traveller, no second profile', async () => {
  const world = await engineWorld(db);
  await put(world, 'zoe', PERSON);
  await publish(world);
  world.sandbox.admin.editProfile('zoe@example.test', { loginId: 'zoe.married@example.test' });
  await put(world, 'zoe', { ...PERSON, general: { ...PERSON.general, lastName: 'New-Name' } });
  expect(await publish(world)).toMatchObject({ published: 1, quarantined: 0 });
  expect(world.sandbox.admin.profiles(world.companyUuid)).toHaveLength(1);
  expect((await view(world, 'zoe')).concurLoginId).toBe('zoe.married@example.test');
});

test('a reused login never takes over somebody else', async () => {
  const world = await engineWorld(db);
  await put(world, 'zoe', PERSON);
  await publish(world);
  world.sandbox.admin.editProfile('zoe@example.test', { loginId: 'moved@example.test' });
  const stranger = world.sandbox.admin.seedProfile({
    companyUuid: world.companyUuid,
    loginId: 'zoe@example.test',
    sections: { general: { firstName: 'Somebody', lastName: 'Else' } },
  });
  await put(world, 'zoe', { ...PERSON, general: { ...PERSON.general, jobTitle: 'Chief' } });
  await publish(world);
  expect(world.sandbox.admin.profile(stranger.uuid)?.sections).toEqual(stranger.sections);
  expect(world.sandbox.admin.profile('moved@example.test')?.sections).toMatchObject({
    general: { jobTitle: 'Chief' },
  });
});

test('a list that does not name a removed element shows it as not removable instead of trying for ever', async () => {
  const world = await engineWorld(db);
  await put(world, 'zoe', PERSON);
  await publish(world);
  const { passports: _, ...without } = PERSON;
  await put(world, 'zoe', without);
  await publish(world);
  const { sync } = await view(world, 'zoe');
  expect(sync.state).toBe('synced');
  expect(sync.warnings).toContainEqual(
    expect.objectContaining({ code: 'not-removable', field: 'Passports' }),
  );
  expect(await publish(world)).toMatchObject({ published: 0, remaining: 0 });
});

test('what Concur kept stays noted when another element of its list is sent', async () => {
  const world = await engineWorld(db);
  await put(world, 'zoe', PERSON);
  await publish(world);
  const [passport] = PERSON.passports ?? [];
  const { passports: _, ...without } = PERSON;
  await put(world, 'zoe', without);
  await publish(world);
  await put(world, 'zoe', { ...without, passports: [{ ...passport, passportNumber: 'FAKEPASS2' }] });
  await publish(world);
  expect(world.sandbox.admin.profile('zoe@example.test')?.sections.passports).toHaveLength(2);
  expect((await view(world, 'zoe')).sync.warnings).toContainEqual(
    expect.objectContaining({ code: 'not-removable', field: 'Passports' }),
  );
});

test('a value that Concur would refuse is held back with its reason, the rest arrives', async () => {
  const world = await engineWorld(db);
  await put(world, 'zoe', { ...PERSON, general: { ...PERSON.general, costCenter: 'x'.repeat(26) } });
  expect(await publish(world)).toMatchObject({ published: 1, quarantined: 0 });
  const { sync } = await view(world, 'zoe');
  expect(sync.warnings).toContainEqual(
    expect.objectContaining({ code: 'W002', field: 'General/CostCenter' }),
  );
  expect(world.sandbox.admin.violations).toEqual([]);
});

test('a traveller without a last name is quarantined and tried again when it has one', async () => {
  const world = await engineWorld(db);
  await put(world, 'zoe', { general: { firstName: 'Zoë' } });
  expect(await publish(world)).toMatchObject({ quarantined: 1 });
  expect(await quarantined(world)).toMatchObject([{ code: 'E002', field: 'General/LastName' }]);
  expect(await publish(world)).toMatchObject({ quarantined: 0, published: 0 });
  await put(world, 'zoe', PERSON);
  expect(await publish(world)).toMatchObject({ published: 1 });
  expect(await quarantined(world)).toEqual([]);
});

test('a deactivated traveller becomes inactive in Concur', async () => {
  const world = await engineWorld(db);
  await put(world, 'zoe', PERSON);
  await publish(world);
  await world.store.travellers.upsert(
    {
      entityId: world.entityId,
      id: 'zoe',
      username: 'zoe@example.test',
      status: 'inactive',
      sections: PERSON,
    },
    { now: world.clock.now() },
  );
  await publish(world);
  expect(world.sandbox.admin.profile('zoe@example.test')?.status).toBe('inactive');
  expect((await view(world, 'zoe')).sync.state).toBe('inactive');
});

test('a scope that was taken away does not look like deleted passports', async () => {
  const world = await engineWorld(db);
  await put(world, 'zoe', PERSON);
  await publish(world);
  const { scopes } = await world.store.entities.get(world.entityId);
  await world.store.entities.setState(world.entityId, {
    scopes: scopes.filter((scope) => scope !== 'PASSV'),
  });
  world.sandbox.admin.putCompany({
    companyUuid: world.companyUuid,
    scopes: scopes.filter((scope) => scope !== 'PASSV'),
  });
  await put(world, 'zoe', { ...PERSON, general: { ...PERSON.general, jobTitle: 'Chief' } });
  await publish(world);
  expect((await view(world, 'zoe')).traveller.sections.passports).toHaveLength(1);
  expect(world.sandbox.admin.profile('zoe@example.test')?.sections['passports']).toHaveLength(1);
});

test('what was quarantined and is tried again unchanged leaves quarantine when it arrives', async () => {
  const world = await engineWorld(db);
  const stranger = world.sandbox.admin.seedProfile({
    companyUuid: world.companyUuid,
    loginId: 'zoe@example.test',
    sections: { general: { firstName: 'Somebody', lastName: 'Else' } },
  });
  await put(world, 'zoe', PERSON);
  await publish(world);
  const [entry] = await quarantined(world);
  world.sandbox.admin.editProfile(stranger.loginId, { loginId: 'moved@example.test' });
  await world.store.quarantine.retry(entry?.id ?? '', { now: world.clock.now() });
  expect(await publish(world)).toMatchObject({ published: 1, quarantined: 0 });
  expect(await quarantined(world)).toEqual([]);
});

test('each traveller more costs the store five statements', async () => {
  const statements = new StatementCounter();
  const world = await engineWorld(db.withPlugin(statements));
  const statementsFor = async (ids: readonly string[]): Promise<number> => {
    for (const id of ids) await put(world, id, PERSON);
    const before = statements.count;
    expect(await publish(world)).toMatchObject({ published: ids.length });
    return statements.count - before;
  };
  const one = await statementsFor(['first']);
  const eleven = await statementsFor(Array.from({ length: 11 }, (_, n) => `person${n}`));
  // The intent; lock of content and of state; both saved, as Concur has added the travel config.
  expect((eleven - one) / 10).toBeLessThanOrEqual(5);
});

/** Counts what is sent to the database, but for the beginnings and ends of transactions. */
class StatementCounter implements KyselyPlugin {
  count = 0;

  transformQuery({ node }: PluginTransformQueryArgs): RootOperationNode {
    this.count += 1;
    return node;
  }

  transformResult({ result }: PluginTransformResultArgs): Promise<PluginTransformResultArgs['result']> {
    return Promise.resolve(result);
  }
}
