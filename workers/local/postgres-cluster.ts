import { randomBytes, randomUUID } from 'node:crypto';
import { chmod, chown, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Environment } from '../../config';
import { serverEnvironment } from './child-environment';
import { runCommand } from './commands';
import { errorCode, LocalServerError, reasonOf, unusableDataDir } from './errors';
import { openFolder, type PostgresFolder } from './postgres-folder';
import { type PostgresAccount } from './postgres-account';
import { type PostgresBinaries } from './postgres-binaries';

/** Role that makes the database; the product itself connects as a lesser one. */
export const SUPERUSER = 'postgres';

const PASSWORD_FILE = 'postgres-password';
const INIT_TIMEOUT_MS = 5 * 60_000;

/** The password of both roles, from `DATA_DIR/postgres-password`, or undefined if there is none yet. */
export async function readPassword(dataDir: string): Promise<string | undefined> {
  try {
    return (await readFile(join(dataDir, PASSWORD_FILE), 'utf8')).trim();
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

export interface ClusterOptions {
  dataDir: string;
  account: PostgresAccount | undefined;
  binaries: PostgresBinaries;
  env: Environment;
  /** Whether files are flushed to the disk; false only for tests. */
  durable: boolean;
}

/**
 * Makes the database files under `DATA_DIR/postgres` if there are none yet.
 * UTF-8 and the built-in collation `C.UTF-8`: ordered by code point, and with upper and lower case for
 * all letters, the same on every machine and after every update of the system.
 * @returns the password of the roles
 * @throws LocalServerError
 */
export async function ensureCluster(options: ClusterOptions): Promise<string> {
  const { dataDir, account } = options;
  const home = join(dataDir, 'postgres');
  const known = await readPassword(dataDir);
  if (await exists(join(home, 'data', 'PG_VERSION'))) {
    if (known !== undefined) return known;
    throw new LocalServerError(
      'postgres-password',
      `DATA_DIR: ${join(dataDir, PASSWORD_FILE)} is missing, and the database in ${home} opens only with it. Restore the file, or remove ${home} to begin with an empty database.`,
    );
  }
  const password = known ?? randomBytes(24).toString('base64url');
  try {
    if (known === undefined) {
      await writeFile(join(dataDir, PASSWORD_FILE), `${password}\n`, { mode: 0o600, flag: 'wx' });
    }
    await mkdir(home, { recursive: true, mode: 0o700 });
    await chmod(home, 0o700);
    if (account !== undefined) await chown(home, account.uid, account.gid);
    await removeAttempts(home);
  } catch (error) {
    throw unusableDataDir(home, error);
  }
  await initialise(home, password, options);
  return password;
}

/** Under a name of its own until it is complete: an attempt that was killed may still be writing to its own. */
async function initialise(home: string, password: string, options: ClusterOptions): Promise<void> {
  const attempt = `attempt-${randomUUID()}`;
  const folder = await openFolder(home, options.account);
  try {
    await mkdir(join(home, attempt), { mode: 0o700 });
    const passwordFile = join(home, attempt, 'password');
    await writeFile(passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx' });
    if (options.account !== undefined) {
      const { uid, gid } = options.account;
      await Promise.all([chown(join(home, attempt), uid, gid), chown(passwordFile, uid, gid)]);
    }
    await runInitdb(folder, attempt, options);
    await rename(join(home, attempt, 'data'), join(home, 'data'));
  } catch (error) {
    throw new LocalServerError(
      'postgres-unavailable',
      `The PostgreSQL database cannot be made in ${home} (${reasonOf(error)}). Correct that, or set DATABASE_URL to a PostgreSQL server.`,
      { cause: error },
    );
  } finally {
    await folder.close();
    await rm(join(home, attempt), { recursive: true, force: true });
  }
}

async function runInitdb(folder: PostgresFolder, attempt: string, options: ClusterOptions): Promise<void> {
  const args = [
    ...['-D', `${folder.path}/${attempt}/data`, `--pwfile=${folder.path}/${attempt}/password`],
    ...[`--username=${SUPERUSER}`, '--auth=scram-sha-256', '--encoding=UTF8'],
    ...['--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'],
    ...(options.durable ? [] : ['--no-sync']),
  ];
  await runCommand(options.binaries.initdb, args, {
    ...options.account,
    env: serverEnvironment(options.env),
    timeoutMs: INIT_TIMEOUT_MS,
    folder: folder.descriptor,
  });
}

async function removeAttempts(home: string): Promise<void> {
  for (const name of await readdir(home)) {
    if (name.startsWith('attempt-')) await rm(join(home, name), { recursive: true, force: true });
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return false;
    throw error;
  }
}
