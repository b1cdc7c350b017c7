import { type HubDatabase } from '../../../hub';
import { publishOnce } from '../../../sync/engine/publish';
import { tourTravellers } from '../../../cli/tour/travellers';
import { type ProfileSections } from '../../../profile';
import { invalidDocuments } from '../../support/concur/schema';
import { type EngineWorld, engineWorld, SETTINGS } from '../../support/engine/world';
import { pgliteDatabase } from '../../support/hub/stores';

const TRAVELLERS = 12;
const PROFILE_PATH = '/api/travelprofile/v2.0/profile';

let db: HubDatabase;
beforeAll(async () => {
  db = await pgliteDatabase();
});
afterAll(() => db.destroy());

/** Every profile that is sent from here on, as it arrives at the simulated Concur. */
function collectPosts({ sandbox }: EngineWorld): string[] {
  const posts: string[] = [];
  const handle = sandbox.handle.bind(sandbox);
  jest.spyOn(sandbox, 'handle').mockImplementation((request) => {
    if (request.method === 'POST' && request.path === PROFILE_PATH) posts.push(String(request.body ?? ''));
    return handle(request);
  });
  return posts;
}

const people = tourTravellers(TRAVELLERS).map(({ id, username, status, ...sections }) => ({
  id,
  username,
  status,
  sections,
}));

/** The same people after a year: fields changed, cleared and added, lists shortened and emptied. */
function later(sections: ProfileSections): ProfileSections {
  const {
    general: { jobTitle: _title, costCenter: _center, ...general } = {},
    visas: _visas,
    hotel: _hotel,
    ...rest
  } = sections;
  return {
    ...rest,
    general: { ...general, preferredName: 'Änne & Söhne', division: 'x'.repeat(200) },
    telephones: (sections.telephones ?? []).slice(0, 1),
    customFields: [{ name: 'Colour', value: ']]>\t<red>' }],
    tsaInfo: { gender: 'Female' },
    car: { carType: 'Compact', carGps: true },
    roles: [{ type: 'Arranger', loginId: people[0]?.username ?? '' }],
  };
}

test('every profile that the engine sends is valid: creates, changes and clearings', async () => {
  const world = await engineWorld(db);
  const posts = collectPosts(world);
  const { entityId, store, clock, deps } = world;
  const put = async (change: (sections: ProfileSections) => ProfileSections): Promise<void> => {
    for (const { sections, ...person } of people) {
      await store.travellers.upsert(
        { entityId, ...person, sections: change(sections) },
        { now: clock.now() },
      );
    }
    for (let remaining = 1; remaining > 0;) ({ remaining } = await publishOnce(deps, SETTINGS, entityId));
  };
  await put((sections) => sections);
  expect(posts.filter((post) => post.includes('Action="Create"'))).toHaveLength(TRAVELLERS);
  await put(later);
  await put(({ general = {} }) => ({
    general: { firstName: general.firstName ?? 'A', lastName: general.lastName ?? 'B' },
  }));

  expect(posts.length).toBeGreaterThanOrEqual(3 * TRAVELLERS);
  expect(posts.some((post) => post.includes('xsi:nil="true"'))).toBe(true);
  expect(posts.some((post) => post.includes('<JobTitle/>'))).toBe(true);
  expect(await invalidDocuments('travel-profile-v2', posts)).toEqual([]);
  expect(world.sandbox.admin.violations).toEqual([]);
});
