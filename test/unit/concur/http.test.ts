import {
  isConcurTimeout,
  isConcurUnavailable,
  isNotAllowedOrigin,
  isUnexpectedAnswer,
} from '../../../concur';
import { type Call, MAX_ANSWER_BYTES } from '../../../concur/http';
import { aConcurWorld, NOW } from '../../support/concur/world';
import { ELSEWHERE, HOME } from '../../support/concur/tokens';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

const aCall = (changes: Partial<Call> = {}): Call => ({
  function: 'example',
  method: 'POST',
  origin: HOME,
  path: '/example?login=ada%40example.test',
  template: '/example',
  headers: { 'content-type': 'application/xml' },
  body: '<a>é</a>',
  ...changes,
});

const failureOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('Sending', () => {
  it('names the length in bytes, a correlation id of ours, and asks for nothing packed', async () => {
    const world = aConcurWorld();
    world.at(HOME, () => ({}));
    await world.send(aCall());
    expect(world.seen[0]?.headers).toEqual({
      'content-type': 'application/xml',
      'content-length': '9',
      'accept-encoding': 'identity',
      'concur-correlationid': expect.stringMatching(UUID) as string,
    });
  });

  it('keeps Concur’s correlation id and clock', async () => {
    const world = aConcurWorld();
    world.at(HOME, () => ({
      body: 'fine',
      headers: { 'Concur-CorrelationId': 'theirs-1', Date: 'Sat, 01 Aug 2026 12:00:07 GMT' },
    }));
    await expect(world.send(aCall())).resolves.toMatchObject({
      status: 200,
      body: 'fine',
      correlationId: 'theirs-1',
      serverDate: new Date('2026-08-01T12:00:07Z'),
    });
  });

  it('tells the journal of a success without bodies and queries', async () => {
    const world = aConcurWorld();
    world.at(HOME, () => ({ status: 202, body: 'x', headers: { 'concur-correlationid': 'theirs-2' } }));
    await world.send(aCall());
    expect(world.journal).toEqual([
      {
        function: 'example',
        method: 'POST',
        origin: HOME,
        template: '/example',
        status: 202,
        outcome: 'answered',
        correlationIdSent: expect.stringMatching(UUID) as string,
        correlationId: 'theirs-2',
        startedAt: NOW,
        durationMs: 0,
      },
    ]);
  });

  it('keeps of a failure what was sent and what came, without secrets', async () => {
    const world = aConcurWorld();
    const secret = 'token-of-nobody-123';
    world.at(HOME, () => ({
      status: 503,
      body: `<Error><Message>${secret} is refused</Message></Error>`,
      headers: { 'set-cookie': 'session=of-nobody', date: 'Sat, 01 Aug 2026 12:00:07 GMT' },
    }));
    const headers = { 'content-type': 'application/xml', authorization: `Bearer ${secret}` };
    await world.send(aCall({ headers, body: '<a><Password>hidden-1</Password>é</a>', user: 'ada' }));
    expect(world.journal).toMatchObject([
      {
        failure: 'HTTP-503',
        user: 'ada',
        serverDate: new Date('2026-08-01T12:00:07Z'),
        evidence: {
          url: `${HOME}/example?login=ada%40example.test`,
          requestHeaders: {
            authorization: '[redacted]',
            'content-type': 'application/xml',
            'concur-correlationid': expect.stringMatching(UUID) as string,
          },
          requestBody: '<a><Password>[redacted]</Password>é</a>',
          responseHeaders: { 'set-cookie': '[redacted]' },
          responseBody: '<Error><Message>[redacted] is refused</Message></Error>',
        },
      },
    ]);
    expect(JSON.stringify(world.journal)).not.toMatch(/of-nobody|hidden-1/);
  });

  it('leaves the judgement of an answer to who knows what was asked', async () => {
    const world = aConcurWorld();
    world.at(HOME, () => ({ status: 200, body: 'no' }));
    await world.send(aCall({ failureOf: ({ body }) => (body === 'no' ? 'E001' : undefined) }));
    expect(world.journal).toMatchObject([{ status: 200, failure: 'E001', evidence: { responseBody: 'no' } }]);
  });

  it('tells the journal of an answer that is no text, without its bytes', async () => {
    const world = aConcurWorld();
    world.at(HOME, () => ({ body: Buffer.from([0xff, 0xfe, 0x41]) }));
    await failureOf(world.send(aCall()));
    expect(world.journal).toMatchObject([{ status: 200, failure: 'answer-encoding' }]);
    expect(world.journal[0]?.evidence).not.toHaveProperty('responseBody');
  });

  it('follows no redirect', async () => {
    const world = aConcurWorld();
    world.at(HOME, () => ({ status: 302, headers: { location: `${ELSEWHERE}/stolen` } }));
    world.at(ELSEWHERE, () => ({ body: 'never' }));
    await expect(world.send(aCall())).resolves.toMatchObject({ status: 302 });
    expect(world.seen.map(({ origin }) => origin)).toEqual([HOME]);
  });

  it.each([
    ['an origin that is not allowed', { origin: 'https://evil.test' }],
    ['a path that leads to another host', { path: '//evil.test/x' }],
  ])('sends nothing to %s', async (_what, changes) => {
    const world = aConcurWorld();
    world.at('https://evil.test', () => ({}));
    const error = await failureOf(world.send(aCall(changes)));
    expect(isNotAllowedOrigin(error)).toBe(true);
    expect(world.seen).toEqual([]);
    expect(world.journal).toMatchObject([{ outcome: 'refused-origin' }]);
  });

  it('gives up at the deadline, headers and body included', async () => {
    const world = aConcurWorld({ timeoutMs: 30 });
    world.agent
      .get(HOME)
      .intercept({ path: () => true, method: 'POST' })
      .reply(200, 'late')
      .delay(5_000);
    const error = await failureOf(world.send(aCall()));
    expect(isConcurTimeout(error)).toBe(true);
    expect(error).toMatchObject({ failureClass: 'retry', retryAfterMs: 300_000, code: 'ConcurTimeout' });
    expect(world.journal).toMatchObject([{ outcome: 'timeout' }]);
  });

  it('says what the system said when Concur cannot be reached', async () => {
    const world = aConcurWorld();
    const refused = Object.assign(new Error('connect to 192.0.2.1'), { code: 'ECONNREFUSED' });
    world.agent
      .get(HOME)
      .intercept({ path: () => true, method: 'POST' })
      .replyWithError(refused);
    const error = await failureOf(world.send(aCall()));
    expect(isConcurUnavailable(error)).toBe(true);
    expect(String(error)).toContain('(ECONNREFUSED)');
    expect(String(error)).not.toContain('192.0.2.1');
  });

  it('reads no endless answer', async () => {
    const world = aConcurWorld();
    world.at(HOME, () => ({ body: Buffer.alloc(MAX_ANSWER_BYTES + 1) }));
    expect(isUnexpectedAnswer(await failureOf(world.send(aCall())))).toBe(true);
  });

  it('reads other encodings and never replaces a byte by a question mark', async () => {
    const world = aConcurWorld();
    const bytes = Buffer.from('<?xml version="1.0" encoding="iso-8859-1"?><a>é</a>', 'latin1');
    world.at(HOME, ({ path }) => ({
      body: bytes,
      ...(path === '/bad' ? { headers: { 'content-type': 'application/xml; charset=utf-8' } } : {}),
    }));
    await expect(world.send(aCall({ path: '/good' }))).resolves.toMatchObject({
      body: expect.stringContaining('<a>é</a>') as string,
    });
    await expect(world.send(aCall({ path: '/bad' }))).rejects.toMatchObject({ code: 'answer-encoding' });
  });
});
