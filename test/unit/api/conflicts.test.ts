import { type ConflictEntry } from '../../../hub/types';
import { type ProfileSections } from '../../../profile';
import { slotsOf } from '../../../sync/model/slots';
import { aBench, type Bench, call, json, problem } from './support';

let bench: Bench;
beforeAll(async () => {
  bench = await aBench();
});
afterAll(() => bench.close());

const ENTITY = { name: 'Acme', companyUuid: '8f1c2d3e-0000-4000-8000-000000000001', travelConfigId: '1000' };
const PATH = 'entities/acme/travellers';
let travellers = 0;

beforeAll(() => call(bench, 'POST /v1/entities', { body: { ...ENTITY, id: 'acme' } }));

interface Scene {
  readonly travellerId: string;
  readonly conflictId: string;
  restore(headers?: Record<string, string>): ReturnType<typeof call>;
  content(): Promise<unknown>;
}

/** A traveller with this content, and a conflict about it. */
async function scene(
  sections: object,
  conflict: Pick<ConflictEntry, 'slot' | 'section' | 'winner' | 'hubValue' | 'concurValue'>,
): Promise<Scene> {
  const travellerId = `T${(travellers += 1)}`;
  const body = { username: `${travellerId}@example.test`, ...sections };
  await call(bench, `PUT /v1/${PATH}/${travellerId}`, { body });
  const entry = { entityId: 'acme', travellerId, ...conflict };
  await bench.store.sync.transaction((tx) => tx.addConflicts([entry], bench.clock.now()));
  const { items } = await bench.store.conflicts.list({ travellerId, limit: 1 });
  const conflictId = items[0]?.id ?? '';
  return {
    travellerId,
    conflictId,
    restore: (headers = {}) => call(bench, `POST /v1/conflicts/${conflictId}/restore`, { body: {}, headers }),
    content: async () => json(await call(bench, `GET /v1/${PATH}/${travellerId}`)),
  };
}

const TITLE = {
  slot: 'general.jobTitle',
  section: 'general',
  hubValue: 'Here',
  concurValue: 'There',
} as const;

const slotOf = (section: string, sections: ProfileSections): string =>
  [...slotsOf({ status: 'active', sections }).keys()].find((id) => id.startsWith(section)) ?? '';

describe('a conflict that is restored', () => {
  it('becomes an edit of the hub, once, is marked, and is told of', async () => {
    const { travellerId, conflictId, restore, content } = await scene(
      { general: { firstName: 'A', lastName: 'B', jobTitle: 'There' } },
      { ...TITLE, winner: 'concur' },
    );
    const answer = await restore();
    expect(answer.statusCode).toBe(202);
    expect(answer.headers['etag']).toBe('"2"');
    expect(await content()).toMatchObject({ general: { firstName: 'A', jobTitle: 'Here' } });
    const [state] = await bench.store.travellers.syncStates('acme', travellerId);
    expect(state).toMatchObject({ hubVersion: 2 });
    expect(state?.publishedVersion).toBeLessThan(2);
    const marked = json(await call(bench, `GET /v1/conflicts?traveller=${travellerId}`));
    expect(marked).toMatchObject({ items: [{ restoredAt: bench.clock.now().toISOString() }] });

    await call(bench, `PATCH /v1/${PATH}/${travellerId}`, { body: { general: { jobTitle: 'Later' } } });
    expect((await restore()).statusCode).toBe(202);
    expect(await content()).toMatchObject({ general: { jobTitle: 'Later' } });
    const events = await bench.store.events.list({ entityId: 'acme', kind: 'conflict-restored', limit: 50 });
    expect(events.items.filter(({ id }) => id === `conflict-restored-${conflictId}`)).toHaveLength(1);
  });

  it('is taken from Concur where the hub had won, and clears what the loser had cleared', async () => {
    const fromConcur = await scene({ general: { jobTitle: 'Here' } }, { ...TITLE, winner: 'hub' });
    await fromConcur.restore();
    expect(await fromConcur.content()).toMatchObject({ general: { jobTitle: 'There' } });
    const { concurValue: _, ...cleared } = TITLE;
    const clearing = await scene(
      { general: { firstName: 'A', jobTitle: 'Here' } },
      { ...cleared, winner: 'hub' },
    );
    await clearing.restore();
    expect(JSON.stringify(await clearing.content())).not.toContain('Here');
  });

  it('puts back one element of a list, which keeps its key, and leaves the others alone', async () => {
    const mine = { type: 'Work', phoneNumber: '5550100', extension: '1' } as const;
    const theirs = { type: 'Work', phoneNumber: '5550100', extension: '2' } as const;
    const { travellerId, restore, content } = await scene(
      { telephones: [theirs, { type: 'Cell', phoneNumber: '5550101' }] },
      {
        ...{ slot: slotOf('telephones', { telephones: [theirs] }), section: 'telephones', winner: 'concur' },
        ...{ hubValue: mine, concurValue: theirs },
      },
    );
    const keysOf = async () => {
      const { traveller } = await bench.store.travellers.get('acme', travellerId);
      return traveller.sections.telephones?.map((phone) => phone.key);
    };
    const before = await keysOf();
    expect((await restore()).statusCode).toBe(202);
    expect(await content()).toMatchObject({ telephones: [mine, { type: 'Cell', phoneNumber: '5550101' }] });
    expect(await keysOf()).toEqual(before);
  });

  it('is refused in words once the element has changed, and done with the present version', async () => {
    const { restore, content } = await scene(
      { general: { jobTitle: 'Edited' } },
      { ...TITLE, winner: 'hub' },
    );
    const refused = problem(await restore());
    expect(refused).toMatchObject({ status: 409, code: 'conflict-moved' });
    expect(await content()).toMatchObject({ general: { jobTitle: 'Edited' } });
    expect(problem(await restore({ 'if-match': '"7"' })).status).toBe(412);
    expect((await restore({ 'if-match': '"1"' })).statusCode).toBe(202);
    expect(await content()).toMatchObject({ general: { jobTitle: 'There' } });
  });

  it('is refused where the section follows Concur, after an erasure, and where there is none', async () => {
    await call(bench, 'PATCH /v1/entities/acme', {
      body: { conflictRule: { sections: { visas: 'concur-owned' } } },
    });
    const owned = await scene(
      { visas: [] },
      {
        ...{ slot: 'visas[V1|US]', section: 'visas', winner: 'concur' },
        hubValue: { visaNumber: 'V1', visaNationality: 'US' },
      },
    );
    expect(problem(await owned.restore())).toMatchObject({ status: 409, code: 'section-owned-by-concur' });
    const erased = await scene({ general: { jobTitle: 'Here' } }, { ...TITLE, winner: 'hub' });
    await bench.store.travellers.erase('acme', erased.travellerId, { now: bench.clock.now() });
    expect(problem(await erased.restore())).toMatchObject({ status: 409, code: 'conflict-erased' });
    expect(problem(await call(bench, 'POST /v1/conflicts/none/restore')).status).toBe(404);
  });
});
