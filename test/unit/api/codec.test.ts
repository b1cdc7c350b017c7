import { aBench, type Bench, type Call, call, json, problem, SETTINGS, UI_ORIGIN } from './support';

let bench: Bench;
beforeAll(async () => {
  bench = await aBench();
});
afterAll(() => bench.close());

const body = { payloads: [{ metadata: { encoding: base64('binary/encrypted') }, data: base64('abc') }] };
const LOCAL = { origin: UI_ORIGIN, host: '127.0.0.1:8080' };

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
const decode = (options: Call) => call(bench, 'POST /codec/decode', { body, ...options });

describe('the codec endpoint', () => {
  it('opens payloads for the Temporal UI on this machine without a key', async () => {
    const answer = await decode({ key: '', headers: { ...LOCAL, 'x-namespace': 'default' } });
    expect(answer.statusCode).toBe(200);
    expect(json(answer)).toEqual({
      payloads: [{ metadata: { encoding: base64('binary/encrypted') }, data: base64('cba') }],
    });
    expect(answer.headers).toMatchObject({
      'access-control-allow-origin': UI_ORIGIN,
      'access-control-allow-credentials': 'true',
    });
  });

  it('also when the machine is named localhost', async () => {
    const answer = await decode({ key: '', headers: { ...LOCAL, host: 'localhost:8080' } });
    expect(answer.statusCode).toBe(200);
  });

  it.each([
    ['no origin', { host: LOCAL.host }],
    ['another origin', { ...LOCAL, origin: 'http://127.0.0.1:9999' }],
    ['an origin that only begins like the UI’s', { ...LOCAL, origin: `${UI_ORIGIN}.evil.test` }],
    ['the origin null', { ...LOCAL, origin: 'null' }],
    ['a foreign name that points here', { ...LOCAL, host: 'evil.test:8080' }],
    ['another port', { ...LOCAL, host: '127.0.0.1:9090' }],
    ['a proxy in between', { ...LOCAL, 'x-forwarded-for': '203.0.113.7' }],
  ])('wants a key with %s', async (_case, headers) => {
    const answer = await decode({ key: '', headers });
    expect(problem(answer)).toMatchObject({ status: 401 });
    const isUi = 'origin' in headers && headers.origin === UI_ORIGIN;
    expect(answer.headers['access-control-allow-origin']).toBe(isUi ? UI_ORIGIN : undefined);
    expect((await decode({ key: bench.key('read'), headers })).statusCode).toBe(200);
  });

  it('wants a key from beyond loopback', async () => {
    const answer = await bench.api.inject({
      method: 'POST',
      url: '/codec/decode',
      payload: body,
      headers: LOCAL,
      remoteAddress: '192.0.2.1',
    });
    expect(answer.statusCode).toBe(401);
  });

  it('wants the scope write to seal', async () => {
    const url = 'POST /codec/encode';
    expect(problem(await call(bench, url, { body, key: bench.key('read') })).status).toBe(403);
    expect((await call(bench, url, { body, key: bench.key('write') })).statusCode).toBe(200);
  });

  it('answers the preflight of the UI’s origin and of no other', async () => {
    const ask = (origin: string) =>
      call(bench, 'OPTIONS /codec/decode', {
        key: '',
        headers: { origin, 'access-control-request-method': 'POST' },
      });
    const granted = await ask(UI_ORIGIN);
    expect([granted.statusCode, granted.body]).toEqual([204, '']);
    expect(granted.headers['access-control-allow-origin']).toBe(UI_ORIGIN);
    expect(granted.headers['access-control-allow-headers']).toContain('x-namespace');
    const refused = await ask('http://evil.test');
    expect(Object.keys(refused.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });

  it('refuses what is no payload, and hides why one cannot be opened', async () => {
    const bad = await call(bench, 'POST /codec/decode', { body: { payloads: [{ data: '???' }] } });
    expect(problem(bad)).toMatchObject({ status: 422, errors: [{ path: 'payloads[0].data' }] });
  });
});

describe('an API that listens beyond loopback', () => {
  it('wants a key from everybody', async () => {
    const open = await aBench({ settings: { ...SETTINGS, API_HOST: '0.0.0.0', API_ALLOW_PLAIN: true } });
    const answer = await call(open, 'POST /codec/decode', { body, key: '', headers: LOCAL });
    await open.close();
    expect(answer.statusCode).toBe(401);
  });
});
