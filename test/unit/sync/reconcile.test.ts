import { type HubDatabase } from '../../../hub';
import { publishOnce } from '../../../sync/engine/publish';
import { EVERYTHING, pullOnce } from '../../../sync/engine/pull';
import { reconcileOnce } from '../../../sync/engine/reconcile';
import { type EngineWorld, engineWorld, SETTINGS } from '../../support/engine/world';
import { pgliteDatabase } from '../../support/hub/stores';

let db: HubDatabase;
beforeAll(async () => {
  db = await pgliteDatabase();
});
afterAll(() => db.destroy());

const SLOT_MS = 15 * 60_000;
const pull = (world: EngineWorld) => pullOnce(world.deps, SETTINGS, world.entityId);
const publish = (world: EngineWorld) => publishOnce(world.deps, SETTINGS, world.entityId);
const loginOf = (n: number) => `person${n}@example.test`;

function seed(world: EngineWorld, from: number, to = from) {
  for (let n = from; n <= to; n += 1) {
    world.sandbox.admin.seedProfile({
      companyUuid: world.companyUuid,
      loginId: loginOf(n),
      sections: { general: { firstName: 'Person', lastName: `Number ${n}`, travelConfigId: '4711' } },
    });
  }
}

/** An entity in step with its company, which has so many travellers. */
async function inStep(count: number): Promise<EngineWorld> {
  const world = await engineWorld(db);
  seed(world, 1, count);
  world.clock.advance(SLOT_MS);
  await pull(world);
  world.clock.advance(SLOT_MS);
  return world;
}

/** What no poll will bring: the cursor stands behind it. */
async function forgetChanges(world: EngineWorld) {
  world.clock.advance(SLOT_MS);
  await world.store.sync.transaction((tx) => tx.setCursor(world.entityId, world.clock.now()));
}

async function begin(world: EngineWorld, repair = false): Promise<number> {
  const at = { now: world.clock.now() };
  const wanted = { origin: 'request', repair } as const;
  return (await world.store.reconciliations.create(world.entityId, wanted, at)).number;
}

async function reconcile(world: EngineWorld, repair = false) {
  const number = await begin(world, repair);
  const { entityId } = world;
  const report = await reconcileOnce(world.deps, SETTINGS, { entityId, number });
  const { items } = await world.store.reconciliations.items(entityId, number, {
    limit: 500,
    withLogins: true,
  });
  return { report, items };
}

async function travellerOf(world: EngineWorld, n: number): Promise<string> {
  const { items } = await world.store.travellers.list(world.entityId, { limit: 500 });
  const found = items.find(({ concurLoginId }) => concurLoginId === loginOf(n));
  if (found === undefined) throw new Error(`nobody has login ${n}`);
  return found.traveller.id;
}

const reads = (world: EngineWorld) =>
  world.sandbox.admin.calls.filter((call) => call.function === 'profile-read').length;

type Read = EngineWorld['deps']['concur']['readProfile'];

/** The same world, in which some profiles are read differently. */
function reading(
  world: EngineWorld,
  read: (...id: Parameters<Read>) => ReturnType<Read> | undefined,
): EngineWorld {
  const { concur } = world.deps;
  const other: EngineWorld['deps']['concur'] = {
    listSummaries: (query) => concur.listSummaries(query),
    writeProfile: (write) => concur.writeProfile(write),
    readProfile: (id) => read(id) ?? concur.readProfile(id),
  };
  return { ...world, deps: { ...world.deps, concur: other } };
}

test('two sides in step are equal, and each profile was read once', async () => {
  const world = await inStep(3);
  const before = reads(world);
  const { report, items } = await reconcile(world);
  expect(report).toMatchObject({
    state: 'completed',
    travellers: 3,
    counts: { equal: 3, differs: 0, onlyHere: 0, onlyThere: 0 },
    progress: { compared: 3, listed: 3 },
  });
  expect(items).toEqual([]);
  expect(reads(world) - before).toBe(3);
});

test('a drift that no poll brings is named by its fields, without values', async () => {
  const world = await inStep(2);
  world.sandbox.admin.editProfile(loginOf(1), { sections: { general: { jobTitle: 'Chief' } } });
  await forgetChanges(world);
  const { report, items } = await reconcile(world);
  expect(report.counts).toMatchObject({ equal: 1, differs: 1 });
  expect(items).toMatchObject([
    { travellerId: await travellerOf(world, 1), outcome: 'differs', fields: ['General/JobTitle'] },
  ]);
  expect(JSON.stringify(items)).not.toContain('Chief');
});

test('what the next poll brings, and what waits to be published, is pending and no drift', async () => {
  const world = await inStep(2);
  world.sandbox.admin.editProfile(loginOf(1), { sections: { general: { jobTitle: 'Chief' } } });
  const { traveller } = await world.store.travellers.get(world.entityId, await travellerOf(world, 2));
  const sections = { ...traveller.sections, general: { ...traveller.sections.general, jobTitle: 'Here' } };
  const write = { ...traveller, sections, entityId: world.entityId };
  await world.store.travellers.upsert(write, { now: world.clock.now() });
  const { report, items } = await reconcile(world);
  expect(report.counts).toMatchObject({ pending: 2, differs: 0, equal: 0 });
  expect(items.map(({ code }) => code).sort()).toEqual(['NewerHere', 'NewerInConcur']);
  world.clock.advance(SLOT_MS);
  await pull(world);
  await publish(world);
  expect((await reconcile(world)).report.counts).toMatchObject({ equal: 2, pending: 0 });
});

test('profiles that only one side has are told apart, and new ones from forgotten ones', async () => {
  const world = await inStep(2);
  seed(world, 3);
  await forgetChanges(world);
  world.clock.advance(60_000);
  seed(world, 4);
  const uuid = world.sandbox.admin
    .profiles(world.companyUuid)
    .find(({ loginId }) => loginId === loginOf(1))?.uuid;
  const gone = reading(world, ({ value }) =>
    value === loginOf(1) || value === uuid ? Promise.resolve(undefined) : undefined,
  );
  const { report, items } = await reconcile(gone);
  expect(report.counts).toMatchObject({ equal: 1, onlyHere: 1, onlyThere: 1, pending: 1 });
  const shown = items.map(({ outcome, travellerId, login, code }) => ({ outcome, travellerId, login, code }));
  expect(shown).toContainEqual({ outcome: 'only-there', login: loginOf(3), code: 'NotInHub' });
  expect(shown).toContainEqual({ outcome: 'pending', login: loginOf(4), code: 'NewerInConcur' });
  const here = { outcome: 'only-here', travellerId: await travellerOf(world, 1), code: 'ProfileMissing' };
  expect(shown).toContainEqual(here);
});

test('held and quarantined travellers are named as such and are not read', async () => {
  const world = await inStep(2);
  const [held, quarantined] = [await travellerOf(world, 1), await travellerOf(world, 2)];
  await world.store.travellers.setHeld(world.entityId, held, true);
  const entry = {
    entityId: world.entityId,
    travellerId: quarantined,
    direction: 'publish',
    code: 'W003',
  } as const;
  await world.store.quarantine.open([{ ...entry, reason: 'In words.' }], { now: world.clock.now() });
  const before = reads(world);
  const { report, items } = await reconcile(world);
  expect(report.counts).toMatchObject({ equal: 0, held: 1, quarantined: 1 });
  expect(items).toContainEqual(
    expect.objectContaining({ travellerId: quarantined, code: 'W003', reason: 'In words.' }),
  );
  expect(reads(world)).toBe(before);
});

test('a repair hands everything that differs to the publisher or the pull, and then both sides are equal', async () => {
  const world = await inStep(3);
  world.sandbox.admin.editProfile(loginOf(1), { sections: { general: { jobTitle: 'Chief' } } });
  seed(world, 4);
  await forgetChanges(world);
  const { report, items } = await reconcile(world, true);
  expect(report).toMatchObject({ state: 'completed', repaired: 2, counts: { differs: 1, onlyThere: 1 } });
  expect(items.every(({ repairedAt }) => repairedAt !== undefined)).toBe(true);
  expect(await publish(world)).toMatchObject({ quarantined: 0 });
  expect((await reconcile(world)).report.counts).toMatchObject({
    equal: 4,
    differs: 0,
    onlyThere: 0,
    pending: 0,
  });
  const { traveller } = await world.store.travellers.get(world.entityId, await travellerOf(world, 1));
  expect(traveller.sections.general?.jobTitle).toBe('Chief');
});

test('a pull of single logins leaves the progress of a poll alone', async () => {
  const world = await inStep(1);
  const progress = {
    ...{ since: EVERYTHING.toISOString(), pass: 0, page: 7, verify: true },
    ...{ unseen: 0, seen: 1_200, changed: 0, quarantined: 0 },
  };
  await world.store.sync.transaction((tx) => tx.setProgress(world.entityId, progress));
  seed(world, 2);
  await forgetChanges(world);
  expect((await reconcile(world, true)).report).toMatchObject({ repaired: 1 });
  expect((await world.store.entities.get(world.entityId)).progress).toEqual(progress);
  expect(await travellerOf(world, 2)).toBeDefined();
});

test('after a crash it goes on at the last committed step and counts nobody twice', async () => {
  const world = await inStep(230);
  const number = await begin(world);
  const ref = { entityId: world.entityId, number };
  const before = reads(world);
  const first = await reconcileOnce(world.deps, SETTINGS, ref, { steps: 1 });
  expect(first).toMatchObject({ state: 'running', progress: { phase: 'here', compared: 100 } });
  const rest = await reconcileOnce(world.deps, SETTINGS, ref);
  expect(rest).toMatchObject({
    state: 'completed',
    counts: { equal: 230 },
    progress: { compared: 230, listed: 230 },
  });
  expect(reads(world) - before).toBe(230);
});

test('whoever was overtaken commits nothing', async () => {
  const world = await inStep(1);
  const number = await begin(world);
  const { entityId } = world;
  const old = await world.store.reconciliations.reconciliation(entityId, number);
  await reconcileOnce(world.deps, SETTINGS, { entityId, number }, { steps: 1 });
  const late = world.store.reconciliations.commit(
    old,
    { progress: old.progress, equal: 1 },
    { now: world.clock.now() },
  );
  await expect(late).rejects.toMatchObject({ code: 'reconciliation-moved' });
});

test('an entity that stands still is skipped with words', async () => {
  const world = await inStep(1);
  await world.store.entities.setState(world.entityId, { stage: 'paused' });
  const { report } = await reconcile(world);
  expect(report).toMatchObject({ state: 'skipped', counts: { equal: 0 } });
  expect(report.error).toContain('stage paused');
});

test('a difference that Concur is known not to take is named, and is none to repair', async () => {
  const world = await inStep(1);
  const id = await travellerOf(world, 1);
  world.sandbox.admin.editProfile(loginOf(1), { sections: { general: { jobTitle: 'Chief' } } });
  await forgetChanges(world);
  await world.store.sync.transaction(async (tx) => {
    const [pair] = await tx.lock(world.entityId, 'concur', {
      travellerIds: [id],
      logins: [],
      syncIds: [],
      uuids: [],
    });
    if (pair === undefined) throw new Error('the traveller is there');
    const note = {
      code: 'not-removable',
      field: 'General/JobTitle',
      reason: 'r',
      at: world.clock.now().toISOString(),
    };
    await tx.save([{ state: { ...pair.state, notes: [note] } }]);
  });
  const { report, items } = await reconcile(world, true);
  expect(report).toMatchObject({ repaired: 0, counts: { notRemovable: 1, differs: 0 } });
  expect(items).toMatchObject([
    { outcome: 'not-removable', code: 'not-removable', fields: ['General/JobTitle'] },
  ]);
});

test('a profile that cannot be read is named and holds up nobody', async () => {
  const world = await inStep(3);
  const failure = Object.assign(new Error('Concur does not answer.'), {
    code: 'ConcurUnavailable',
    failureClass: 'retry',
  });
  const ill = reading(world, ({ value }) => (value === loginOf(2) ? Promise.reject(failure) : undefined));
  const { report } = await reconcile(ill);
  expect(report).toMatchObject({ state: 'completed', counts: { equal: 2, unread: 1 } });
});
