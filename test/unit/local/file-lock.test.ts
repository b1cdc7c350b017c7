import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { tryLock } from '../../../workers/local/file-lock';
import { ownIdentity } from '../../../workers/local/processes';
import { killRemaining, runTypeScript } from '../../support/child-processes';
import { useTemporaryFolder } from '../../support/local/temporary-folder';

afterEach(killRemaining);
const folder = useTemporaryFolder();
const path = (): string => join(folder(), 'some.lock');

/** A lock file as a process leaves it that was killed. */
function leaveStaleLock(name = path()): void {
  writeFileSync(name, JSON.stringify({ pid: process.pid, startedAt: 'before-a-reboot' }));
}

it('takes a free lock and frees it again without a trace', () => {
  const lock = tryLock(path());
  if ('holder' in lock) throw new Error('refused');
  expect(existsSync(path())).toBe(true);
  lock.release();
  expect(readdirSync(folder())).toEqual([]);
});

it('is refused while a living process holds the lock, and says which', () => {
  tryLock(path());
  expect(tryLock(path())).toEqual({ holder: ownIdentity() });
});

it('takes over the lock of a process that is gone', () => {
  leaveStaleLock();
  expect(tryLock(path())).not.toHaveProperty('holder');
  expect(tryLock(path())).toEqual({ holder: ownIdentity() });
});

it('takes over from a process that was killed in the middle of taking over', () => {
  leaveStaleLock();
  leaveStaleLock(`${path()}.takeover`);
  expect(tryLock(path())).not.toHaveProperty('holder');
  expect(readdirSync(folder())).toEqual(['some.lock']);
});

it('takes over a lock file that cannot be understood', () => {
  writeFileSync(path(), '{"pid":');
  expect(tryLock(path())).not.toHaveProperty('holder');
});

it('is taken over by exactly one of several processes that try at once', async () => {
  leaveStaleLock();
  const children = Array.from({ length: 5 }, () => runTypeScript('local/take-lock.ts', [path()]));
  await Promise.all(children.map((child) => child.nextJson()));
  for (const child of children) child.process.stdin?.write('go\n');
  const outcomes = await Promise.all(children.map((child) => child.nextJson()));
  await Promise.all(children.map((child) => child.end('SIGKILL')));
  expect(outcomes.filter((outcome) => outcome === 'taken')).toHaveLength(1);
});
