import { randomUUID } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { errorCode } from './errors';
import { isRunning, ownIdentity, type ProcessIdentity } from './processes';

export interface FileLock {
  release(): void;
}

const holderSchema = z.object({ pid: z.int().positive(), startedAt: z.string() });

/**
 * Takes the lock at `path` for this process, or says who holds it. The lock of a process that died is
 * taken over. Of any number of processes that try at once, exactly one gets it.
 *
 * Taking over must not race with another taking over: it happens only under a second lock, taken the
 * same way, so that "the holder is dead" is still true when the file is replaced.
 * @returns the lock, or the process that holds it
 */
export function tryLock(path: string): FileLock | { holder: ProcessIdentity } {
  for (;;) {
    if (createOwned(path)) return { release: () => rmSync(path, { force: true }) };
    const holder = readHolder(path);
    if (holder === 'gone') continue;
    if (holder !== 'unreadable' && isRunning(holder)) return { holder };

    const takeover = tryLock(`${path}.takeover`);
    if ('holder' in takeover) return takeover;
    try {
      const now = readHolder(path);
      if (now === 'gone' || (now !== 'unreadable' && isRunning(now))) continue;
      writeOwned(path);
      return { release: () => rmSync(path, { force: true }) };
    } finally {
      takeover.release();
    }
  }
}

/** Creates the file with its content in one step, so that nobody ever reads half of it. */
function createOwned(path: string): boolean {
  const own = writeTemporary(path);
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(own, { force: true });
  }
}

function writeOwned(path: string): void {
  renameSync(writeTemporary(path), path);
}

function writeTemporary(path: string): string {
  const temporary = `${path}.${randomUUID()}`;
  writeFileSync(temporary, JSON.stringify(ownIdentity()), { mode: 0o600, flag: 'wx' });
  return temporary;
}

function readHolder(path: string): ProcessIdentity | 'gone' | 'unreadable' {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return 'gone';
    if (error instanceof SyntaxError || error instanceof z.ZodError) return 'unreadable';
    throw error;
  }
}
