import { type MigrationItem } from '../../../hub';
import { aCard } from '../../support/concur/cards';
import { aBench, type Bench, call, entityIn, json, problem } from './support';

let bench: Bench;
beforeAll(async () => {
  bench = await aBench();
});
afterEach(() => bench.engine.reset());
afterAll(() => bench.close());

const DIGEST = 'd1';
const CARD = aCard({}, 7_890);

/** An entity with a planned migration of two travellers. */
async function planned(id: string): Promise<void> {
  await entityIn(bench, id, 'migrating');
  await call(bench, `POST /v1/entities/${id}/migrations`, { body: { strategy: 'merge' } });
  for (const travellerId of ['T1', 'T2']) {
    await call(bench, `PUT /v1/entities/${id}/travellers/${travellerId}`, {
      body: { username: `${travellerId}@example.test` },
    });
  }
  await bench.store.migrations.putItems([anItem(id, 'T1', 'Create'), anItem(id, 'T2', 'Update')]);
  await bench.store.migrations.updateMigration(id, 1, {
    state: 'awaiting-approval',
    digest: DIGEST,
    plannedAt: bench.clock.now(),
  });
  bench.engine.reset();
}

function anItem(entityId: string, travellerId: string, action: 'Create' | 'Update'): MigrationItem {
  return {
    entityId,
    migrationNumber: 1,
    travellerId,
    action: action === 'Create' ? 'create' : 'update',
    planHash: `hash of ${travellerId}`,
    replanned: false,
    plan: {
      action,
      loginId: `${travellerId}@example.test`,
      status: 'active',
      sections: {
        general: { firstName: 'Erika', middleName: null },
        passports: [{ key: 'k1', passportNumber: 'EXAMPLE-7890', passportNationality: 'DE' }],
        visas: [],
        tsaInfo: { dateOfBirth: '1985-07-14' },
      },
      ...(action === 'Create' ? { cards: [CARD] } : {}),
      overwrites: ['general.firstName', 'passports[EXAMPLE-7890]'],
      clears: ['general.middleName'],
      withheld: [{ field: 'General/RuleClass', code: 'W033', reason: 'is not known' }],
    },
  };
}

describe('planning', () => {
  it('answers the number, and a second open one is refused', async () => {
    await entityIn(bench, 'plans', 'active');
    const answer = await call(bench, 'POST /v1/entities/plans/migrations', { body: { strategy: 'publish' } });
    expect(answer.statusCode).toBe(201);
    expect(answer.headers.location).toBe('/v1/entities/plans/migrations/1');
    expect(json(answer)).toMatchObject({ number: 1, pending: false });
    expect(bench.engine.delivered[0]?.request).toEqual({ kind: 'start-migration', number: 1 });
    const second = await call(bench, 'POST /v1/entities/plans/migrations', { body: { strategy: 'publish' } });
    expect(problem(second)).toMatchObject({ status: 409, code: 'migration-open' });
  });

  it('leaves nothing open when the lifecycle refuses', async () => {
    await entityIn(bench, 'unplanned', 'active');
    bench.engine.refuses('wrong-stage');
    const answer = await call(bench, 'POST /v1/entities/unplanned/migrations', {
      body: { strategy: 'merge' },
    });
    expect(problem(answer).status).toBe(409);
    const migration = json(await call(bench, 'GET /v1/entities/unplanned/migrations/1'));
    expect(migration).toMatchObject({ state: 'failed', error: 'Not now.' });
    bench.engine.reset();
    const next = await call(bench, 'POST /v1/entities/unplanned/migrations', { body: { strategy: 'merge' } });
    expect(json(next)['number']).toBe(2);
  });

  it('wants an entity that is connected', async () => {
    await entityIn(bench, 'unconnected', 'awaiting-request-token');
    const answer = await call(bench, 'POST /v1/entities/unconnected/migrations', {
      body: { strategy: 'merge' },
    });
    expect(problem(answer)).toMatchObject({ status: 409, code: 'wrong-stage' });
  });
});

describe('reviewing', () => {
  beforeAll(() => planned('reviewed'));
  const url = 'GET /v1/entities/reviewed/migrations/1';

  it('shows plan, counts and digest', async () => {
    expect(json(await call(bench, url))).toMatchObject({
      number: 1,
      strategy: 'merge',
      state: 'awaiting-approval',
      digest: DIGEST,
      counts: { create: 1, update: 1, bind: 0, unchanged: 0, refused: 0, done: 0 },
      approvedAt: null,
      report: null,
    });
    const list = json(await call(bench, 'GET /v1/entities/reviewed/migrations'));
    expect(list).toMatchObject({ items: [{ number: 1 }], nextCursor: null });
  });

  it('shows the exact XML, clearing included, the password never', async () => {
    const create = json(await call(bench, `${url}/items/T1`));
    expect(create['xml']).toContain('<FirstName>Erika</FirstName>');
    expect(create['xml']).toMatch(/<MiddleName\s*\/>|<MiddleName><\/MiddleName>/);
    expect(create['xml']).toContain('<PassportNumber>EXAMPLE-7890</PassportNumber>');
    expect(create['xml']).toContain('<Password>(set at sending)</Password>');
    expect(create['overwrites']).toEqual(['general.firstName', 'passports[EXAMPLE-7890]']);
    expect(create['cardsXml']).toContain(`<AccountNo>${CARD.accountNo}</AccountNo>`);
    const update = json(await call(bench, `${url}/items/T2`));
    expect(update['cardsXml']).toBeNull();
    expect(update['xml']).toContain('Action="Update"');
    expect(update['xml']).not.toContain('Password');
  });

  it('masks numbers and birth dates everywhere without the scope sensitive', async () => {
    const answer = await call(bench, `${url}/items`, { key: bench.key('read') });
    expect(answer.body).not.toContain('EXAMPLE-7890');
    expect(answer.body).not.toContain('1985');
    expect(answer.body).not.toContain(CARD.accountNo);
    expect(answer.body).toContain(`<AccountNo>••••${CARD.accountNo.slice(-4)}</AccountNo>`);
    expect(answer.body).toContain('<PassportNumber>••••7890</PassportNumber>');
    expect(answer.body).toContain('<DateOfBirth>••••</DateOfBirth>');
    expect(json(answer)).toMatchObject({
      items: [{ travellerId: 'T1', overwrites: ['general.firstName', 'passports'] }, { travellerId: 'T2' }],
    });
  });

  it('pages and filters', async () => {
    const first = json(await call(bench, `${url}/items?limit=1`));
    expect(first).toMatchObject({ items: [{ travellerId: 'T1' }], nextCursor: 'T1' });
    const rest = json(await call(bench, `${url}/items?limit=1&cursor=T1`));
    expect(rest).toMatchObject({ items: [{ travellerId: 'T2' }], nextCursor: null });
    expect(json(await call(bench, `${url}/items?outcome=done`))['items']).toEqual([]);
    expect(json(await call(bench, `${url}/items?outcome=open&action=create`))['items']).toHaveLength(1);
  });

  it.each(['/2', '/0', '/x', '/2/items', '/1/items/T9'])('knows no %s', async (path) => {
    const answer = await call(bench, `GET /v1/entities/reviewed/migrations${path}`);
    expect(problem(answer).status).toBe(404);
  });
});

describe('deciding', () => {
  const decide = (id: string, decision: string, body?: object) =>
    call(bench, `POST /v1/entities/${id}/migrations/1/${decision}`, body === undefined ? {} : { body });

  it('approves the plan that was reviewed and no other', async () => {
    await planned('approved');
    const wrong = await decide('approved', 'approve', { digest: 'd2' });
    expect(problem(wrong)).toMatchObject({ status: 409, code: 'plan-changed' });
    expect(bench.engine.delivered).toEqual([]);
    expect((await decide('approved', 'approve', { digest: DIGEST })).statusCode).toBe(202);
    expect(bench.engine.delivered[0]?.request).toEqual({
      kind: 'approve-migration',
      number: 1,
      digest: DIGEST,
    });
  });

  it('gives the final approval of an import only when it is asked for', async () => {
    await planned('final');
    const early = await decide('final', 'approve', { digest: DIGEST, step: 'deactivate-old' });
    expect(problem(early)).toMatchObject({ status: 409, code: 'wrong-migration-state' });
    await bench.store.migrations.updateMigration('final', 1, { state: 'awaiting-final-approval' });
    expect(problem(await decide('final', 'approve', { digest: DIGEST })).status).toBe(409);
    const answer = await decide('final', 'approve', { digest: DIGEST, step: 'deactivate-old' });
    expect(answer.statusCode).toBe(202);
  });

  it('rejects before, and cancels also while it runs, and neither at the end', async () => {
    await planned('ended');
    expect((await decide('ended', 'reject')).statusCode).toBe(202);
    await bench.store.migrations.updateMigration('ended', 1, { state: 'executing' });
    expect(problem(await decide('ended', 'reject')).code).toBe('wrong-migration-state');
    expect((await decide('ended', 'cancel')).statusCode).toBe(202);
    await bench.store.migrations.updateMigration('ended', 1, { state: 'completed' });
    expect(problem(await decide('ended', 'cancel')).status).toBe(409);
    expect(bench.engine.kinds()).toEqual(['reject-migration', 'cancel-migration']);
  });
});
