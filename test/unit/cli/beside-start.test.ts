import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type StopSignal } from '../../../cli/context';
import { parts as realParts } from '../../../cli/start/compose';
import { type ApiOptions } from '../../../cli/start/parts';
import { type Settings } from '../../../config';
import { identify } from '../../../workers/local';
import { openRunFile } from '../../../workers/local/run-file';
import { useTemporaryFolder } from '../../support/local/temporary-folder';
import { fakeParts } from './fake-parts';
import { run } from './harness';

// The API loads this package for cookies, of which there are none; it is ESM, which Jest cannot require.
jest.mock('cookie', () => ({}));

const folder = useTemporaryFolder();
const SANDBOX = { url: 'http://127.0.0.1:9101', url2: 'http://127.0.0.1:9102', port: 9_101, port2: 9_102 };

/** As a `start` on the folder leaves it; this process stands in for it and for its servers. */
function startRuns(more: Parameters<ReturnType<typeof openRunFile>['update']>[0], runs = true): void {
  const self = identify(process.pid);
  if (self === undefined) throw new Error('this process is not there');
  const start = runs ? self : { ...self, startedAt: 'another process of that number' };
  writeFileSync(join(folder(), 'postgres-password'), 'made-up\n', { mode: 0o600 });
  openRunFile(folder()).update({
    start,
    temporal: { ...self, port: 7_301 },
    postgres: { ...self, port: 5_501 },
    ...more,
  });
}

/** Runs one part alone on the folder, with what really finds the servers; says what it was started with. */
async function runBeside(name: 'worker' | 'api', env: Readonly<Record<string, string>> = {}) {
  const started: { settings?: Settings; simulation?: boolean; databaseUrl?: string; temporal?: string } = {};
  let send: (signal: StopSignal) => void = () => undefined;
  const fake = fakeParts();
  const parts: typeof fake.parts = {
    ...fake.parts,
    findInfrastructure: (settings) => realParts.findInfrastructure(settings),
    compose(options) {
      const composition = fake.parts.compose(options);
      started.databaseUrl = options.databaseUrl;
      started.temporal = options.temporal.address;
      const noted = (settings: Settings, more: Partial<ApiOptions> = {}): void => {
        Object.assign(started, { settings, ...more });
        setImmediate(() => send('SIGINT'));
      };
      return {
        ...composition,
        startWorker(settings) {
          noted(settings);
          return composition.startWorker(settings);
        },
        startApi(settings, options2) {
          noted(settings, { simulation: options2.simulation });
          return composition.startApi(settings, options2);
        },
      };
    },
  };
  const ran = await run([name], {
    parts,
    env: { DATA_DIR: folder(), ...env },
    onListening: (listener) => (send = listener),
  });
  return { ran, started };
}

it.each(['worker', 'api'] as const)(
  '%s beside a start with a sandbox speaks to that sandbox, and uses its servers',
  async (name) => {
    startRuns({ sandbox: SANDBOX });
    const { ran, started } = await runBeside(name);
    expect(ran.code).toBe(0);
    expect(started.settings).toMatchObject({
      CONCUR_AUTH_URL: SANDBOX.url,
      CONCUR_ALLOWED_ORIGINS: [SANDBOX.url, SANDBOX.url2],
      CONCUR_CLIENT_ID: expect.any(String) as unknown,
      CONCUR_CLIENT_SECRET: expect.any(String) as unknown,
    });
    expect(started.temporal).toBe('127.0.0.1:7301');
    expect(started.databaseUrl).toMatch(/^postgres.*:made-up@127\.0\.0\.1:5501\//);
    if (name === 'api') expect(started.simulation).toBe(true);
  },
);

it('a Concur application that the settings name is spoken to, not the sandbox', async () => {
  startRuns({ sandbox: SANDBOX });
  const { started } = await runBeside('api', { CONCUR_CLIENT_ID: 'ours', CONCUR_CLIENT_SECRET: 'secret' });
  expect(started.settings?.CONCUR_AUTH_URL).toBe('https://glz.api.concursolutions.com');
  expect(started.simulation).toBe(false);
});

it('a start without a sandbox leaves the settings as they are', async () => {
  startRuns({});
  const { started } = await runBeside('worker');
  expect(started.settings?.CONCUR_AUTH_URL).toBe('https://glz.api.concursolutions.com');
  expect(started.settings?.CONCUR_CLIENT_ID).toBeUndefined();
});

it('a start that has ended is none: what is missing is named', async () => {
  startRuns({ sandbox: SANDBOX }, false);
  const { ran, started } = await runBeside('worker');
  expect(ran.code).toBe(1);
  expect(ran.stderr).toContain(
    'DATABASE_URL and TEMPORAL_ADDRESS must be set, or a start must run on the same DATA_DIR',
  );
  expect(started).toEqual({});
});
