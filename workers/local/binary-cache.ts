import { chmod, mkdir, mkdtemp, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type BinarySource, type SourceContext } from './binary-sources';
import { cacheFolder } from './cache-folder';
import { isExecutable } from './commands';
import { errorCode, reasonOf } from './errors';
import { type FileLock, tryLock } from './file-lock';

const WORK_PREFIX = '.fetching-';
/** Longer than any source takes. */
const ABANDONED_AFTER_MS = 60 * 60_000;

/** A program of the cache, whichever source it came from. */
export async function findCached(
  program: string,
  sources: readonly BinarySource[],
  context: SourceContext,
): Promise<string | undefined> {
  for (const source of sources) {
    const path = cachedPath(program, source, context);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

/**
 * Fetches a program into the cache from the first source that works. Processes that ask at the same
 * time wait for one of them; a program appears in the cache only complete and checked.
 * @param verify throws if the fetched file is not what it should be
 * @returns its path, or why each source failed
 */
export async function fetchIntoCache(
  program: string,
  sources: readonly BinarySource[],
  context: SourceContext,
  verify: (path: string) => Promise<void>,
): Promise<{ path: string } | { failures: string[] }> {
  const folder = cacheFolder(context.env);
  try {
    await mkdir(folder, { recursive: true });
  } catch (error) {
    const why = errorCode(error) ?? reasonOf(error);
    return {
      failures: [`the cache folder ${folder} cannot be made (${why}); set XDG_CACHE_HOME to another one`],
    };
  }
  const lock = await lockCache(join(folder, `${program}.lock`), program, context);
  try {
    const fetchedMeanwhile = await findCached(program, sources, context);
    if (fetchedMeanwhile !== undefined) return { path: fetchedMeanwhile };
    await removeAbandoned(folder);
    return await fetchFirst(program, sources, context, verify);
  } finally {
    lock?.release();
  }
}

async function fetchFirst(
  program: string,
  sources: readonly BinarySource[],
  context: SourceContext,
  verify: (path: string) => Promise<void>,
): Promise<{ path: string } | { failures: string[] }> {
  const failures: string[] = [];
  for (const source of sources) {
    const workFolder = await mkdtemp(join(cacheFolder(context.env), `${WORK_PREFIX}${program}-`));
    try {
      const fetched = await source.obtain(workFolder, context);
      await chmod(fetched, 0o755);
      await verify(fetched);
      const path = cachedPath(program, source, context);
      await mkdir(join(path, '..'), { recursive: true });
      await rename(fetched, path);
      context.log(`Ready: ${path}`);
      return { path };
    } catch (error) {
      failures.push(`${source.title}: ${reasonOf(error)}`);
    } finally {
      await rm(workFolder, { recursive: true, force: true });
    }
  }
  return { failures };
}

/** What a killed fetch left; younger folders may belong to a process that is still at it. */
async function removeAbandoned(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    if (!name.startsWith(WORK_PREFIX) || Date.now() - (await stat(path)).mtimeMs < ABANDONED_AFTER_MS)
      continue;
    await rm(path, { recursive: true, force: true });
  }
}

function cachedPath(program: string, source: BinarySource, { env }: SourceContext): string {
  return join(cacheFolder(env), source.cachedAs, program);
}

const LOOK_EVERY_MS = 200;
/** Longer than any source takes. After that we fetch beside the other one: the rename is safe anyway. */
const LONGEST_WAIT_MS = 25 * 60_000;

async function lockCache(
  path: string,
  program: string,
  { log }: SourceContext,
): Promise<FileLock | undefined> {
  const deadline = Date.now() + LONGEST_WAIT_MS;
  let said = false;
  while (Date.now() < deadline) {
    const lock = tryLock(path);
    if (!('holder' in lock)) return lock;
    if (!said) log(`Another process (pid ${lock.holder.pid}) is fetching ${program}; waiting for it …`);
    said = true;
    await delay(LOOK_EVERY_MS);
  }
  return undefined;
}
