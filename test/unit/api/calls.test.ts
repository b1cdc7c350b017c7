import { type CallRecord as ConcurCall, clientIdTail, createOriginGate, createSend } from '../../../concur';
import { type ApiScope } from '../../../hub';
import { countingIds } from '../../support/hub/stores';
import { CallJournal } from '../../../workers/journal';
import { pino } from 'pino';
import { aBench, type Bench, call, entityIn, json, problem } from './support';

const CLIENT_ID = 'canary-client-id-000abc123';
/** None of them may be seen anywhere: database, answers, texts. */
const SECRETS = {
  token: 'canary-access-token-1',
  secret: 'canary-client-secret-2',
  request: 'canary-request-token-3',
  password: 'canary-password-4',
  echoed: 'canary-refresh-token-5',
};
const ORIGIN = 'https://us2.api.concursolutions.com';

let bench: Bench;
let noted: ConcurCall[];
beforeAll(async () => {
  bench = await aBench({ application: { name: 'Example App', clientIdTail: clientIdTail(CLIENT_ID) } });
  await entityIn(bench, 'acme', 'active');
  await entityIn(bench, 'other', 'active');
  await bench.store.entities.patch('acme', { ids: { outtaskId: 'o-17', companyId: 'c-18' } });
  await journalled();
});
afterAll(() => bench.close());

/** What a worker would journal of three calls: one succeeds, one is refused, one exchanges a token in vain. */
async function journalled(): Promise<void> {
  noted = [];
  let sent = 0;
  const answers = [
    { status: 200, headers: {}, body: '<ProfileResponse/>' },
    {
      status: 400,
      headers: {
        'concur-correlationid': 'theirs-2',
        date: 'Sat, 01 Aug 2026 12:00:07 GMT',
        'set-cookie': 'x',
      },
      body: `<Error><Message>FirstName of erika is odd, and ${SECRETS.password} too</Message></Error>`,
    },
    {
      status: 400,
      headers: {},
      body: JSON.stringify({ code: 5, refresh_token: SECRETS.echoed, error_description: CLIENT_ID }),
    },
  ];
  const send = createSend({
    gate: createOriginGate([]),
    transport: () => Promise.resolve(answers[sent - 1] ?? { status: 500, headers: {}, body: '' }),
    now: () => bench.clock.now(),
    newId: () => `ours-${(sent += 1)}`,
    timeoutMs: 1,
    unavailableDelayMs: 1,
    retryBaseMs: 1,
    onCall: (record) => noted.push(record),
  });
  const path = '/api/travelprofile/v2.0/profile';
  const headers = { authorization: `Bearer ${SECRETS.token}`, 'content-type': 'application/xml' };
  const common = { origin: ORIGIN, path, template: path, headers, user: 'erika@example.test' } as const;
  await send({ ...common, function: 'readProfile', method: 'GET' });
  await send({
    ...common,
    function: 'createProfile',
    method: 'POST',
    body: `<ProfileResponse><FirstName>Erika</FirstName><Password>${SECRETS.password}</Password></ProfileResponse>`,
  });
  await send({
    function: 'exchangeRequestToken',
    method: 'POST',
    origin: ORIGIN,
    path: '/oauth2/v0/token',
    template: '/oauth2/v0/token',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({
      client_id: CLIENT_ID,
      client_secret: SECRETS.secret,
      grant_type: 'password',
      password: SECRETS.request,
    }).toString(),
  });
  const journal = new CallJournal({
    calls: bench.store.calls,
    log: pino({ level: 'silent' }),
    ids: countingIds('call'),
  });
  for (const record of noted) journal.note('acme', record);
  await journal.flush();
}

const items = async (query: string): Promise<unknown> =>
  json(await call(bench, `GET /v1/calls${query}`))['items'];
const caseOf = async (n: number, ...scopes: readonly ApiScope[]): Promise<Record<string, unknown>> =>
  json(await call(bench, `GET /v1/calls/call00000${n}/support-case`, { key: bench.key(...scopes) }));

describe('calls', () => {
  it('are listed without who and what, by entity, correlation id, failure and function, page by page', async () => {
    expect(await items('?entity=acme')).toMatchObject([
      {
        function: 'readProfile',
        status: 200,
        errorCode: null,
        correlationId: null,
        correlationIdSent: 'ours-1',
      },
      {
        id: 'call000002',
        function: 'createProfile',
        origin: ORIGIN,
        status: 400,
        errorCode: 'HTTP-400',
        correlationId: 'theirs-2',
        correlationIdSent: 'ours-2',
        serverDate: '2026-08-01T12:00:07.000Z',
      },
      { function: 'exchangeRequestToken', status: 400 },
    ]);
    expect(await items('?entity=other')).toEqual([]);
    for (const id of ['theirs-2', 'ours-2']) {
      expect(await items(`?correlationId=${id}`)).toMatchObject([{ id: 'call000002' }]);
    }
    expect(await items('?failed=true&order=desc')).toMatchObject([
      { id: 'call000003' },
      { id: 'call000002' },
    ]);
    expect(await items('?function=readProfile')).toMatchObject([{ id: 'call000001' }]);
    expect(await items('?since=2099-01-01T00:00:00Z')).toEqual([]);
    const first = json(await call(bench, 'GET /v1/calls?limit=2&order=desc'));
    expect(first['nextCursor']).toBe('call000002');
    expect(await items('?limit=2&order=desc&cursor=call000002')).toMatchObject([{ id: 'call000001' }]);
    expect((await call(bench, 'GET /v1/calls')).body).not.toContain('erika');
    expect(problem(await call(bench, 'GET /v1/calls?since=yesterday')).status).toBe(422);
  });

  it('are shown one by one', async () => {
    expect(json(await call(bench, 'GET /v1/calls/call000002'))).toMatchObject({ function: 'createProfile' });
    for (const path of ['nobody', 'nobody/support-case']) {
      expect(problem(await call(bench, `GET /v1/calls/${path}`))).toMatchObject({
        status: 404,
        code: 'call-unknown',
      });
    }
  });
});

describe('a support case', () => {
  it('names everything that SAP asks for', async () => {
    const shown = await caseOf(2, 'read', 'sensitive');
    expect(shown).toMatchObject({
      application: 'Example App',
      clientId: '…abc123',
      correlationId: 'theirs-2',
      correlationIdSent: 'ours-2',
      company: { name: 'ACME Germany', id: 'c-18', uuid: '7b1b1f0e-0000-4000-8000-000000000001' },
      entityId: 'o-17',
      hubEntityId: 'acme',
      travelConfigId: '104',
      user: 'erika@example.test',
      function: 'createProfile',
      serverDate: '2026-08-01T12:00:07.000Z',
      status: 400,
      bodies: 'kept',
      request: {
        method: 'POST',
        url: `${ORIGIN}/api/travelprofile/v2.0/profile`,
        headers: { authorization: '[redacted]', 'concur-correlationid': 'ours-2' },
        body: '<ProfileResponse><FirstName>Erika</FirstName><Password>[redacted]</Password></ProfileResponse>',
      },
      response: {
        headers: { 'set-cookie': '[redacted]' },
        body: '<Error><Message>FirstName of erika is odd, and [redacted] too</Message></Error>',
      },
    });
    const text = String(shown['text']);
    for (const part of [
      'Example App',
      '…abc123',
      'theirs-2',
      'c-18',
      'o-17',
      '104',
      'erika@',
      'Sat, 01 Aug',
    ]) {
      expect(text).toContain(part);
    }
  });

  it('hides who and what from a key without the scope `sensitive`', async () => {
    const shown = await caseOf(2, 'read');
    expect(shown).toMatchObject({
      bodies: 'masked',
      user: '••••',
      request: { headers: null, body: null },
      response: { headers: null, body: null },
    });
    expect(JSON.stringify(shown)).not.toMatch(/erika|Erika/);
    expect(String(shown['text'])).toContain('scope sensitive');
  });

  it('of a success says that bodies are not kept', async () => {
    const shown = await caseOf(1, 'read', 'sensitive');
    expect(shown).toMatchObject({ bodies: 'not-kept', user: 'erika@example.test', errorCode: null });
    expect(String(shown['text'])).toContain('no headers and bodies are kept');
  });

  it('holds no secret and no more of the client id, nor does the row it is made from', async () => {
    const cases = await Promise.all([1, 2, 3].map((n) => caseOf(n, 'read', 'sensitive')));
    const contents = await Promise.all([1, 2, 3].map((n) => bench.store.calls.get(`call00000${n}`)));
    const all = JSON.stringify([cases, contents, noted]) + bench.log.join('\n');
    expect(all).toContain('…abc123');
    expect(all).not.toContain('0abc123');
    for (const secret of Object.values(SECRETS)) expect(all).not.toContain(secret);
  });

  it('of an entity that was erased says that they are gone', async () => {
    await bench.store.calls.add([
      {
        ...{ id: 'late', entityId: 'other', at: bench.clock.now(), system: 'concur', method: 'GET' },
        ...{ route: '/r', durationMs: 1, errorCode: 'timeout', content: { user: 'erika' } },
      },
    ]);
    await bench.store.entities.shred('other', { now: bench.clock.now() });
    const shown = json(await call(bench, 'GET /v1/calls/late/support-case'));
    expect(shown).toMatchObject({ bodies: 'gone', user: null, response: null });
    expect(String(shown['text'])).toContain('no longer there');
  });
});

describe('POST /v1/keys/rotate', () => {
  it('says how far it came, as often as it is asked', async () => {
    for (const _time of [1, 2]) {
      const answer = await call(bench, 'POST /v1/keys/rotate', { body: {} });
      expect([answer.statusCode, json(answer)]).toEqual([
        200,
        { rotated: 0, remaining: 0, activeKeyId: 'k1', unreadable: [] },
      ]);
    }
  });
});
