import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { LocalServerError, unusableDataDir } from './errors';
import { tryLock } from './file-lock';
import { isRunning, ownIdentity } from './processes';
import { openRunFile, type RunFile } from './run-file';

/** The right to run `start` on a data folder; one process has it at a time. */
export interface DataDirClaim {
  /** The folder without symbolic links: servers are recognised by it. */
  readonly dir: string;
  readonly runFile: RunFile;
  release(): void;
}

/**
 * Makes the data folder if need be and claims it for this process.
 * @throws LocalServerError `already-started` if another live process has it, `data-dir-unusable` if it
 * cannot be written
 */
export async function claimDataDir(dataDir: string): Promise<DataDirClaim> {
  const dir = await makeFolder(dataDir);
  const lock = take(dir);
  if ('holder' in lock) throw alreadyStarted(dir, lock.holder.pid);
  try {
    const runFile = openRunFile(dir);
    const recorded = runFile.read().start;
    // The lock may have been deleted by hand while its owner runs; the run file still tells.
    if (recorded !== undefined && recorded.pid !== process.pid && isRunning(recorded)) {
      throw alreadyStarted(dir, recorded.pid);
    }
    runFile.update({ start: ownIdentity() });
    return {
      dir,
      runFile,
      release() {
        try {
          runFile.update({ start: undefined });
        } finally {
          lock.release();
        }
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}

async function makeFolder(dataDir: string): Promise<string> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    return await realpath(dataDir);
  } catch (error) {
    throw unusableDataDir(dataDir, error);
  }
}

function take(dir: string): ReturnType<typeof tryLock> {
  try {
    return tryLock(join(dir, 'start.lock'));
  } catch (error) {
    throw unusableDataDir(dir, error);
  }
}

function alreadyStarted(dir: string, pid: number): LocalServerError {
  return new LocalServerError(
    'already-started',
    `DATA_DIR: ${dir} is in use by another start (pid ${pid}). Stop that one first, or set DATA_DIR to another folder.`,
  );
}
