import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { exposedName, METRIC_ENTRIES, METRICS } from '../../../workers/metrics/catalogue';
import { judgeSandboxAt } from '../../support/sandbox-watch/expect-violations';
import { endAllOn } from '../../support/local/starts';
import { useTemporaryFolder } from '../../support/local/temporary-folder';

/** Gets Temporal and PostgreSQL, creates 200 profiles, verifies them: minutes on a loaded machine. */
const TOUR_MS = 300_000;
const TRAVELLERS = 200;

const folder = useTemporaryFolder();
const children: ChildProcess[] = [];

afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  await endAllOn(join(folder(), 'data'));
});

/** Runs the command in a process of its own, on free ports and a folder of its own. */
function concordance(...args: readonly string[]) {
  const child = spawn(process.execPath, [join(__dirname, 'run-cli.mjs'), ...args], {
    cwd: folder(),
    env: {
      PATH: process.env['PATH'],
      HOME: process.env['HOME'],
      DATA_DIR: join(folder(), 'data'),
      ...{ API_PORT: '0', TEMPORAL_PORT: '0', TEMPORAL_UI_PORT: '0', METRICS_PORT: '0' },
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const closed = once(child, 'close').then(([code]) => Number(code));
  return {
    child,
    closed,
    errors: () => errors,
    async nextJson(): Promise<unknown> {
      const line = await lines.next();
      if (line.done === true) throw new Error(`ended without an answer: ${errors}`);
      return JSON.parse(line.value) as unknown;
    },
    async wholeJson(): Promise<unknown> {
      const texts: string[] = [];
      for (let line = await lines.next(); line.done !== true; line = await lines.next())
        texts.push(line.value);
      if ((await closed) !== 0) throw new Error(`failed: ${errors}`);
      return JSON.parse(texts.join('\n')) as unknown;
    },
  };
}

/** All of ours but the lag (nobody waited for a slot), and those of the SDK; no label that names anybody. */
async function expectMetrics(url: string): Promise<void> {
  const text = await (await fetch(url)).text();
  const types = [...text.matchAll(/^# TYPE (\w+) (\w+)$/gm)].map(([, name, kind]) => `${name} ${kind}`);
  const ours = METRIC_ENTRIES.filter(({ name }) => name !== METRICS.pollLag.name);
  for (const entry of ours) expect(types).toContain(`${exposedName(entry)} ${entry.kind}`);
  expect(types).toContain('temporal_worker_task_slots_available gauge');
  expect(types).toContain('temporal_workflow_task_schedule_to_start_latency_seconds histogram');
  expect(text).toMatch(
    /^concordance_concur_calls_total\{function="createProfile",outcome="ok",status="200"\} 200$/m,
  );
  expect(text).toMatch(/^concordance_publish_latency_seconds_count [1-9]/m);
  expect(text).not.toMatch(/northwind|@/);
}

const IN_STEP = {
  event: 'tour-finished',
  migration: 1,
  published: TRAVELLERS,
  verified: TRAVELLERS,
  equal: TRAVELLERS,
  travellers: TRAVELLERS,
  concurUuids: TRAVELLERS,
  profiles: TRAVELLERS,
  unknownProfiles: 0,
};

it(
  'takes a company live from nothing, answers the other commands, ends cleanly, and finds it all again',
  async () => {
    const first = concordance('start', '--sandbox', '--demo', '--json');
    const { sandbox, metrics } = z
      .looseObject({ sandbox: z.string(), metrics: z.url() })
      .parse(await first.nextJson());
    expect(await first.nextJson()).toMatchObject(IN_STEP);

    const entity = await concordance('entity', 'show', 'northwind-demo', '--json').wholeJson();
    expect(entity).toMatchObject({
      stage: 'active',
      health: 'ok',
      counts: { travellers: TRAVELLERS, synced: TRAVELLERS },
    });
    const doctor = await concordance('doctor', '--json').wholeJson();
    expect(doctor).toMatchObject({ ok: true });
    const poll = await concordance('sync', 'poll', 'northwind-demo', '--json').wholeJson();
    expect(poll).toMatchObject({ changed: 0, quarantined: 0 });

    await expectMetrics(metrics);
    await judgeSandboxAt(sandbox);
    first.child.kill('SIGINT');
    expect(await first.closed).toBe(0);
    expect(first.errors()).toContain('Stopped.');

    const second = concordance('start', '--sandbox', '--demo', '--json');
    expect(await second.nextJson()).toMatchObject({ event: 'ready' });
    expect(await second.nextJson()).toMatchObject(IN_STEP);
    second.child.kill('SIGINT');
    expect(await second.closed).toBe(0);
  },
  TOUR_MS,
);
