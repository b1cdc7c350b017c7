import { aBench, type Bench, call, entityIn, json, problem } from './support';

const ONLY_IN_V1 = {
  path: 'General',
  name: 'MarketingOptIn',
  value: '<MarketingOptIn>True</MarketingOptIn>',
};
const TRAVELLER = '/v1/entities/old/travellers/T1';

let bench: Bench;
beforeAll(async () => {
  bench = await aBench();
  await entityIn(bench, 'old', 'active');
  await bench.store.entities.patch('old', { apiVersion: 1 });
  await bench.store.travellers.upsert(
    {
      entityId: 'old',
      id: 'T1',
      username: 'old@example.test',
      status: 'active',
      sections: { general: { firstName: 'Erika' } },
      unknown: [ONLY_IN_V1],
    },
    { now: bench.clock.now() },
  );
});
afterEach(() => bench.engine.reset());
afterAll(() => bench.close());

/** As the publisher leaves a change that v1 cannot take. */
async function parked(): Promise<void> {
  const { sync } = bench.store;
  const now = bench.clock.now();
  await sync.transaction(async (tx) => {
    const by = { logins: [], syncIds: [], uuids: [], travellerIds: ['T1'] };
    const [pair] = await tx.lock('old', 'concur', by);
    if (pair === undefined) throw new Error('nobody there');
    await tx.save([{ state: { ...pair.state, blockedVersion: pair.traveller.version } }]);
    const entry = { entityId: 'old', travellerId: 'T1', direction: 'publish' } as const;
    await tx.quarantine([{ ...entry, code: 'ReadOnlyVersion', reason: 'v1 can only be read' }], now);
  });
  await bench.store.entities.clearWake('old');
}

describe('what only Travel Profile v1 knows', () => {
  it('is shown with its place, its value only with the scope sensitive', async () => {
    expect(json(await call(bench, `GET ${TRAVELLER}`))['unknownElements']).toEqual([ONLY_IN_V1]);
    const masked = json(await call(bench, `GET ${TRAVELLER}`, { key: bench.key('read') }));
    expect(masked['unknownElements']).toEqual([{ ...ONLY_IN_V1, value: '••••' }]);
    const written = await call(bench, `PATCH ${TRAVELLER}`, { body: {}, key: bench.key('write') });
    expect(json(written)).not.toHaveProperty('unknownElements');
  });

  it('comes back with a PUT of what was read, and stays as it is', async () => {
    const read = json(await call(bench, `GET ${TRAVELLER}`, { key: bench.key('read', 'write') }));
    const answer = await call(bench, `PUT ${TRAVELLER}`, { body: { ...read, unknownElements: [] } });
    expect(answer.statusCode).toBe(200);
    expect(json(await call(bench, `GET ${TRAVELLER}`))['unknownElements']).toEqual([ONLY_IN_V1]);
  });
});

describe('an entity that moves to Travel Profile v2', () => {
  it('publishes what v1 could not take, without anybody retrying it one by one', async () => {
    await parked();
    const dirty = () => bench.store.sync.countDirty('old', 'concur', bench.clock.now());
    expect((await dirty()).ready).toBe(0);
    expect((await call(bench, 'PATCH /v1/entities/old', { body: { apiVersion: 2 } })).statusCode).toBe(200);
    expect((await dirty()).ready).toBe(1);
    expect(bench.engine.woken).toEqual(['old']);
  });
});

describe('retrying all records with one code', () => {
  const retry = (body: object) => call(bench, 'POST /v1/quarantine/retry', { body });

  it('frees those and no others, and tells the loop once', async () => {
    const now = bench.clock.now();
    const failed = (loginId: string, code: string) =>
      ({ entityId: 'old', loginId, direction: 'pull', code, reason: 'r' }) as const;
    const entries = [failed('a@x.test', 'E001'), failed('b@x.test', 'E001'), failed('c@x.test', 'E002')];
    await bench.store.quarantine.open(entries, { now });
    const answer = await retry({ entity: 'old', code: 'E001' });
    expect([answer.statusCode, json(answer)]).toMatchObject([202, { retried: 2, pending: false }]);
    expect(bench.engine.kinds()).toEqual(['poll']);
    const due = await bench.store.sync.quarantinedForRetry('old', 10);
    expect(due.map(({ loginId }) => loginId)).toEqual(['a@x.test', 'b@x.test']);
  });

  it('says that there are none', async () => {
    expect(json(await retry({ entity: 'old', code: 'W999' }))).toEqual({
      retried: 0,
      requestId: null,
      pending: false,
    });
    expect(bench.engine.kinds()).toEqual([]);
  });

  it('only frees them while polling is off', async () => {
    await call(bench, 'PATCH /v1/entities/old', { body: { pollingOn: false } });
    bench.engine.reset();
    expect(json(await retry({ entity: 'old', code: 'E001' }))).toMatchObject({ retried: 2, pending: true });
    expect(bench.engine.kinds()).toEqual([]);
  });

  it('of an unknown entity is 404, without a code 422', async () => {
    expect(problem(await retry({ entity: 'nobody', code: 'E001' }))).toMatchObject({
      status: 404,
      code: 'entity-unknown',
    });
    expect(problem(await retry({ entity: 'old' })).status).toBe(422);
  });
});
