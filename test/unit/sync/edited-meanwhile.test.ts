import { type HubDatabase } from '../../../hub';
import { type EngineDeps } from '../../../sync/engine/ports';
import { publishOnce } from '../../../sync/engine/publish';
import { type EngineWorld, engineWorld, SETTINGS } from '../../support/engine/world';
import { pgliteDatabase } from '../../support/hub/stores';

let db: HubDatabase;
beforeAll(async () => {
  db = await pgliteDatabase();
});
afterAll(() => db.destroy());

const LOGIN = 'zoe@example.test';

async function put(world: EngineWorld, general: Record<string, string>): Promise<void> {
  await world.store.travellers.upsert(
    {
      entityId: world.entityId,
      id: 'zoe',
      username: LOGIN,
      status: 'active',
      sections: { general: { firstName: 'Zoë', lastName: 'Example', ...general } },
    },
    { now: world.clock.now() },
  );
}

test('an edit in Concur that the hub overwrites while a publish is under way is kept as a conflict', async () => {
  const world = await engineWorld(db);
  await put(world, { jobTitle: 'Buyer', costCenter: '1' });
  await publishOnce(world.deps, SETTINGS, world.entityId);
  world.sandbox.admin.editProfile(LOGIN, { sections: { general: { jobTitle: 'From Concur' } } });
  await put(world, { jobTitle: 'Buyer', costCenter: '2' });
  const { concur } = world.deps;
  const deps: EngineDeps = {
    ...world.deps,
    concur: {
      ...concur,
      writeProfile: async (write) => {
        const result = await concur.writeProfile(write);
        await put(world, { jobTitle: 'From the hub', costCenter: '2' });
        return result;
      },
    },
  };
  await publishOnce(deps, SETTINGS, world.entityId);
  await publishOnce(world.deps, SETTINGS, world.entityId);
  expect(world.sandbox.admin.profile(LOGIN)?.sections).toMatchObject({
    general: { jobTitle: 'From the hub', costCenter: '2' },
  });
  const { items } = await world.store.conflicts.listOpened({ entityId: world.entityId, limit: 10 });
  expect(items).toMatchObject([
    { slot: 'general.jobTitle', hubValue: 'From the hub', concurValue: 'From Concur', winner: 'hub' },
  ]);
});
