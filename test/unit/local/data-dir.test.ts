import { readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { claimDataDir, identify } from '../../../workers/local';
import { ownIdentity } from '../../../workers/local/processes';
import { readRunState } from '../../../workers/local/run-file';
import { killRemaining, runTypeScript } from '../../support/child-processes';
import { failureOf } from '../../support/local/failure-of';
import { useTemporaryFolder } from '../../support/local/temporary-folder';

afterEach(killRemaining);
const folder = useTemporaryFolder();

it('makes the folder, closed to others, and notes who has it', async () => {
  const claim = await claimDataDir(join(folder(), 'a/b'));
  expect(statSync(claim.dir).mode & 0o777).toBe(0o700);
  expect(readRunState(claim.dir).start).toEqual(ownIdentity());
});

it('refuses a second start with one line that names the process', async () => {
  await claimDataDir(folder());
  const refusal = await failureOf(claimDataDir(folder()));
  expect(refusal.code).toBe('already-started');
  expect(refusal.message).toMatch(
    new RegExp(`^DATA_DIR: .* in use by another start \\(pid ${process.pid}\\)\\. [^\n]*$`),
  );
});

it('can be claimed again after it was released, and keeps nothing of the first', async () => {
  const first = await claimDataDir(folder());
  first.release();
  expect(readdirSync(folder())).toEqual(['run.json']);
  await expect(claimDataDir(folder())).resolves.toBeDefined();
});

it('ignores the record of a start whose pid now belongs to another process', async () => {
  const start = { pid: process.ppid, startedAt: 'before-a-reboot' };
  writeFileSync(join(folder(), 'run.json'), JSON.stringify({ start, postgres: { port: 5432 } }));
  const claim = await claimDataDir(folder());
  expect(claim.runFile.read()).toEqual({ start: ownIdentity(), postgres: { port: 5432 } });
});

it('refuses also when somebody deleted the lock file of a start that still runs', async () => {
  const other = runTypeScript('local/take-lock.ts', [join(folder(), 'start.lock')]);
  await other.nextJson();
  other.process.stdin?.write('go\n');
  expect(await other.nextJson()).toBe('taken');
  await expect(claimDataDir(folder())).rejects.toMatchObject({ code: 'already-started' });
  writeFileSync(join(folder(), 'run.json'), JSON.stringify({ start: identify(other.pid) }));
  rmSync(join(folder(), 'start.lock'));
  await expect(claimDataDir(folder())).rejects.toMatchObject({ code: 'already-started' });
  await other.end('SIGKILL');
  await expect(claimDataDir(folder())).resolves.toBeDefined();
});

it('says in one line that a folder cannot be written', async () => {
  writeFileSync(join(folder(), 'file'), '');
  const failure = await failureOf(claimDataDir(join(folder(), 'file/data')));
  expect(failure.code).toBe('data-dir-unusable');
  expect(failure.message).toMatch(/^DATA_DIR: .*file\/data cannot be written \(ENOTDIR\)\. [^\n]*$/);
});
