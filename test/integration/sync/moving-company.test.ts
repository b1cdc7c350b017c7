import { ConcurUnavailable } from '../../../concur/errors';
import { type HubDatabase } from '../../../hub';
import { type EngineDeps } from '../../../sync/engine/ports';
import { pullOnce } from '../../../sync/engine/pull';
import { MovingCompany } from '../../support/engine/moving-company';
import { type EngineWorld, engineWorld, SETTINGS } from '../../support/engine/world';
import { pgliteDatabase } from '../../support/hub/stores';

jest.setTimeout(300_000);

const PEOPLE = 5_000;
const CHANGES = 500;
/** A first read of so many: a call of the list for 200 of them, one call for each. */
const CALLS = PEOPLE + PEOPLE / 200;
const SLOT_MS = 15 * 60_000;

let db: HubDatabase;
beforeEach(async () => {
  db = await pgliteDatabase();
});
afterEach(() => db.destroy());

/** Without cards: their calls would double the time and say nothing of the list. */
async function aWorld(seed: number) {
  const world = await engineWorld(db);
  const scopes = ['TRVPRF', 'TMCSP'];
  world.sandbox.admin.putCompany({ companyUuid: world.companyUuid, scopes });
  await world.store.entities.setState(world.entityId, { scopes });
  const company = new MovingCompany(world, seed);
  company.people(PEOPLE);
  world.clock.advance(SLOT_MS);
  return { world, company };
}

/** Everybody in the hub: UUID, login, status and the content that changes. */
async function hubOf({ store, entityId }: EngineWorld): Promise<string[]> {
  const rows: string[] = [];
  let after: { cursor: string } | undefined;
  do {
    const page = await store.travellers.list(entityId, { limit: 200, ...after });
    for (const { concurUuid, concurLoginId, traveller } of page.items) {
      const { status, sections } = traveller;
      const { lastName, jobTitle } = sections.general ?? {};
      rows.push(JSON.stringify([concurUuid, concurLoginId, status, lastName, jobTitle]));
    }
    after = page.nextCursor === undefined ? undefined : { cursor: page.nextCursor };
  } while (after !== undefined);
  return rows.sort();
}

/** The same engine, with something happening before each of its calls. */
function disturbed(deps: EngineDeps, before: () => void): EngineDeps {
  const { concur } = deps;
  return {
    ...deps,
    concur: {
      ...concur,
      listSummaries: async (query) => {
        before();
        return concur.listSummaries(query);
      },
      readProfile: async (id) => {
        before();
        return concur.readProfile(id);
      },
    },
  };
}

async function expectUnion(world: EngineWorld, company: MovingCompany): Promise<void> {
  world.clock.advance(SLOT_MS);
  await pullOnce(world.deps, SETTINGS, world.entityId);
  expect(company.done).toBe(CHANGES);
  expect(Object.values(company.kinds).filter((count) => count < 20)).toEqual([]);
  const truth = company.truth();
  expect(truth).toHaveLength(PEOPLE + company.kinds.joins);
  expect(await hubOf(world)).toEqual(truth);
  // What is left are logins that nobody has any more: listed, and renamed before they were read.
  const { items } = await world.store.quarantine.list({ entityId: world.entityId, limit: 500 });
  const logins = new Set(world.sandbox.admin.profiles(world.companyUuid).map(({ loginId }) => loginId));
  expect(items.filter(({ code, loginId = '' }) => code !== 'ProfileNotShown' || logins.has(loginId))).toEqual(
    [],
  );
}

test('while 5,000 profiles are read for the first time 500 change, and the union read is the truth', async () => {
  const { world, company } = await aWorld(1);
  const deps = disturbed(world.deps, () => company.perhapsChange(CALLS, CHANGES));
  await pullOnce(deps, SETTINGS, world.entityId);
  expect(company.done).toBeGreaterThan(CHANGES * 0.8);
  company.rest(CHANGES);
  await expectUnion(world, company);
});

test('it is the truth as well when the read is dropped half-way and taken up again', async () => {
  const { world, company } = await aWorld(2);
  const change = () => company.perhapsChange(CALLS, CHANGES);
  let calls = 0;
  const dying = disturbed(world.deps, () => {
    calls += 1;
    if (calls > CALLS / 2) throw new ConcurUnavailable('The process is gone.');
    change();
  });
  await expect(pullOnce(dying, SETTINGS, world.entityId)).rejects.toThrow();
  expect((await world.store.entities.get(world.entityId)).progress).toMatchObject({ verify: true });
  expect(company.done).toBeGreaterThan(CHANGES * 0.3);
  await pullOnce(disturbed(world.deps, change), SETTINGS, world.entityId);
  company.rest(CHANGES);
  await expectUnion(world, company);
});
