import { type HubDatabase } from '../../../hub';
import { type ProfileSections } from '../../../profile';
import { publishOnce } from '../../../sync/engine/publish';
import { pullOnce } from '../../../sync/engine/pull';
import { type EngineDeps } from '../../../sync/engine/ports';
import { ALL_SCOPES } from '../../../sandbox';
import { type EngineWorld, engineWorld, SETTINGS } from '../../support/engine/world';
import { pgliteDatabase } from '../../support/hub/stores';

let db: HubDatabase;
beforeAll(async () => {
  db = await pgliteDatabase();
});
afterAll(() => db.destroy());

const ONE = 'one@example.test';
const TWO = 'two@example.test';

const named = (lastName: string): ProfileSections => ({ general: { firstName: 'Zoë', lastName } });

function seed({ sandbox, companyUuid, clock }: EngineWorld, loginId: string, lastName: string): string {
  clock.advance(1000);
  return sandbox.admin.seedProfile({ companyUuid, loginId, sections: { ...named(lastName) } }).uuid;
}

function swapLogins({ sandbox: { admin }, clock }: EngineWorld): void {
  const first = admin.profile(ONE)?.uuid ?? '';
  admin.editProfile(first, { loginId: 'between@example.test' });
  admin.editProfile(TWO, { loginId: ONE });
  clock.advance(1000);
  admin.editProfile(first, { loginId: TWO });
}

/** As many rows on a page of the list. */
function paged(world: EngineWorld, itemsPerPage: number): EngineDeps {
  const { concur } = world.deps;
  return {
    ...world.deps,
    concur: {
      ...concur,
      listSummaries: (query) => concur.listSummaries({ ...query, itemsPerPage }),
    },
  };
}

async function travellers({ store, entityId }: EngineWorld) {
  const { items } = await store.travellers.list(entityId, { limit: 100 });
  return items.map(({ traveller, concurLoginId, concurUuid }) => ({
    lastName: traveller.sections.general?.lastName,
    concurLoginId,
    concurUuid,
  }));
}

async function openEntries({ store, entityId }: EngineWorld) {
  const { items } = await store.quarantine.list({ entityId, limit: 100 });
  return items.map(({ code, loginId, travellerId }) => ({ code, loginId, travellerId }));
}

test('two who swapped their logins are followed although they stand on two pages', async () => {
  const world = await engineWorld(db);
  const [one, two] = [seed(world, ONE, 'One'), seed(world, TWO, 'Two')];
  await pullOnce(world.deps, SETTINGS, world.entityId);
  world.clock.advance(300_000);
  swapLogins(world);
  world.clock.advance(300_000);
  await pullOnce(paged(world, 1), SETTINGS, world.entityId);
  expect(await travellers(world)).toEqual([
    { lastName: 'One', concurLoginId: TWO, concurUuid: one },
    { lastName: 'Two', concurLoginId: ONE, concurUuid: two },
  ]);
});

test('a publish of somebody who has the former login of another does not fail', async () => {
  const world = await engineWorld(db);
  seed(world, ONE, 'One');
  seed(world, TWO, 'Two');
  await pullOnce(world.deps, SETTINGS, world.entityId);
  swapLogins(world);
  const { items } = await world.store.travellers.list(world.entityId, { limit: 100 });
  const [first] = items;
  if (first === undefined) throw new Error('nobody was pulled');
  const { id, username, status, sections } = first.traveller;
  const write = { entityId: world.entityId, id, username, status };
  const changed = { ...sections, general: { ...sections.general, jobTitle: 'Chief' } };
  await world.store.travellers.upsert({ ...write, sections: changed }, { now: world.clock.now() });
  expect(await publishOnce(world.deps, SETTINGS, world.entityId)).toMatchObject({
    published: 1,
    quarantined: 0,
  });
  expect(await travellers(world)).toMatchObject([{ concurLoginId: TWO }, { lastName: 'Two' }]);
});

test('whoever gets the former login of a traveller becomes one, although that one has it as a username', async () => {
  const world = await engineWorld(db);
  seed(world, ONE, 'One');
  await pullOnce(world.deps, SETTINGS, world.entityId);
  world.sandbox.admin.editProfile(ONE, { loginId: 'moved@example.test' });
  world.clock.advance(300_000);
  await pullOnce(world.deps, SETTINGS, world.entityId);
  seed(world, ONE, 'Another');
  world.clock.advance(300_000);
  await pullOnce(world.deps, SETTINGS, world.entityId);
  expect(await travellers(world)).toMatchObject([
    { lastName: 'One', concurLoginId: 'moved@example.test' },
    { lastName: 'Another', concurLoginId: ONE },
  ]);
  expect(await openEntries(world)).toEqual([]);
});

test('a profile that has the username of an unbound traveller stays in quarantine when that one goes its own way', async () => {
  const world = await engineWorld(db);
  const at = () => ({ now: world.clock.now() });
  const write = { entityId: world.entityId, id: 'zoe', status: 'active', sections: named('Hub') } as const;
  await world.store.travellers.upsert({ ...write, username: ONE }, at());
  seed(world, ONE, 'Stranger');
  await pullOnce(world.deps, SETTINGS, world.entityId);
  const stranger = { code: 'LoginTaken', loginId: ONE, travellerId: undefined };
  expect(await openEntries(world)).toEqual([stranger]);

  await world.store.travellers.upsert({ ...write, username: 'zoe@example.test' }, at());
  await publishOnce(world.deps, SETTINGS, world.entityId);
  world.clock.advance(300_000);
  await pullOnce(world.deps, SETTINGS, world.entityId);
  expect(await openEntries(world)).toEqual([stranger]);
});

test('a profile whose login went to somebody else right after its creation is still the one that is bound', async () => {
  const world = await engineWorld(db);
  const { admin } = world.sandbox;
  await world.store.travellers.upsert(
    { entityId: world.entityId, id: 'zoe', username: ONE, status: 'active', sections: named('Hub') },
    { now: world.clock.now() },
  );
  seed(world, TWO, 'Stranger');
  const { concur } = world.deps;
  const deps: EngineDeps = {
    ...world.deps,
    concur: {
      ...concur,
      writeProfile: async (write) => {
        const result = await concur.writeProfile(write);
        swapLogins(world);
        return result;
      },
    },
  };
  await publishOnce(deps, SETTINGS, world.entityId);
  expect(await travellers(world)).toEqual([
    { lastName: 'Hub', concurLoginId: TWO, concurUuid: admin.profile(TWO)?.uuid },
  ]);
});

test('a profile whose creation got no answer is adopted, although the hub gave its traveller another name and a poll came first', async () => {
  const world = await engineWorld(db);
  const { concur } = world.deps;
  const put = (username: string, expectedVersion = 0) =>
    world.store.travellers.upsert(
      {
        entityId: world.entityId,
        id: 'zoe',
        username,
        status: 'active',
        sections: named('Hub'),
        expectedVersion,
      },
      { now: world.clock.now() },
    );
  await put(ONE);
  const deps: EngineDeps = {
    ...world.deps,
    concur: {
      ...concur,
      writeProfile: async (write) => {
        await concur.writeProfile(write);
        throw Object.assign(new Error('no answer'), { code: 'Unavailable', failureClass: 'retry' });
      },
    },
  };
  await expect(publishOnce(deps, SETTINGS, world.entityId)).rejects.toThrow('no answer');
  await put(TWO, 1);
  await pullOnce(world.deps, SETTINGS, world.entityId);
  expect(await openEntries(world)).toMatchObject([{ code: 'Busy', loginId: ONE }]);
  await publishOnce(world.deps, SETTINGS, world.entityId);
  world.clock.advance(300_000);
  await pullOnce(world.deps, SETTINGS, world.entityId);
  expect(await travellers(world)).toEqual([
    { lastName: 'Hub', concurLoginId: ONE, concurUuid: world.sandbox.admin.profile(ONE)?.uuid },
  ]);
  expect(await openEntries(world)).toEqual([]);
});

test('without UUIDs a login that moves between the list and the read mixes no two persons', async () => {
  const world = await engineWorld(db);
  const scopes = ALL_SCOPES.filter((scope) => scope !== 'TMCSP');
  world.sandbox.admin.putCompany({ companyUuid: world.companyUuid, scopes: [...scopes] });
  await world.store.entities.setState(world.entityId, { scopes });
  seed(world, ONE, 'First');
  seed(world, TWO, 'Second');
  await pullOnce(world.deps, SETTINGS, world.entityId);
  const before = await travellers(world);

  world.clock.advance(3_600_000);
  world.sandbox.admin.editProfile(ONE, { sections: { general: { jobTitle: 'Edited' } } });
  let isSwapped = false;
  const { concur } = world.deps;
  const swapping: EngineDeps = {
    ...world.deps,
    concur: {
      ...concur,
      readProfile: (id) => {
        if (!isSwapped) swapLogins(world);
        isSwapped = true;
        return concur.readProfile(id);
      },
    },
  };
  await pullOnce(swapping, SETTINGS, world.entityId);
  expect(isSwapped).toBe(true);
  expect(await travellers(world)).toEqual(before);
  expect(await openEntries(world)).toContainEqual(
    expect.objectContaining({ code: 'LoginMoved', loginId: ONE }),
  );

  // Who has which login only a person can tell now; nobody's values have moved.
  world.clock.advance(3_600_000);
  await pullOnce(world.deps, SETTINGS, world.entityId);
  expect((await travellers(world)).map(({ lastName }) => lastName)).toEqual(['First', 'Second']);
  expect((await openEntries(world)).every(({ code }) => code === 'IdentityChanged')).toBe(true);
});
