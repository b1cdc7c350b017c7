import { type HubDatabase } from '../../../hub';
import { publishOnce } from '../../../sync/engine/publish';
import { type EngineWorld, engineWorld, SETTINGS } from '../../support/engine/world';
import { pgliteDatabase } from '../../support/hub/stores';

let db: HubDatabase;
beforeAll(async () => {
  db = await pgliteDatabase();
});
afterAll(() => db.destroy());

const LOGIN = 'zoe@example.test';

function put(world: EngineWorld, jobTitle: string) {
  const sections = { general: { firstName: 'Zoë', lastName: 'Example', jobTitle } };
  return world.store.travellers.upsert(
    { entityId: world.entityId, id: 'zoe', username: LOGIN, status: 'active', sections },
    { now: world.clock.now() },
  );
}

const publish = (world: EngineWorld) => publishOnce(world.deps, SETTINGS, world.entityId);
const stateOf = async (world: EngineWorld) =>
  (await world.store.travellers.get(world.entityId, 'zoe')).sync.state;
const inConcur = ({ sandbox }: EngineWorld) => sandbox.admin.profile(LOGIN)?.sections;
const withTitle = (jobTitle: string) => ({ general: { jobTitle } });

test('changes made while Concur does not let us in stay dirty for as long as it takes, and are published with a new token', async () => {
  const world = await engineWorld(db);
  const { sandbox, companyUuid, connection, clock, entityId, store } = world;
  await put(world, 'Buyer');
  expect(await publish(world)).toMatchObject({ published: 1 });
  sandbox.admin.revokeTokens(companyUuid, 'all');

  await put(world, 'Head of purchasing');
  for (let days = 0; days < 3; days += 1) {
    await expect(publish(world)).rejects.toMatchObject({ name: 'ReauthorisationRequired' });
    clock.advance(30 * 86_400_000);
  }
  await put(world, 'Director');
  expect(await stateOf(world)).toBe('pending');
  expect((await store.entities.counts(entityId)).pending).toBe(1);
  expect(inConcur(world)).toMatchObject(withTitle('Buyer'));

  await connection.exchange(sandbox.admin.issueRequestToken(companyUuid).requestToken);
  expect(await publish(world)).toMatchObject({ published: 1, quarantined: 0, remaining: 0 });
  expect(await stateOf(world)).toBe('synced');
  expect(inConcur(world)).toMatchObject(withTitle('Director'));
});
