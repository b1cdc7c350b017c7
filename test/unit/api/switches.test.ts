import { type Stage } from '../../../hub';
import { aBench, anEntity, type Bench, call, entityIn, json, problem } from './support';

let bench: Bench;
beforeAll(async () => {
  bench = await aBench();
});
afterEach(() => bench.engine.reset());
afterAll(() => bench.close());

const patch = (id: string, body: object) => call(bench, `PATCH /v1/entities/${id}`, { body });
const shown = async (id: string) => json(await call(bench, `GET /v1/entities/${id}`));

describe('the agency', () => {
  const agency = '/v1/agencies/default';

  it('has everything on from the start, and gives it to new entities', async () => {
    const on = { interfaceOn: true, pollingOn: true };
    expect(json(await call(bench, `GET ${agency}`))).toEqual({ id: 'default', name: 'default', ...on });
    const created = await call(bench, 'POST /v1/entities', { body: anEntity('on-from-the-start') });
    expect(json(created)).toMatchObject({ ...on, stage: 'awaiting-request-token' });
  });

  it('whose interface is off gets entities that wait for it, and for no token', async () => {
    const off = await call(bench, `PATCH ${agency}`, {
      body: { interfaceOn: false, name: 'Example Travel' },
    });
    expect(json(off)).toMatchObject({ name: 'Example Travel', interfaceOn: false, pollingOn: true });
    const created = await call(bench, 'POST /v1/entities', { body: anEntity('before-the-interface') });
    expect(json(created)).toMatchObject({ stage: 'requested', interfaceOn: false });
    expect(json(created)['waitingFor']).toContain('entity set before-the-interface interfaceOn=true');
    const window = 'POST /v1/entities/before-the-interface/request-token/window';
    expect(problem(await call(bench, window))).toMatchObject({ status: 409, code: 'interface-off' });
    await patch('before-the-interface', { interfaceOn: true });
    expect((await call(bench, window)).statusCode).toBe(202);
    await call(bench, `PATCH ${agency}`, { body: { interfaceOn: true } });
  });

  it('that is not known is named', async () => {
    const answer = problem(await call(bench, 'PATCH /v1/agencies/other', { body: { pollingOn: false } }));
    expect(answer).toMatchObject({ status: 404, code: 'agency-unknown' });
  });

  it('refuses what is no switch', async () => {
    const answer = problem(await call(bench, `PATCH ${agency}`, { body: { pollingOn: 'off' } }));
    expect(answer.errors).toEqual([expect.objectContaining({ path: 'pollingOn' })]);
  });
});

describe('an entity', () => {
  it('whose polling is off says so, is not polled, and still publishes', async () => {
    await entityIn(bench, 'unpolled', 'active');
    const nextPollAt = new Date('2026-03-02T08:05:00Z');
    await bench.store.entities.setState('unpolled', { nextPollAt });
    const off = await patch('unpolled', { pollingOn: false });
    expect(json(off)).toMatchObject({ pollingOn: false, nextPollAt: null, pending: false });
    expect(json(off)['waitingFor']).toMatch(/^Engineer: switch polling on \(/);
    expect(bench.engine.kinds()).toEqual(['change-switches']);
    expect(problem(await call(bench, 'POST /v1/entities/unpolled/poll'))).toMatchObject({
      status: 409,
      code: 'polling-off',
    });
    expect((await call(bench, 'POST /v1/entities/unpolled/publish')).statusCode).toBe(202);
    await patch('unpolled', { pollingOn: true });
    expect(await shown('unpolled')).toMatchObject({ nextPollAt: nextPollAt.toISOString() });
    expect((await call(bench, 'POST /v1/entities/unpolled/poll')).statusCode).toBe(202);
  });

  it('whose interface is off takes changes of travellers, and sends nothing', async () => {
    await entityIn(bench, 'silent', 'active');
    await patch('silent', { interfaceOn: false });
    for (const action of ['poll', 'publish']) {
      const refused = problem(await call(bench, `POST /v1/entities/silent/${action}`));
      expect(refused).toMatchObject({ status: 409, code: 'interface-off' });
    }
    const written = await call(bench, 'PUT /v1/entities/silent/travellers/T1', {
      body: { username: 'silent@example.test' },
    });
    expect(written.statusCode).toBe(201);
    expect(await shown('silent')).toMatchObject({ counts: { pending: 1 } });
  });

  it.each<Stage>(['exchanging', 'migrating'])('in stage %s keeps its interface', async (stage) => {
    const id = `busy-${stage}`;
    await entityIn(bench, id, stage);
    expect(problem(await patch(id, { interfaceOn: false }))).toMatchObject({ code: 'wrong-stage' });
    expect(await shown(id)).toMatchObject({ interfaceOn: true });
    expect((await patch(id, { pollingOn: false })).statusCode).toBe(200);
  });

  it('with an open migration keeps its interface until that is ended', async () => {
    await entityIn(bench, 'moving', 'active');
    const { store, clock } = bench;
    const { number } = await store.migrations.create('moving', 'merge', { now: clock.now() });
    expect(problem(await patch('moving', { interfaceOn: false }))).toMatchObject({
      status: 409,
      code: 'migration-open',
    });
    expect(await shown('moving')).toMatchObject({ interfaceOn: true });
    await store.migrations.updateMigration('moving', number, { state: 'cancelled' });
    expect((await patch('moving', { interfaceOn: false })).statusCode).toBe(200);
  });

  it('that is paused is not told: its loops look when they go on', async () => {
    await entityIn(bench, 'resting', 'paused');
    await patch('resting', { pollingOn: false });
    expect(bench.engine.kinds()).toEqual([]);
  });

  it('shows that the loops have not heard of it yet', async () => {
    await entityIn(bench, 'unheard', 'active');
    bench.engine.isAway();
    expect(json(await patch('unheard', { pollingOn: false }))).toMatchObject({ pending: true });
  });
});
