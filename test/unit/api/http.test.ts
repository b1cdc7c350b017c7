import { aBench, ALL, anEntity, type Bench, call, entityIn, parsed, problem } from './support';

let bench: Bench;
beforeAll(async () => {
  bench = await aBench();
  await entityIn(bench, 'acme', 'active');
});
afterEach(() => bench.engine.reset());
afterAll(() => bench.close());

describe('keys', () => {
  it.each(['', 'Basic abc', 'Bearer', 'Bearer wrong', 'Bearer two words'])(
    'wants one: "%s"',
    async (authorization) => {
      const answer = await call(bench, 'GET /v1/entities', { key: '', headers: { authorization } });
      expect(problem(answer).status).toBe(401);
      expect(answer.headers['www-authenticate']).toBe('Bearer');
    },
  );

  it('are checked before the body is read', async () => {
    const answer = await call(bench, 'POST /v1/entities', { key: 'wrong', body: { nonsense: true } });
    expect(problem(answer).status).toBe(401);
  });

  it.each([
    ['GET /v1/entities', ['read']],
    ['POST /v1/entities', ['write']],
    ['PATCH /v1/entities/acme', ['write']],
    ['POST /v1/entities/acme/poll', ['write']],
    ['GET /v1/entities/acme/travellers', ['read']],
    ['DELETE /v1/entities/acme/travellers/T1', ['write']],
    ['POST /v1/entities/acme/migrations/1/approve', ['write']],
    ['GET /v1/api-keys', ['admin']],
    ['POST /v1/api-keys', ['admin']],
    ['GET /v1/status', ['read']],
  ] as const)('%s needs the scope %s', async (line, scopes) => {
    const others = (['read', 'write', 'admin'] as const).filter((scope) => scope !== scopes[0]);
    for (const other of others) {
      const { status, code } = problem(await call(bench, line, { key: bench.key(other) }));
      expect({ other, status, code }).toEqual({ other, status: 403, code: 'scope-missing' });
    }
    expect((await call(bench, line, { key: bench.key(scopes[0]) })).statusCode).not.toBe(403);
  });
});

describe('every error is a problem', () => {
  const post = (payload: string, headers: Record<string, string>) =>
    bench.api.inject({
      method: 'POST',
      url: '/v1/entities',
      payload,
      headers: { authorization: `Bearer ${bench.key(...ALL)}`, ...headers },
    });
  const asJson = { 'content-type': 'application/json' };

  it('an unknown route', async () => {
    expect(problem(await call(bench, 'GET /v1/nothing'))).toMatchObject({
      status: 404,
      code: 'unknown-route',
    });
    expect(problem(await call(bench, 'PUT /v1/entities', { body: {} })).status).toBe(404);
  });

  it('a URL that is not encoded', async () => {
    const answer = await call(bench, 'GET /v1/entities/%zz');
    expect(problem(answer)).toMatchObject({ status: 400, code: 'bad-url' });
    expect(answer.body).not.toContain('%zz');
  });

  it('JSON that is none, and names that poison prototypes', async () => {
    const broken = await post('{"name": "Erika', asJson);
    expect(problem(broken)).toMatchObject({ status: 400, code: 'invalid-json' });
    expect(broken.body).not.toContain('Erika');
    expect(problem(await post('{"__proto__": {"x": 1}}', asJson)).status).toBe(400);
  });

  it('a body of another type', async () => {
    const answer = await post('<xml/>', { 'content-type': 'application/xml' });
    expect(problem(answer)).toMatchObject({ status: 415, code: 'unsupported-media-type' });
    expect(problem(await post('name=x', { 'content-type': 'text/plain' })).status).toBe(415);
  });

  it('a body that is too large', async () => {
    const answer = await post(JSON.stringify({ name: 'x'.repeat(1_100_000) }), asJson);
    expect(problem(answer)).toMatchObject({ status: 413, code: 'body-too-large' });
  });

  it('a body that is missing', async () => {
    expect(problem(await post('', asJson))).toMatchObject({ status: 422 });
  });

  it('a failure of ours, without its words', async () => {
    const list = jest
      .spyOn(bench.store.entities, 'list')
      .mockRejectedValue(new Error('Key (username)=(erika) exists'));
    const answer = await call(bench, 'GET /v1/entities');
    list.mockRestore();
    expect(problem(answer)).toMatchObject({ status: 500, code: 'internal' });
    expect(answer.body + bench.log.join('\n')).not.toContain('erika');
    expect(bench.log.join('\n')).toContain('request failed');
  });

  it('a database that is away', async () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    const list = jest.spyOn(bench.store.entities, 'list').mockRejectedValue(refused);
    const answer = await call(bench, 'GET /v1/entities');
    list.mockRestore();
    expect(problem(answer)).toMatchObject({ status: 503, code: 'store-unavailable' });
    expect(answer.headers['retry-after']).toBeDefined();
  });
});

describe('the access log', () => {
  it('names the route’s template and nothing of the request', async () => {
    bench.log.length = 0;
    const secret = 'rt-very-secret';
    await call(bench, 'GET /v1/entities?cursor=personal-cursor');
    await call(bench, 'PUT /v1/entities/acme/travellers/personal-id', {
      body: { username: 'erika@example.test', general: { firstName: 'Personalname' } },
    });
    await call(bench, 'PUT /v1/entities/acme/travellers/personal-id', { body: { username: 7, secret } });
    await bench.store.entities.setState('acme', { stage: 'awaiting-request-token' });
    await call(bench, 'POST /v1/entities/acme/request-token', { body: { requestToken: secret } });
    await call(bench, 'GET /v1/nothing/personal-path', { key: 'cnc_wrong-key' });
    await call(bench, 'GET /v1/entities/%zz-personal');
    const text = bench.log.join('\n');
    expect(text).not.toMatch(/personal|erika|Personalname|very-secret|wrong-key|cnc_|Bearer/i);
    const routes = bench.log.map((line) => parsed(line)['route']).filter(Boolean);
    expect(routes).toEqual([
      '/v1/entities',
      '/v1/entities/:id/travellers/:travellerId',
      '/v1/entities/:id/travellers/:travellerId',
      '/v1/entities/:id/request-token',
      'unknown',
    ]);
  });
});

describe('answers', () => {
  it('are never cached', async () => {
    const answer = await call(bench, 'GET /v1/entities/acme');
    expect(answer.headers).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
    });
  });

  it('stay the same when a body is sent twice at once', async () => {
    const answers = await Promise.all(
      [1, 2, 3].map(() => call(bench, 'POST /v1/entities', { body: anEntity('race') })),
    );
    expect(answers.map(({ statusCode }) => statusCode).sort()).toEqual([200, 200, 201]);
  });
});
