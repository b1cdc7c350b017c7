import {
  aBench,
  anEntity,
  aNumber,
  aText,
  type Bench,
  call,
  entityIn,
  json,
  problem,
  textWith,
} from './support';

let bench: Bench;
beforeAll(async () => {
  bench = await aBench();
  await entityIn(bench, 'acme', 'active');
  await call(bench, 'PUT /v1/entities/acme/travellers/T1', { body: { username: 'T1@example.test' } });
});
afterEach(() => {
  bench.engine.reset();
  bench.clock.advanceMinutes(1);
});
afterAll(() => bench.close());

/** Quarantines a record and answers its id. */
async function quarantined(direction: 'pull' | 'publish', entityId = 'acme'): Promise<string> {
  await bench.store.quarantine.open(
    [
      {
        entityId,
        direction,
        ...(direction === 'publish' ? { travellerId: 'T1' } : { loginId: 'stranger@concur.test' }),
        code: 'W002',
        field: 'General/FirstName',
        reason: 'is longer than Concur takes',
        message: 'FirstName Erikaaaaa is too long',
        correlationId: 'c-1',
      },
    ],
    { now: bench.clock.now() },
  );
  const { items } = await bench.store.quarantine.list({ limit: 10, entityId, direction });
  return items[0]?.id ?? 'none';
}

describe('quarantine', () => {
  it('is listed with every field, by entity', async () => {
    const id = await quarantined('publish');
    const list = json(await call(bench, 'GET /v1/quarantine?entity=acme&direction=publish'));
    expect(list).toMatchObject({
      items: [
        {
          id,
          entityId: 'acme',
          travellerId: 'T1',
          loginId: null,
          direction: 'publish',
          code: 'W002',
          field: 'General/FirstName',
          reason: 'is longer than Concur takes',
          correlationId: 'c-1',
          attempts: aNumber,
          firstAt: aText,
          lastAt: aText,
        },
      ],
      nextCursor: null,
    });
    expect(json(await call(bench, 'GET /v1/quarantine?entity=other'))['items']).toEqual([]);
  });

  it('shows Concur’s own text only with the scope sensitive', async () => {
    const id = await quarantined('publish');
    expect(json(await call(bench, `GET /v1/quarantine/${id}`))['message']).toContain('Erikaaaaa');
    const answer = await call(bench, `GET /v1/quarantine/${id}`, { key: bench.key('read') });
    expect(json(answer)['message']).toBeNull();
  });

  it('is tried again at once in an active entity', async () => {
    const publish = await call(bench, `POST /v1/quarantine/${await quarantined('publish')}/retry`);
    expect([publish.statusCode, json(publish)['pending']]).toEqual([202, false]);
    await call(bench, `POST /v1/quarantine/${await quarantined('pull')}/retry`);
    expect(bench.engine.kinds()).toEqual(['publish', 'poll']);
  });

  it('is only freed while the entity is paused', async () => {
    await entityIn(bench, 'resting', 'paused');
    const id = await quarantined('pull', 'resting');
    const answer = await call(bench, `POST /v1/quarantine/${id}/retry`);
    expect(json(answer)).toEqual({ requestId: null, pending: true });
    expect(bench.engine.delivered).toEqual([]);
  });

  it('is closed by dismissing, and opened again by a retry', async () => {
    const id = await quarantined('pull');
    expect((await call(bench, `POST /v1/quarantine/${id}/dismiss`)).statusCode).toBe(202);
    expect(json(await call(bench, 'GET /v1/quarantine?direction=pull&entity=acme'))['items']).toEqual([]);
    const closed = json(await call(bench, 'GET /v1/quarantine?direction=pull&entity=acme&closed=true'));
    expect(closed['items']).toEqual([expect.objectContaining({ id, resolution: 'dismissed' })]);
    expect((await call(bench, `POST /v1/quarantine/${id}/retry`)).statusCode).toBe(202);
    const open = json(await call(bench, 'GET /v1/quarantine?direction=pull&entity=acme'));
    expect(open['items']).toEqual([expect.objectContaining({ id })]);
    await bench.store.quarantine.resolve(id, { now: bench.clock.now() });
    const retry = await call(bench, `POST /v1/quarantine/${id}/retry`);
    expect(problem(retry)).toMatchObject({ status: 409, code: 'quarantine-closed' });
  });

  it.each(['GET /v1/quarantine/none', 'POST /v1/quarantine/none/retry', 'POST /v1/quarantine/none/dismiss'])(
    '%s is 404',
    async (line) => {
      expect(problem(await call(bench, line)).status).toBe(404);
    },
  );
});

describe('conflicts', () => {
  it('show values only with the scope sensitive', async () => {
    await bench.store.sync.transaction((tx) =>
      tx.addConflicts(
        [
          {
            entityId: 'acme',
            travellerId: 'T1',
            section: 'passports',
            slot: 'passports[EXAMPLE-1]',
            hubValue: { passportNumber: 'EXAMPLE-1' },
            winner: 'concur',
          },
        ],
        bench.clock.now(),
      ),
    );
    const plain = await call(bench, 'GET /v1/conflicts?entity=acme', { key: bench.key('read') });
    expect(plain.body).not.toContain('EXAMPLE-1');
    expect(json(plain)).toMatchObject({
      items: [{ travellerId: 'T1', section: 'passports', winner: 'concur', restoredAt: null }],
    });
    expect(json(await call(bench, 'GET /v1/conflicts?traveller=T1'))).toMatchObject({
      items: [{ slot: 'passports[EXAMPLE-1]', hubValue: { passportNumber: 'EXAMPLE-1' }, concurValue: null }],
    });
  });
});

describe('events and requests', () => {
  it('lists events by entity', async () => {
    await bench.store.events.add({
      id: 'ev-1',
      entityId: 'acme',
      at: bench.clock.now(),
      kind: 'token-reminder',
      message: 'One hour is left.',
    });
    expect(json(await call(bench, 'GET /v1/events?entity=acme&kind=token-reminder'))).toMatchObject({
      items: [
        { id: 'ev-1', entityId: 'acme', kind: 'token-reminder', message: 'One hour is left.', dueAt: null },
      ],
    });
  });

  it('knows no request that was never made', async () => {
    expect(problem(await call(bench, 'GET /v1/requests/none'))).toMatchObject({ status: 404 });
  });
});

describe('API keys', () => {
  it('are shown once, work, and are revoked', async () => {
    const created = await call(bench, 'POST /v1/api-keys', {
      body: { name: 'feed', scopes: ['read', 'read'] },
    });
    expect(created.statusCode).toBe(201);
    const { id, key, scopes } = json(created);
    expect(scopes).toEqual(['read']);
    expect((await call(bench, 'GET /v1/entities', { key: String(key) })).statusCode).toBe(200);
    expect((await call(bench, 'GET /v1/api-keys')).body).not.toContain(String(key));
    expect((await call(bench, `DELETE /v1/api-keys/${String(id)}`)).statusCode).toBe(204);
    expect(problem(await call(bench, 'GET /v1/entities', { key: String(key) }))).toMatchObject({
      status: 401,
    });
    expect(problem(await call(bench, 'DELETE /v1/api-keys/none')).status).toBe(404);
  });

  it('cannot be given more than their maker has', async () => {
    const answer = await call(bench, 'POST /v1/api-keys', {
      body: { name: 'climber', scopes: ['admin', 'sensitive'] },
      key: bench.key('admin'),
    });
    expect(problem(answer)).toMatchObject({ status: 403, code: 'scope-missing' });
  });

  it('keep the bootstrap key', async () => {
    expect(problem(await call(bench, 'DELETE /v1/api-keys/bootstrap'))).toMatchObject({
      status: 409,
      code: 'bootstrap-key',
    });
  });
});

describe('status and health', () => {
  it('counts the fleet', async () => {
    expect(json(await call(bench, 'GET /v1/status'))).toMatchObject({
      version: textWith(/^\d+\.\d+\.\d+/),
      temporal: true,
      worker: true,
      entities: { total: 2, byStage: { active: 1, paused: 1 }, byHealth: { ok: 2, degraded: 0, failing: 0 } },
      travellers: { travellers: 1 },
      quarantined: aNumber,
      dirty: aNumber,
    });
  });

  it('counts the fleet as it is now, and once for all who ask at the same time', async () => {
    const counts = jest.spyOn(bench.store.fleet, 'status');
    const asked = await Promise.all([1, 2, 3].map(() => call(bench, 'GET /v1/status')));
    expect(asked.map(({ statusCode }) => statusCode)).toEqual([200, 200, 200]);
    expect(counts).toHaveBeenCalledTimes(1);
    counts.mockRestore();
    await call(bench, 'POST /v1/entities', { body: anEntity('counted-at-once') });
    expect(json(await call(bench, 'GET /v1/status'))).toMatchObject({
      entities: { byStage: { 'awaiting-request-token': 1 } },
    });
    await bench.store.entities.setState('counted-at-once', { stage: 'offboarded' });
  });

  it('is ready without Temporal, and says so', async () => {
    bench.engine.isAway();
    const answer = await call(bench, 'GET /health/ready', { key: '' });
    expect(answer.statusCode).toBe(200);
    expect(json(answer)).toMatchObject({ status: 'ready', store: true, temporal: false, worker: false });
    expect((await call(bench, 'GET /health/live', { key: '' })).statusCode).toBe(200);
  });

  it('is not ready without the store', async () => {
    const ping = jest.spyOn(bench.store, 'ping').mockResolvedValue(false);
    const answer = await call(bench, 'GET /health/ready', { key: '' });
    expect(problem(answer)).toMatchObject({ status: 503, code: 'not-ready' });
    ping.mockRestore();
  });
});
