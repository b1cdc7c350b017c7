import { type Stage } from '../../../hub';
import { aBench, anEntity, aText, type Bench, call, entityIn, json, problem } from './support';

const TOKEN = 'rt-0a1b2c3d-made-up';

let bench: Bench;
beforeAll(async () => {
  bench = await aBench();
});
afterEach(() => {
  bench.engine.reset();
  bench.clock.reset();
});
afterAll(() => bench.close());

const stageOf = async (id: string): Promise<unknown> =>
  json(await call(bench, `GET /v1/entities/${id}`))['stage'];

describe('the window of the request token', () => {
  it('opens again from the time of issue', async () => {
    await entityIn(bench, 'reopened', 'requested');
    const answer = await call(bench, 'POST /v1/entities/reopened/request-token/window', {
      body: { issuedAt: '2026-03-02T06:00:00+00:00' },
    });
    expect(answer.statusCode).toBe(202);
    expect(json(answer)).toMatchObject({ pending: false, requestTokenExpiresAt: '2026-03-02T18:00:00.000Z' });
    expect(await stageOf('reopened')).toBe('awaiting-request-token');
    expect(bench.engine.delivered[0]?.request).toEqual({
      kind: 'open-window',
      issuedAt: Date.parse('2026-03-02T06:00:00Z'),
      expiresAt: Date.parse('2026-03-02T18:00:00Z'),
      support: {
        hours: '06:00–15:00 Europe/Zurich',
        from: Date.parse('2026-03-02T05:00:00Z'),
        until: Date.parse('2026-03-02T14:00:00Z'),
        lastChance: Date.parse('2026-03-02T14:00:00Z'),
      },
    });
  });

  it('opens without a body, also when one is announced', async () => {
    await entityIn(bench, 'bodiless', 'requested');
    const headers = { 'content-type': 'application/json' };
    const answer = await call(bench, 'POST /v1/entities/bodiless/request-token/window', { headers });
    expect(answer.statusCode).toBe(202);
  });

  it('refuses a time of issue in the future, and one that is over', async () => {
    await entityIn(bench, 'timed', 'requested');
    const url = 'POST /v1/entities/timed/request-token/window';
    const future = await call(bench, url, { body: { issuedAt: '2026-03-02T09:00:00Z' } });
    expect(problem(future).errors).toEqual([
      expect.objectContaining({ path: 'issuedAt', code: 'in-the-future' }),
    ]);
    const over = await call(bench, url, { body: { issuedAt: '2026-03-01T08:00:00Z' } });
    expect(problem(over)).toMatchObject({ status: 409, code: 'request-token-expired' });
    expect(await stageOf('timed')).toBe('requested');
  });

  it('is put back when the workflow refuses', async () => {
    await entityIn(bench, 'put-back', 'needs-reauthorisation');
    bench.engine.refuses('wrong-stage');
    const answer = await call(bench, 'POST /v1/entities/put-back/request-token/window');
    expect(problem(answer)).toMatchObject({ status: 409, code: 'wrong-stage' });
    expect(await stageOf('put-back')).toBe('needs-reauthorisation');
  });
});

describe('handing in the request token', () => {
  const handIn = (id: string, body: object = {}) =>
    call(bench, `POST /v1/entities/${id}/request-token`, { body: { requestToken: TOKEN, ...body } });

  it('vaults it before the lifecycle hears of its credential id', async () => {
    await entityIn(bench, 'vaulting', 'awaiting-request-token');
    let vaulted: unknown;
    bench.engine.answer = async ({ entityId, request }) => {
      if (request.kind === 'token-received') {
        vaulted = await bench.store.credentials.takeRequestToken(entityId, request.credentialId);
      }
      return { status: 'delivered' };
    };
    const answer = await handIn('vaulting');
    expect(answer.statusCode).toBe(202);
    expect(vaulted).toMatchObject({ token: TOKEN, expiresAt: new Date('2026-03-02T20:00:00Z') });
    expect(JSON.stringify(bench.engine.delivered)).not.toContain(TOKEN);
  });

  it('has no effect a second time, also when it is used up', async () => {
    await entityIn(bench, 'same-token', 'awaiting-request-token');
    const first = json(await handIn('same-token'));
    const again = await handIn('same-token');
    expect(again.statusCode).toBe(202);
    expect(json(again)).toEqual(first);
    await bench.store.credentials.deleteRequestToken('same-token', String(first['requestId']));
    await bench.store.entities.setState('same-token', { stage: 'active' });
    expect((await handIn('same-token')).statusCode).toBe(202);
    expect(bench.engine.kinds()).toEqual(['token-received']);
  });

  it('has no effect a second time while the entity waits for another one, and says why it waits', async () => {
    await entityIn(bench, 'used-up', 'awaiting-request-token');
    const first = json(await handIn('used-up'));
    await bench.store.credentials.deleteRequestToken('used-up', String(first['requestId']));
    const again = await handIn('used-up');
    expect([again.statusCode, json(again)]).toEqual([202, first]);
    // As the lifecycle leaves it when Concur refused the token.
    const waitingFor =
      'Support: ask Concur for a new request token. The one that was handed in was not taken.';
    await bench.store.entities.setState('used-up', {
      stage: 'requested',
      waitingFor,
      requestTokenIssuedAt: null,
      requestTokenExpiresAt: null,
    });
    const refused = await handIn('used-up');
    expect([refused.statusCode, json(refused)]).toEqual([202, first]);
    const inNewWindow = await handIn('used-up', { issuedAt: '2026-03-02T07:30:00Z' });
    expect([inNewWindow.statusCode, json(inNewWindow)]).toEqual([202, first]);
    expect(json(await call(bench, 'GET /v1/entities/used-up'))).toMatchObject({
      stage: 'requested',
      waitingFor,
      requestTokenExpiresAt: null,
    });
    expect(bench.engine.kinds()).toEqual(['token-received']);
  });

  it('is taken again after the sweep met a refusal of its workflow', async () => {
    await entityIn(bench, 'late-refusal', 'awaiting-request-token');
    bench.engine.isAway();
    const { requestId } = json(await handIn('late-refusal'));
    const id = String(requestId);
    await bench.store.credentials.forgetRequestToken('late-refusal', id);
    const refusal = { code: 'wrong-stage', reason: 'The entity is exchanging.' };
    await bench.store.requests.markRefused(id, refusal, { now: bench.clock.now() });
    expect(json(await call(bench, `GET /v1/requests/${id}`))).toMatchObject({
      pending: false,
      refused: { code: 'wrong-stage', message: 'The entity is exchanging.' },
    });
    bench.engine.reset();
    const again = json(await handIn('late-refusal'));
    expect(again).toMatchObject({ pending: false });
    expect(again['requestId']).not.toBe(id);
    expect(bench.engine.kinds()).toEqual(['token-received']);
    expect(json(await handIn('late-refusal'))).toEqual(again);
  });

  it('waits in the vault while Temporal is away', async () => {
    await entityIn(bench, 'vault-away', 'awaiting-request-token');
    bench.engine.isAway();
    const answer = json(await handIn('vault-away'));
    expect(answer).toEqual({ requestId: aText, pending: true });
    const request = json(await call(bench, `GET /v1/requests/${String(answer['requestId'])}`));
    expect(request).toMatchObject({ kind: 'token-received', pending: true, attempts: 1 });
    expect(json(await handIn('vault-away'))).toEqual(answer);
  });

  it('comes too late: nothing is kept and the stage goes back', async () => {
    await entityIn(bench, 'late', 'awaiting-request-token');
    bench.clock.advanceMinutes(720);
    expect(problem(await handIn('late'))).toMatchObject({ status: 409, code: 'request-token-expired' });
    expect(await stageOf('late')).toBe('requested');
    expect(bench.engine.delivered).toEqual([]);
    // Once the window is open again the same token is taken: nothing was kept of it.
    await call(bench, 'POST /v1/entities/late/request-token/window', {
      body: { issuedAt: '2026-03-02T19:00:00Z' },
    });
    expect((await handIn('late')).statusCode).toBe(202);
    expect(bench.engine.kinds()).toEqual(['open-window', 'token-received']);
  });

  it('opens its own window when the time of issue is given', async () => {
    await call(bench, 'POST /v1/entities', { body: anEntity('own-window', { caseOnly: true }) });
    bench.engine.reset();
    expect((await handIn('own-window', { issuedAt: '2026-03-02T07:00:00Z' })).statusCode).toBe(202);
    expect(bench.engine.kinds()).toEqual(['open-window', 'token-received']);
    expect(await stageOf('own-window')).toBe('awaiting-request-token');
  });

  it('may come early, before anybody opened a window: one begins now', async () => {
    await call(bench, 'POST /v1/entities', { body: anEntity('early', { caseOnly: true }) });
    bench.engine.reset();
    expect((await handIn('early')).statusCode).toBe(202);
    expect(bench.engine.kinds()).toEqual(['open-window', 'token-received']);
    const entity = json(await call(bench, 'GET /v1/entities/early'));
    expect(entity).toMatchObject({
      stage: 'awaiting-request-token',
      waitingFor: 'Nobody: the request token is there and is exchanged next.',
      requestTokenExpiresAt: '2026-03-02T20:00:00.000Z',
    });
    expect(json(await handIn('early'))).toMatchObject({ pending: false });
    expect(bench.engine.kinds()).toEqual(['open-window', 'token-received']);
  });

  it('comes too late also when its window was closed already', async () => {
    await entityIn(bench, 'closed', 'requested');
    await bench.store.entities.setState('closed', {
      requestTokenIssuedAt: null,
      requestTokenExpiresAt: null,
    });
    expect(problem(await handIn('closed'))).toMatchObject({ status: 409, code: 'request-token-expired' });
    expect(bench.engine.delivered).toEqual([]);
  });

  it('may be tried again in a window that was opened since', async () => {
    await entityIn(bench, 'retried', 'awaiting-request-token');
    const { requestId } = json(await handIn('retried'));
    // The exchange failed for our client secret: back to requested, the token still in the vault.
    await bench.store.entities.setState('retried', {
      stage: 'requested',
      requestTokenIssuedAt: null,
      requestTokenExpiresAt: null,
    });
    expect(json(await handIn('retried'))).toEqual({ requestId, pending: false });
    const again = await handIn('retried', { issuedAt: '2026-03-02T07:30:00Z' });
    expect(again.statusCode).toBe(202);
    expect(bench.engine.delivered.at(-1)?.request).toMatchObject({
      kind: 'token-received',
      credentialId: requestId,
    });
    const twice = await handIn('retried', { issuedAt: '2026-03-02T07:30:00Z' });
    expect(json(twice)).toEqual(json(again));
    expect(bench.engine.kinds()).toEqual(['token-received', 'open-window', 'token-received']);
  });

  it('is forgotten when the workflow refuses it, and taken in a later window', async () => {
    await entityIn(bench, 'refused-token', 'awaiting-request-token');
    let credentialId = '';
    bench.engine.answer = ({ request }) => {
      if (request.kind === 'token-received') credentialId = request.credentialId;
      return Promise.resolve({ status: 'refused', code: 'request-token-expired', message: 'Too late.' });
    };
    expect(problem(await handIn('refused-token')).code).toBe('request-token-expired');
    expect(await bench.store.credentials.takeRequestToken('refused-token', credentialId)).toBeUndefined();
    bench.engine.reset();
    expect((await handIn('refused-token', { issuedAt: '2026-03-02T07:30:00Z' })).statusCode).toBe(202);
    const received = bench.engine.delivered.at(-1)?.request;
    expect(received).toMatchObject({ kind: 'token-received' });
    if (received?.kind !== 'token-received') throw new Error('no token was handed over');
    const vaulted = await bench.store.credentials.takeRequestToken('refused-token', received.credentialId);
    expect(vaulted).toMatchObject({ token: TOKEN });
  });

  it('refuses another stage before anything is stored', async () => {
    await entityIn(bench, 'too-early', 'active');
    expect(problem(await handIn('too-early'))).toMatchObject({ status: 409, code: 'wrong-stage' });
    expect(bench.engine.delivered).toEqual([]);
  });
});

describe('commands to an entity', () => {
  const allowed: Readonly<Record<string, readonly Stage[]>> = {
    pause: ['active', 'paused'],
    resume: ['paused', 'exchanging', 'active', 'needs-reauthorisation'],
    poll: ['active'],
    publish: ['active'],
  };
  const stages: readonly Stage[] = [
    'requested',
    'migrating',
    'active',
    'paused',
    'offboarding',
    'offboarded',
  ];

  it.each(Object.keys(allowed))('%s only in the stages that allow it', async (action) => {
    await entityIn(bench, `acts-${action}`);
    for (const stage of stages) {
      await bench.store.entities.setState(`acts-${action}`, { stage });
      const { statusCode } = await call(bench, `POST /v1/entities/acts-${action}/${action}`);
      expect({ stage, statusCode }).toEqual({
        stage,
        statusCode: allowed[action]?.includes(stage) ? 202 : 409,
      });
    }
  });

  it('stores the command before it is delivered, under the id that is answered', async () => {
    await entityIn(bench, 'stored-first');
    let stored: unknown;
    bench.engine.answer = async ({ id }) => {
      stored = await bench.store.requests.get(id);
      return { status: 'delivered' };
    };
    const answer = await call(bench, 'POST /v1/entities/stored-first/poll', {
      body: { since: '2026-03-01T09:00:00+01:00' },
    });
    expect(stored).toMatchObject({ kind: 'poll', payload: { since: '2026-03-01T08:00:00.000Z' } });
    const { requestId } = json(answer);
    expect(json(await call(bench, `GET /v1/requests/${String(requestId)}`))).toMatchObject({
      pending: false,
    });
  });

  it('is pending while Temporal is away, even when the engine throws', async () => {
    await entityIn(bench, 'throwing');
    bench.engine.answer = () => Promise.reject(new Error('socket with a secret in its words'));
    const answer = await call(bench, 'POST /v1/entities/throwing/publish');
    expect(json(answer)).toMatchObject({ pending: true });
    expect(bench.log.join('\n')).not.toContain('secret in its words');
  });

  it('passes on why a workflow refuses, and does not deliver it again', async () => {
    await entityIn(bench, 'refusing');
    bench.engine.refuses('not-yet');
    const answer = await call(bench, 'POST /v1/entities/refusing/pause');
    expect(problem(answer)).toMatchObject({ status: 409, code: 'not-yet', detail: 'Not now.' });
    const waiting = await bench.store.requests.pending({ limit: 100, createdBefore: new Date('2027-01-01') });
    expect(waiting.filter(({ entityId }) => entityId === 'refusing')).toEqual([]);
    expect(await bench.store.requests.latest('refusing', 'pause')).toMatchObject({
      refusal: { code: 'not-yet', reason: 'Not now.' },
    });
  });

  it('erases only with the scope admin', async () => {
    await entityIn(bench, 'leaving');
    const url = 'POST /v1/entities/leaving/offboard';
    const refused = await call(bench, url, { body: { erase: true }, key: bench.key('read', 'write') });
    expect(problem(refused)).toMatchObject({ status: 403, code: 'scope-missing' });
    expect((await call(bench, url, { body: { erase: true } })).statusCode).toBe(202);
    expect(bench.engine.delivered[0]?.request).toEqual({ kind: 'offboard', erase: true });
  });
});
