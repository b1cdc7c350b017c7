import { expectViolations } from '../../support/sandbox-watch/expect-violations';
import { Bench, EU, START, US } from './support';

const PROFILE = '/api/travelprofile/v2.0/profile';

describe('what the simulated Concur demands of every call', () => {
  it('labels each answer as a simulation and gives it a fresh correlation id and its own clock', async () => {
    const bench = new Bench();
    bench.admin.setClock({ advanceMs: 90_000 });
    const one = await bench.read('nobody');
    const two = await bench.read('nobody');
    expect(one.headers['x-concordance-sandbox']).toBe('simulation');
    expect(one.headers['date']).toBe(new Date(START + 90_000).toUTCString());
    expect(one.headers['concur-correlationid']).toMatch(/^[0-9a-f-]{36}$/);
    expect(one.headers['concur-correlationid']).not.toBe(two.headers['concur-correlationid']);
    expect(bench.admin.calls.at(-1)?.clientCorrelationId).toBe('00000000-0000-4000-8000-00000000c0de');
  });

  it('echoes the client’s correlation id where it is set so', async () => {
    const bench = new Bench({ behaviour: { correlation: 'echo' } });
    const response = await bench.read('nobody');
    expect(response.headers['concur-correlationid']).toBe('00000000-0000-4000-8000-00000000c0de');
  });

  it('remembers calls without a correlation id', async () => {
    const bench = new Bench();
    await bench.sandbox.handle({ method: 'GET', origin: US, path: PROFILE, headers: {} });
    expectViolations(bench.admin, ['missing-correlation-id']);
  });

  it('answers 401 without Authorization', async () => {
    const response = await new Bench().call('GET', PROFILE, { headers: { Authorization: '' } });
    expect(response.status).toBe(401);
    expect(response.body).toMatch(/<Error><Message>.*<Server-Time>2026-03-01T08:00:00</);
  });

  it.each([403, 401] as const)(
    'answers %i once the access token has expired',
    async (rejectedTokenStatus) => {
      const bench = new Bench({ behaviour: { rejectedTokenStatus } });
      await bench.read('nobody');
      bench.admin.setClock({ advanceMs: 3_600_000 });
      expect((await bench.read('nobody')).status).toBe(rejectedTokenStatus);
    },
  );

  it('refuses a token in the wrong data centre and remembers where it went', async () => {
    const bench = new Bench();
    expect((await bench.call('GET', PROFILE, { origin: EU })).status).toBe(403);
    expect((await bench.call('GET', PROFILE, { origin: 'https://elsewhere.invalid' })).status).toBe(404);
    expectViolations(bench.admin, ['wrong-origin', 'wrong-origin']);
  });

  it('refuses Transfer-Encoding chunked', async () => {
    const bench = new Bench();
    const response = await bench.post('<ProfileResponse/>', { 'Transfer-Encoding': 'chunked' });
    expect(response.status).toBe(400);
    expectViolations(bench.admin, ['chunked']);
  });

  it('refuses a POST that is not application/xml', async () => {
    const bench = new Bench();
    expect((await bench.post('{}', { 'Content-Type': 'application/json' })).status).toBe(415);
    expectViolations(bench.admin, ['content-type']);
  });

  it('refuses travel profiles to a token without the scope TRVPRF', async () => {
    const bench = new Bench({ scopes: ['openid'] });
    expect((await bench.read('nobody')).status).toBe(403);
  });
});
