import fc from 'fast-check';
import { type HubDatabase } from '../../../hub';
import { asProfileSections } from '../../../hub/sections';
import { type ConflictWord } from '../../../hub/types';
import { publishOnce } from '../../../sync/engine/publish';
import { pullOnce } from '../../../sync/engine/pull';
import { reconcileOnce } from '../../../sync/engine/reconcile';
import { isInStep } from '../../../sync/model/reconciliation-words';
import { type EngineWorld, engineWorld, SETTINGS } from '../../support/engine/world';
import { pgliteDatabase } from '../../support/hub/stores';

jest.setTimeout(300_000);

let db: HubDatabase;
beforeAll(async () => {
  db = await pgliteDatabase();
});
afterAll(() => db.destroy());

const LOGIN = 'person@example.test';
const SLOT_MS = 15 * 60_000;
const WORDS: readonly ConflictWord[] = [
  'hub-wins',
  'concur-wins',
  'newest-wins',
  'hub-owned',
  'concur-owned',
];

/** What somebody does: a single field, or the number of one phone of a list. */
const edit = fc.oneof(
  fc.record({ field: fc.constantFrom('jobTitle', 'costCenter'), value: fc.constantFrom('A', 'B', 'C') }),
  fc.record({ field: fc.constantFrom('Work', 'Home'), value: fc.constantFrom('5550100', '5550101') }),
);
type Edit = { readonly field: string; readonly value: string };
const step = fc.oneof(
  fc.record({ side: fc.constantFrom('hub', 'concur'), edit }),
  fc.record({ side: fc.constantFrom('poll', 'publish') }),
);

const isPhone = ({ field }: Edit): boolean => field === 'Work' || field === 'Home';

interface Phone {
  readonly type?: string;
}

/** The content after an edit: of a list the other elements stay. */
function edited<P extends Phone>(content: { general?: object; telephones?: readonly P[] }, change: Edit) {
  if (!isPhone(change)) return { general: { ...content.general, [change.field]: change.value } };
  const others = (content.telephones ?? []).filter(({ type }) => type !== change.field);
  return { telephones: [...others, { type: change.field, countryCode: 'US', phoneNumber: change.value }] };
}

async function editHere(world: EngineWorld, change: Edit) {
  const { items } = await world.store.travellers.list(world.entityId, { limit: 1 });
  const traveller = items[0]?.traveller;
  if (traveller === undefined) throw new Error('the traveller is there');
  const after = { ...traveller.sections, ...edited(traveller.sections, change) };
  const sections = asProfileSections(after, 'an edit');
  await world.store.travellers.upsert(
    { ...traveller, sections, entityId: world.entityId },
    { now: world.clock.now() },
  );
}

async function editThere(world: EngineWorld, change: Edit) {
  const read = await world.deps.concur.readProfile({ type: 'login', value: LOGIN });
  if (read === undefined) throw new Error('the profile is there');
  const sections = asProfileSections(edited(read.profile.sections, change), 'an edit');
  world.sandbox.admin.editProfile(LOGIN, { sections });
}

const poll = (world: EngineWorld) => pullOnce(world.deps, SETTINGS, world.entityId);
const publish = (world: EngineWorld) => publishOnce(world.deps, SETTINGS, world.entityId);
const posts = (world: EngineWorld) =>
  world.sandbox.admin.calls.filter((call) => call.function === 'profile-write').length;

async function aWorld(word: ConflictWord): Promise<EngineWorld> {
  const world = await engineWorld(db, { conflictRule: { default: word } });
  world.sandbox.admin.seedProfile({
    companyUuid: world.companyUuid,
    loginId: LOGIN,
    sections: { general: { firstName: 'Person', lastName: 'One', travelConfigId: '4711' } },
  });
  world.clock.advance(SLOT_MS);
  await poll(world);
  world.clock.advance(SLOT_MS);
  return world;
}

async function quiet(world: EngineWorld) {
  world.clock.advance(SLOT_MS);
  await poll(world);
  await publish(world);
}

/**
 * The bound: a POST carries at least one edit that no POST before it carried, of either side (where the hub
 * wins, Concur's edit is answered by one). So n edits cost n POSTs at most, and silence costs none.
 */
describe.each(WORDS)('random edits on both sides under %s', (word) => {
  test('settle in at most one POST per edit, agree, and then nothing is sent any more', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 8 }), async (steps) => {
        const world = await aWorld(word);
        const before = posts(world);
        let edits = 0;
        for (const each of steps) {
          world.clock.advance(61_000);
          if ('edit' in each) {
            edits += 1;
            await (each.side === 'hub' ? editHere(world, each.edit) : editThere(world, each.edit));
          } else await (each.side === 'poll' ? poll(world) : publish(world));
        }
        await quiet(world);
        await quiet(world);
        const settled = posts(world);
        expect(settled - before).toBeLessThanOrEqual(edits);
        await quiet(world);
        await quiet(world);
        expect(posts(world)).toBe(settled);
        const wanted = { origin: 'request', repair: false } as const;
        const at = { now: world.clock.now() };
        const { number } = await world.store.reconciliations.create(world.entityId, wanted, at);
        const { entityId } = world;
        const report = await reconcileOnce(world.deps, SETTINGS, { entityId, number });
        expect({ counts: report.counts, inStep: isInStep(report.counts) }).toMatchObject({ inStep: true });
      }),
      { numRuns: 12, seed: 20310301, endOnFailure: false },
    );
  });
});
