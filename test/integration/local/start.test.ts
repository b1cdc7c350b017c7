import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  findTemporalCli,
  identify,
  readRunState,
  runningInfrastructure,
  startLocalInfrastructure,
} from '../../../workers/local';
import { commandLine } from '../../../workers/local/processes';
import { killRemaining, runTypeScript } from '../../support/child-processes';
import { endAllOn, logsOf, someSettings, startInChild } from '../../support/local/starts';
import { failureOf } from '../../support/local/failure-of';
import { useSharedFolder } from '../../support/local/temporary-folder';
import { waitUntil } from '../../support/wait-until';

afterEach(killRemaining);
// One folder: the database is made once, and each test finds what the one before left.
const folder = useSharedFolder(endAllOn);
const options = (): { settings: ReturnType<typeof someSettings>; ui: boolean } => ({
  settings: someSettings(folder()),
  ui: false,
});
const here = () => startLocalInfrastructure({ ...options(), env: process.env, log: () => undefined });

function processGroup(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'pgid=', '-p', String(pid)], { encoding: 'utf8' }).trim());
}

/** Gets the program before the clock of any test runs; at most once on a machine. */
beforeAll(async () => {
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  await findTemporalCli({ settings: { TEMPORAL_CLI_PATH: undefined }, env: process.env, log });
}, 600_000);

it('runs both servers in process groups of their own, out of reach of Ctrl-C, and leaves nothing when it stops', async () => {
  const local = await here();
  const { temporal, postgres } = local;
  const state = readRunState(folder());
  expect(state).toMatchObject({
    start: { pid: process.pid },
    temporal: { pid: temporal?.pid },
    postgres: { pid: postgres?.pid, port: postgres?.port },
  });
  expect(temporal?.address).toBe(`127.0.0.1:${state.temporal?.port}`);
  expect(await runningInfrastructure(folder())).toMatchObject({
    temporalAddress: temporal?.address,
    databaseUrl: postgres?.url,
  });

  const password = readFileSync(join(folder(), 'postgres-password'), 'utf8').trim();
  expect(postgres?.url).toContain(password);
  for (const pid of [temporal?.pid ?? 0, postgres?.pid ?? 0]) {
    expect(processGroup(pid)).toBe(pid);
    expect(commandLine(pid)).not.toContain(password);
  }

  await local.stop();
  expect(logsOf(folder()) + readFileSync(join(folder(), 'run.json'), 'utf8')).not.toContain(password);
  expect(identify(temporal?.pid ?? 0)).toBeUndefined();
  expect(identify(postgres?.pid ?? 0)).toBeUndefined();
  expect(await runningInfrastructure(folder())).toBeUndefined();
  expect(readRunState(folder())).toEqual({
    temporal: { port: state.temporal?.port },
    postgres: { port: state.postgres?.port },
  });
  expect(readdirSync(folder()).sort()).toEqual([
    'logs',
    'postgres',
    'postgres-password',
    'run.json',
    'temporal.db',
  ]);
});

it('adopts both servers after the start that made them was killed', async () => {
  const first = startInChild(options());
  const before = await first.answer();
  await first.child.end('SIGKILL');
  expect(identify(before.temporal?.pid ?? 0)).toBeDefined();
  expect(identify(before.postgres?.pid ?? 0)).toBeDefined();

  const local = await here();
  expect(local.temporal).toMatchObject({ ...before.temporal, adopted: true });
  expect(local.postgres).toMatchObject({ ...before.postgres, adopted: true });
  await local.stop();
  expect(identify(before.temporal?.pid ?? 0)).toBeUndefined();
  expect(identify(before.postgres?.pid ?? 0)).toBeUndefined();
});

it('refuses a second start while the first runs, in one line that names it', async () => {
  const first = startInChild(options());
  await first.answer();
  const refusal = await failureOf(here());
  expect(refusal.code).toBe('already-started');
  expect(refusal.message).toMatch(new RegExp(`^[^\n]*\\(pid ${first.child.pid}\\)[^\n]*$`));
  await first.child.end('SIGTERM');
});

it('lets only one of two starts win that begin at the same moment', async () => {
  const both = [startInChild(options()), startInChild(options())];
  const answers = await Promise.all(both.map((start) => start.answer()));
  expect(answers.filter((answer) => answer.error === undefined)).toHaveLength(1);
  expect(answers.find((answer) => answer.error !== undefined)?.error?.code).toBe('already-started');
  await Promise.all(both.map((start) => start.child.end('SIGTERM')));
});

it('ends what survived an earlier start when the settings no longer ask for it', async () => {
  const first = startInChild(options());
  const before = await first.answer();
  await first.child.end('SIGKILL');
  const settings = someSettings(folder(), {
    TEMPORAL_ADDRESS: '127.0.0.1:1',
    DATABASE_URL: 'postgres://elsewhere',
  });
  const local = await startLocalInfrastructure({ settings, env: process.env, log: () => undefined });
  expect([local.temporal, local.postgres]).toEqual([undefined, undefined]);
  expect(identify(before.temporal?.pid ?? 0)).toBeUndefined();
  expect(identify(before.postgres?.pid ?? 0)).toBeUndefined();
  await local.stop();
});

it('finds what survived also when run.json is lost, and never has two servers on the same files', async () => {
  const first = startInChild(options());
  const before = await first.answer();
  await first.child.end('SIGKILL');
  rmSync(join(folder(), 'run.json'));
  const local = await here();
  expect(identify(before.temporal?.pid ?? 0)).toBeUndefined();
  expect(identify(before.postgres?.pid ?? 0)).toBeUndefined();
  expect(local).toMatchObject({ temporal: { adopted: false }, postgres: { adopted: false } });
  await local.stop();
});

it('stops PostgreSQL again when Temporal cannot be started', async () => {
  const missing = join(folder(), 'missing');
  const settings = someSettings(folder(), { TEMPORAL_CLI_PATH: missing });
  await expect(
    startLocalInfrastructure({ settings, env: process.env, log: () => undefined }),
  ).rejects.toMatchObject({
    code: 'binary-unusable',
  });
  const state = readRunState(folder());
  expect(state.start).toBeUndefined();
  expect(state.postgres?.pid).toBeUndefined();
});

it('can be killed at the moment of starting and is picked up by the next start', async () => {
  const first = runTypeScript('local/start.ts', [JSON.stringify(options())]);
  await waitUntil('Temporal is on record', () => readRunState(folder()).temporal?.pid !== undefined);
  await first.end('SIGKILL');
  const recorded = readRunState(folder());
  const local = await here();
  expect(identify(local.temporal?.pid ?? 0)).toBeDefined();
  const survivors = [recorded.temporal?.pid, recorded.postgres?.pid].filter((pid) => pid !== undefined);
  const ours = [local.temporal?.pid, local.postgres?.pid];
  expect(survivors.filter((pid) => !ours.includes(pid) && identify(pid) !== undefined)).toEqual([]);
  await local.stop();
});
