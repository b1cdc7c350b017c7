import { type StopSignal } from '../../../cli/context';
import { fakeParts, type FakeParts } from './fake-parts';
import { type Ran, run, type RunOptions } from './harness';

type Send = (signal: StopSignal) => void;

/** Runs a command that stays up; `then` is called once it says that it is ready. */
async function stayUp(
  args: readonly string[],
  fake: FakeParts,
  then: (send: Send) => void,
  options: RunOptions = {},
): Promise<Ran> {
  let send: Send = () => undefined;
  const api = { ...fake.parts };
  const parts = {
    ...api,
    compose: (given: Parameters<typeof api.compose>[0]) => {
      const composition = api.compose(given);
      const ready = <T>(value: T): T => {
        setImmediate(() => then(send));
        return value;
      };
      return {
        ...composition,
        startWorker: async (settings: Parameters<typeof composition.startWorker>[0]) => {
          const worker = await composition.startWorker(settings);
          return args[0] === 'worker' ? ready(worker) : worker;
        },
        startApi: async (...given2: Parameters<typeof composition.startApi>) =>
          ready(await composition.startApi(...given2)),
      };
    },
  };
  return run(args, { parts, onListening: (listener) => (send = listener), ...options });
}

const STARTED = [
  'start infrastructure',
  'start store',
  'start temporal',
  'start sandbox',
  'start worker',
  'start api',
];
const STOPPED = [
  'stop api',
  'stop worker',
  'stop sandbox',
  'stop temporal',
  'stop store',
  'stop infrastructure',
  'release claim',
];

describe('start', () => {
  it('starts in the order in which parts need each other, and stops the other way round', async () => {
    const fake = fakeParts();
    const ran = await stayUp(['start', '--sandbox'], fake, (send) => send('SIGINT'));
    expect(fake.events).toEqual(['start claim', 'check API_PORT', ...STARTED, ...STOPPED]);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/^ +0\.0 s {2}Data folder /);
    expect(ran.stdout).toContain('a simulation, not SAP Concur');
    expect(ran.stdout).toContain('http://127.0.0.1:8233');
    expect(ran.stdout.trimEnd()).toMatch(/Stopped\.$/);
  });

  it('points worker and API at the sandbox, and notes where things are', async () => {
    const fake = fakeParts();
    await stayUp(['start', '--sandbox'], fake, (send) => send('SIGTERM'), { env: { API_PORT: '0' } });
    expect(fake.authUrls).toEqual(['http://127.0.0.1:9001', 'http://127.0.0.1:9001']);
    expect(fake.runState).toMatchObject({
      api: { port: 4_711, host: '127.0.0.1' },
      sandbox: { url: 'http://127.0.0.1:9001', port2: 9_002 },
    });
    expect(fake.events).not.toContain('check API_PORT');
  });

  it('speaks to Concur without --sandbox', async () => {
    const fake = fakeParts();
    await stayUp(['start'], fake, (send) => send('SIGINT'));
    expect(fake.authUrls).toEqual(Array(2).fill('https://glz.api.concursolutions.com'));
    expect(fake.events).not.toContain('start sandbox');
  });

  it.each([
    ['infrastructure', ['release claim']],
    ['store', ['stop infrastructure', 'release claim']],
    ['worker', STOPPED.slice(2)],
    ['api', STOPPED.slice(1)],
  ])(
    'stops what it has started when %s fails: one line, exit 1, no stack trace',
    async (failing, stopped) => {
      const fake = fakeParts(failing);
      const ran = await run(['start', '--sandbox'], { parts: fake.parts });
      expect(ran.code).toBe(1);
      expect(fake.events.filter((event) => /^(stop|release)/.test(event))).toEqual(stopped);
      expect(ran.stderr).toMatch(/^Something unexpected went wrong: .* is broken .*\n$/);
    },
  );

  it('ends with one line when the port of the API is taken, before anything is started', async () => {
    const fake = fakeParts('port');
    const ran = await run(['start'], { parts: fake.parts, env: { API_PORT: '8080' } });
    expect([ran.code, ran.stderr]).toEqual([1, 'API_PORT: port 8080 is in use.\n']);
    expect(fake.events).toEqual(['start claim', 'check API_PORT', 'release claim']);
  });

  it('takes a signal that arrives twice at once for one, a second Ctrl-C for impatience', async () => {
    const once = await stayUp(['start'], fakeParts(), (send) => {
      send('SIGINT');
      send('SIGINT');
    });
    expect([once.code, once.forced]).toEqual([0, []]);

    let clock: { ms: number } | undefined;
    const fake = fakeParts();
    const impatient = await stayUp(
      ['start'],
      fake,
      (send) => {
        send('SIGINT');
        if (clock !== undefined) clock.ms += 2_000;
        send('SIGINT');
      },
      { onClock: (given) => (clock = given) },
    );
    expect(impatient.forced).toEqual([130]);
    expect(impatient.stdout).toContain('the next start takes them over');
  });

  it('stops when it is told to while it still starts', async () => {
    const fake = fakeParts();
    const ran = await run(['start'], { parts: fake.parts, onListening: (send) => send('SIGINT') });
    expect([ran.code, fake.events]).toEqual([0, []]);
  });

  it('ends with 1 and stops everything when the worker breaks down', async () => {
    const fake = fakeParts();
    const ran = await stayUp(['start'], fake, () => fake.crashWorker(new Error('out of memory')));
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('The worker failed: ');
    expect(ran.stderr).toContain('out of memory');
    expect(fake.events.slice(-1)).toEqual(['release claim']);
  });

  it('stops the rest when one part cannot be stopped, and says so', async () => {
    const fake = fakeParts('stopping worker');
    const ran = await stayUp(['start'], fake, (send) => send('SIGINT'));
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('the worker did not stop cleanly');
    expect(fake.events.slice(-2)).toEqual(['stop infrastructure', 'release claim']);
  });

  it('leaves a part behind that does not stop in time, and stops the rest', async () => {
    const fake = fakeParts('hanging worker');
    const ran = await stayUp(['start'], fake, (send) => send('SIGINT'));
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('the worker did not stop cleanly: it took longer than 60 s.');
    expect(fake.events.slice(-1)).toEqual(['release claim']);
  });

  it('prints lines of JSON and nothing else with --json', async () => {
    const ran = await stayUp(['start', '--sandbox', '--json'], fakeParts(), (send) => send('SIGINT'));
    const lines = ran.stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as unknown);
    expect(lines).toEqual([
      expect.objectContaining({
        event: 'ready',
        temporalUi: 'http://127.0.0.1:8233',
        sandbox: 'http://127.0.0.1:9001',
      }),
    ]);
    expect(ran.stderr).toContain('Ready.');
  });

  it('stays up when the tour cannot go on, and ends with 1', async () => {
    let send: Send = () => undefined;
    const fake = fakeParts();
    const ran = await run(['start', '--sandbox', '--demo'], {
      parts: fake.parts,
      onListening: (listener) => (send = listener),
      onNote: (text) => text.includes('The tour cannot go on') && setImmediate(() => send('SIGINT')),
    });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('The tour cannot go on: Nothing answers at http://127.0.0.1:9001.');
    expect(ran.stdout).toContain('Stays up until Ctrl-C.');
  });
});

describe('worker, api and sandbox alone', () => {
  it.each([
    [
      'worker',
      ['start store', 'start temporal', 'start worker', 'stop worker', 'stop temporal', 'stop store'],
    ],
    [
      'api',
      [
        'start store',
        'start temporal',
        'check API_PORT',
        'start api',
        'stop api',
        'stop temporal',
        'stop store',
      ],
    ],
  ])('%s runs over what is there', async (name, events) => {
    const fake = fakeParts();
    const ran = await stayUp([name, '--json'], fake, (send) => send('SIGINT'));
    expect([ran.code, fake.events]).toEqual([0, events]);
    expect(JSON.parse(ran.stdout)).toMatchObject({ event: 'ready' });
  });

  it('the sandbox notes where it is and says how to point Concordance at it', async () => {
    const fake = fakeParts();
    let send: Send = () => undefined;
    const claim = fake.parts.claim.bind(fake.parts);
    const parts = {
      ...fake.parts,
      claim: (dir: string) =>
        claim(dir).finally(() => setImmediate(() => setImmediate(() => send('SIGINT')))),
    };
    const ran = await run(['sandbox'], { parts, onListening: (listener) => (send = listener) });
    expect(fake.events).toEqual(['start sandbox', 'start claim', 'release claim', 'stop sandbox']);
    expect(fake.runState.sandbox).toMatchObject({ port: 9_001 });
    expect(ran.stdout).toContain('CONCUR_AUTH_URL');
  });
});
