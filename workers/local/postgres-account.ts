import { stat } from 'node:fs/promises';
import { type Environment } from '../../config';
import { serverEnvironment } from './child-environment';
import { CommandError, runCommand } from './commands';
import { errorCode, LocalServerError } from './errors';

/** The user that PostgreSQL runs as, where that is not the user we run as. */
export interface PostgresAccount {
  readonly uid: number;
  readonly gid: number;
}

const CANDIDATES = ['postgres', 'nobody'];
const TIMEOUT_MS = 10_000;

/**
 * PostgreSQL refuses to run as root. If we are root: the user who owns the data already, else one of
 * the users that systems have for such ends.
 * @param folder where the data is or will be
 * @returns undefined if PostgreSQL can run as the user we are
 * @throws LocalServerError `postgres-data-foreign` if the data belongs to somebody else,
 * `postgres-unavailable` if root finds no other user
 */
export async function postgresAccount(
  folder: string,
  env: Environment,
): Promise<PostgresAccount | undefined> {
  const own = process.getuid?.() ?? 0;
  const owner = await ownerOf(folder);
  if (own !== 0) {
    if (owner === undefined || owner.uid === own) return undefined;
    throw new LocalServerError(
      'postgres-data-foreign',
      `DATA_DIR: ${folder} belongs to another user (uid ${owner.uid}). Start as that user or as root, or set DATA_DIR to another folder.`,
    );
  }
  if (owner !== undefined && owner.uid !== 0) return owner;
  for (const name of CANDIDATES) {
    const account = await lookUp(name, env);
    if (account !== undefined) return account;
  }
  throw new LocalServerError(
    'postgres-unavailable',
    `PostgreSQL does not run as root, and there is no user ${CANDIDATES.join(' or ')} to run it as. Start as another user, or set DATABASE_URL.`,
  );
}

async function ownerOf(folder: string): Promise<PostgresAccount | undefined> {
  try {
    const { uid, gid } = await stat(folder);
    return { uid, gid };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

async function lookUp(name: string, env: Environment): Promise<PostgresAccount | undefined> {
  const options = { env: serverEnvironment(env), timeoutMs: TIMEOUT_MS };
  try {
    const uid = Number((await runCommand('id', ['-u', name], options)).trim());
    const gid = Number((await runCommand('id', ['-g', name], options)).trim());
    return Number.isInteger(uid) && uid !== 0 ? { uid, gid } : undefined;
  } catch (error) {
    if (error instanceof CommandError) return undefined;
    throw error;
  }
}
