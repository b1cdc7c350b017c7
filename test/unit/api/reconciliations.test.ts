import { type FoundItem } from '../../../hub/types';
import { aBench, type Bench, call, json, problem } from './support';

let bench: Bench;
beforeAll(async () => {
  bench = await aBench();
});
afterAll(() => bench.close());

const ENTITY = { name: 'Acme', companyUuid: '8f1c2d3e-0000-4000-8000-000000000001', travelConfigId: '1000' };
let entities = 0;

async function anActiveEntity(): Promise<string> {
  const id = `acme-${(entities += 1)}`;
  await call(bench, 'POST /v1/entities', { body: { ...ENTITY, id } });
  await bench.store.entities.setState(id, { stage: 'active', health: 'ok' });
  bench.engine.reset();
  return id;
}

/** What the workflow does, in one step. */
async function finish(id: string, items: readonly FoundItem[], equal = 0) {
  const at = { now: bench.clock.now() };
  const begun = await bench.store.reconciliations.reconciliation(id, 1);
  const step = { progress: begun.progress, items, equal, end: { state: 'completed' } } as const;
  await bench.store.reconciliations.commit(begun, step, at);
}

describe('a reconciliation that is asked for', () => {
  it('is stored before it is delivered, and answers with the number of its report', async () => {
    const id = await anActiveEntity();
    const answer = await call(bench, `POST /v1/entities/${id}/reconcile`, { body: { repair: true } });
    expect(answer.statusCode).toBe(202);
    expect(json(answer)).toMatchObject({ pending: false, number: 1 });
    expect(bench.engine.delivered).toMatchObject([{ request: { kind: 'start-reconciliation', number: 1 } }]);
    const report = json(await call(bench, `GET /v1/entities/${id}/reconciliations/1`));
    expect(report).toMatchObject({ state: 'running', repair: true, origin: 'request', inStep: null });
    const second = await call(bench, `POST /v1/entities/${id}/reconcile`);
    expect(problem(second)).toMatchObject({ status: 409, code: 'reconciliation-open' });
  });

  it('is pending while Temporal is away', async () => {
    const id = await anActiveEntity();
    bench.engine.isAway();
    const answer = await call(bench, `POST /v1/entities/${id}/reconcile`, { body: {} });
    expect(answer.statusCode).toBe(202);
    expect(json(answer)).toMatchObject({ pending: true, number: 1 });
    bench.engine.reset();
  });

  it('is refused in words where a direction does not run', async () => {
    const id = await anActiveEntity();
    await call(bench, `PATCH /v1/entities/${id}`, { body: { pollingOn: false } });
    const off = problem(await call(bench, `POST /v1/entities/${id}/reconcile`));
    expect(off).toMatchObject({ status: 409, code: 'polling-off' });
    await bench.store.entities.setState(id, { stage: 'paused' });
    const paused = problem(await call(bench, `POST /v1/entities/${id}/reconcile`));
    expect(paused).toMatchObject({ status: 409, code: 'wrong-stage' });
    expect(json(await call(bench, `GET /v1/entities/${id}/reconciliations`))).toMatchObject({ items: [] });
  });
});

describe('a report', () => {
  it('names fields, and logins only with the scope sensitive', async () => {
    const id = await anActiveEntity();
    await call(bench, `POST /v1/entities/${id}/reconcile`);
    await finish(
      id,
      [
        { travellerId: 'T1', outcome: 'differs', fields: ['General/JobTitle'] },
        { login: 'stranger@example.test', outcome: 'only-there', fields: [], code: 'NotInHub', reason: 'r' },
      ],
      5,
    );
    const path = `/v1/entities/${id}/reconciliations/1`;
    expect(json(await call(bench, `GET ${path}`))).toMatchObject({
      ...{ state: 'completed', inStep: false },
      counts: { equal: 5, differs: 1, onlyThere: 1, onlyHere: 0 },
    });
    const open = json(await call(bench, `GET ${path}/items?outcome=only-there`));
    expect(open).toMatchObject({ items: [{ travellerId: null, concurLoginId: 'stranger@example.test' }] });
    const masked = await call(bench, `GET ${path}/items`, { key: bench.key('read') });
    expect(masked.body).not.toContain('stranger');
    expect(json(masked)).toMatchObject({
      items: [
        { travellerId: null, concurLoginId: '••••', outcome: 'only-there' },
        { travellerId: 'T1', concurLoginId: null, fields: ['General/JobTitle'] },
      ],
    });
  });

  it('is listed page by page, and 404 where there is none', async () => {
    const id = await anActiveEntity();
    for (const _ of [1, 2]) {
      await call(bench, `POST /v1/entities/${id}/reconcile`);
      const { items } = await bench.store.reconciliations.list(id, { limit: 10 });
      const number = items.at(-1)?.number ?? 0;
      await bench.store.reconciliations.end(id, number, { state: 'completed' }, { now: bench.clock.now() });
    }
    const list = `GET /v1/entities/${id}/reconciliations`;
    expect(json(await call(bench, `${list}?limit=1`))).toMatchObject({
      items: [{ number: 1 }],
      nextCursor: '1',
    });
    expect(json(await call(bench, `${list}?limit=1&cursor=1`))).toMatchObject({
      ...{ items: [{ number: 2, inStep: true }], nextCursor: null },
    });
    const unknown = problem(await call(bench, `${list}/9`));
    expect(unknown).toMatchObject({ status: 404, code: 'reconciliation-unknown' });
  });
});
