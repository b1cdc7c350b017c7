import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import {
  claimDataDir,
  type DataDirClaim,
  identify,
  isRunning,
  type LocalPostgres,
  runLocalPostgres,
} from '../../../workers/local';
import { commandLine } from '../../../workers/local/processes';
import { endAllOn } from '../../support/local/starts';
import { failureOf } from '../../support/local/failure-of';
import { useSharedFolder } from '../../support/local/temporary-folder';
import { waitUntil } from '../../support/wait-until';

// One folder: the database is made once, and each test finds what the one before left.
const folder = useSharedFolder(endAllOn);
let claim: DataDirClaim;
const lines: string[] = [];

beforeAll(async () => {
  claim = await claimDataDir(folder());
});
beforeEach(() => (lines.length = 0));

const run = (): Promise<LocalPostgres> =>
  runLocalPostgres({ claim, env: process.env, log: (line) => void lines.push(line) });

async function query(server: LocalPostgres, text: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: server.url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

it('is an UTF-8 database with a fixed collation, flushed to the disk, on loopback only', async () => {
  const server = await run();
  const settings = `SELECT current_setting('server_encoding') AS encoding, current_setting('fsync') AS fsync,
    current_setting('listen_addresses') AS addresses,
    current_setting('password_encryption') AS password, current_database() AS database,
    (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS super, upper('é') AS upper, 'a' < 'B' AS dictionary`;
  expect(await query(server, settings)).toEqual([
    {
      encoding: 'UTF8',
      fsync: 'on',
      addresses: '127.0.0.1',
      password: 'scram-sha-256',
      database: 'concordance',
      super: false,
      upper: 'É',
      dictionary: false,
    },
  ]);
  expect(commandLine(server.pid)).toContain('-c unix_socket_directories= ');
  expect(statSync(join(folder(), 'postgres-password')).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder(), 'logs/postgres.log')).mode & 0o777).toBe(0o600);
  await server.stop();
});

it('lets nobody in without the password', async () => {
  const server = await run();
  const url = new URL(server.url);
  url.password = 'guessed';
  const client = new Client({ connectionString: url.href });
  await expect(client.connect()).rejects.toMatchObject({ code: '28P01' });
  await client.end();
  await server.stop();
});

it('keeps its data and its port over a restart', async () => {
  const first = await run();
  await query(first, 'CREATE TABLE restarted AS SELECT 42 AS answer');
  await first.stop();
  const second = await run();
  expect(second.url).toBe(first.url);
  expect(await query(second, 'SELECT answer FROM restarted')).toEqual([{ answer: 42 }]);
  await second.stop();
});

it('is adopted while it runs', async () => {
  const first = await run();
  expect(await run()).toMatchObject({ pid: first.pid, url: first.url, adopted: true });
  await first.stop();
});

it('recovers what was committed after it was killed', async () => {
  const first = await run();
  await query(first, 'CREATE TABLE killed AS SELECT 42 AS answer');
  process.kill(first.pid, 'SIGKILL');
  const second = await run();
  expect(second.adopted).toBe(false);
  expect(await query(second, 'SELECT answer FROM killed')).toEqual([{ answer: 42 }]);
  await second.stop();
});

it('is started past a pid file whose pid went to another program', async () => {
  const first = await run();
  const pidFile = join(folder(), 'postgres/data/postmaster.pid');
  const contents = readFileSync(pidFile, 'utf8');
  await first.stop();
  // Jest's own pid: alive, and no PostgreSQL. It must not be signalled either.
  writeFileSync(pidFile, contents.replace(/^\d+/, String(process.pid)));
  const second = await run();
  expect(await query(second, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await second.stop();
});

it('is ended and started anew when it does not answer', async () => {
  const first = await run();
  const identity = identify(first.pid);
  process.kill(first.pid, 'SIGSTOP');
  const second = await run();
  expect(identity === undefined || isRunning(identity)).toBe(false);
  expect(await query(second, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await second.stop();
}, 120_000);

it('says in one line that the password of existing data is missing or wrong', async () => {
  await (await run()).stop();
  const passwordFile = join(folder(), 'postgres-password');
  const password = readFileSync(passwordFile);
  writeFileSync(passwordFile, 'another\n');
  const wrong = await failureOf(run());
  expect(wrong.code).toBe('postgres-password');
  expect(wrong.message).toMatch(/^DATA_DIR: the password [^\n]*$/);
  rmSync(passwordFile);
  const missing = await failureOf(run());
  expect(missing.code).toBe('postgres-password');
  expect(missing.message).toMatch(/^DATA_DIR: [^\n]*postgres-password is missing[^\n]*$/);
  writeFileSync(passwordFile, password);
});

it('begins anew when the making of the database was interrupted', async () => {
  const other = join(folder(), 'other');
  mkdirSync(join(other, 'postgres/attempt-of-a-killed-start/data'), { recursive: true });
  const otherClaim = await claimDataDir(other);
  const server = await runLocalPostgres({ claim: otherClaim, env: process.env, log: () => undefined });
  expect(await query(server, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  await server.stop();
  expect(readdirSync(join(other, 'postgres'))).toEqual(['data']);
});

it('reports within seconds when it ended by itself', async () => {
  const server = await run();
  process.kill(server.pid, 'SIGKILL');
  await waitUntil('the log tells', () =>
    lines.some((line) => line.includes(`(pid ${server.pid}) ended by itself`)),
  );
});
