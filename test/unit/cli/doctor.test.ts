import { anEntity, page } from './answers';
import { type Ran, run, type RunOptions } from './harness';
import { type Probes } from '../../../cli/doctor/probes';

const CREDENTIALS = { CONCUR_CLIENT_ID: 'client-abcdef', CONCUR_CLIENT_SECRET: 'the-secret' };

/** A world in which everything answers, but for what is changed. */
function aWorld(changed: Partial<Probes> = {}): Probes {
  return {
    running: () =>
      Promise.resolve({
        temporalAddress: '127.0.0.1:7233',
        databaseUrl: 'postgres://u:the-password@h/d',
        apiPort: 8080,
      }),
    temporal: () => Promise.resolve([]),
    store: () => Promise.resolve([]),
    http: () => Promise.resolve(200),
    ...changed,
  };
}

function doctor(probes: Partial<Probes> = {}, options: RunOptions = {}): Promise<Ran> {
  const routes = { 'GET /v1/entities': page(anEntity()) };
  return run(['doctor'], {
    routes,
    probes: aWorld(probes),
    ...options,
    env: { ...CREDENTIALS, ...options.env },
  });
}

const refuse = (words: string) => () => Promise.reject(new Error(words));

it('finds nothing to do where everything is right, one line each', async () => {
  const ran = await doctor();
  expect(ran.code).toBe(0);
  expect(
    ran.stdout
      .trimEnd()
      .split('\n')
      .every((line) => line.startsWith('ok ')),
  ).toBe(true);
  expect(ran.stdout).toContain('client …abcdef, accepted for acme');
  expect(ran.stdout).not.toMatch(/the-secret|the-password|client-abcdef/);
});

it.each([
  ['FAIL  Temporal', { temporal: refuse('no connection') }, 1],
  ['warn  Temporal', { temporal: () => Promise.resolve(['ConcordanceStage']) }, 0],
  ['FAIL  Store', { store: refuse('password authentication failed') }, 1],
  ['warn  Store', { store: () => Promise.resolve(['0002_more']) }, 0],
  ['FAIL  API', { http: refuse('refused') }, 1],
  ['FAIL  Concur  ', { http: refuse('getaddrinfo ENOTFOUND') }, 1],
])('says %s and what to do', async (line, probes, code) => {
  const ran = await doctor(probes);
  expect(ran.code).toBe(code);
  const found = ran.stdout.split('\n').find((each) => each.startsWith(line));
  expect(found?.split('. ').length).toBeGreaterThan(1);
});

it('is content when nothing runs and no application is set: that is how it begins', async () => {
  const ran = await doctor(
    { running: () => Promise.resolve(undefined), http: refuse('refused') },
    { env: { CONCUR_CLIENT_ID: '', CONCUR_CLIENT_SECRET: '' } },
  );
  expect(ran.code).toBe(0);
  expect(ran.stdout).toContain('`concordance start` runs one of its own');
});

it.each([
  [{ CONCUR_CLIENT_SECRET: '' }, 'only one of CONCUR_CLIENT_ID and CONCUR_CLIENT_SECRET is set'],
  [{ CONCUR_AUTH_URL: 'https://evil.example.test' }, 'FAIL  Concur origins'],
  [{ CONCUR_ALLOWED_ORIGINS: 'http://evil.example.test' }, 'FAIL  Concur origins'],
  [{ ENCRYPTION_KEYS: 'k1:short' }, 'FAIL  Encryption keys'],
  [{ API_PORT: 'eighty', LOG_LEVEL: 'loud' }, 'FAIL  Settings  LOG_LEVEL'],
])('fails for %j', async (env, words) => {
  const ran = await doctor({}, { env });
  expect([ran.code, ran.stdout.includes(words)]).toEqual([1, true]);
});

it('says that credentials cannot be tried before an entity is connected, and when Concur no longer takes them', async () => {
  const unconnected = anEntity({ stage: 'requested', refreshTokenExpiresAt: null });
  const early = await doctor({}, { routes: { 'GET /v1/entities': page(unconnected) } });
  expect([
    early.code,
    early.stdout.includes('no entity is connected yet, so Concur has not been asked'),
  ]).toEqual([0, true]);
  const lost = await doctor(
    {},
    { routes: { 'GET /v1/entities': page(anEntity({ stage: 'needs-reauthorisation' })) } },
  );
  expect([lost.code, lost.stdout.includes('Concur no longer lets in: acme')]).toEqual([1, true]);
});

it('prints JSON and nothing else with --json', async () => {
  const ran = await run(['doctor', '--json'], {
    probes: aWorld({ store: refuse('down') }),
    env: CREDENTIALS,
  });
  expect(ran.code).toBe(1);
  expect(JSON.parse(ran.stdout)).toHaveProperty('ok', false);
  expect(JSON.parse(ran.stdout)).toHaveProperty('checks.3', {
    name: 'Store',
    status: 'fail',
    found: 'the embedded PostgreSQL does not answer: down',
    advice: 'Start PostgreSQL, or correct DATABASE_URL.',
  });
});
