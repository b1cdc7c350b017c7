import { constants } from 'node:fs';
import { access, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Settings } from '../../config';
import { API_KEY_FILE } from '../../hub/crypto/api-key';
import { parseKeyRing } from '../../hub/crypto/key-ring';
import { errorCode, reasonOf } from '../../workers/local/errors';
import { type Check, fail, ok, warn } from './check';

const KEYS_FILE = 'encryption-keys';
const OTHERS = 0o077;

/** The folder is made at the first start: then the nearest one that exists must be writable. */
export async function checkDataDir({ DATA_DIR }: Pick<Settings, 'DATA_DIR'>): Promise<Check> {
  const name = 'DATA_DIR';
  try {
    await access(DATA_DIR, constants.W_OK | constants.X_OK);
    return ok(name, `${DATA_DIR} is writable`);
  } catch (error) {
    if (errorCode(error) === 'ENOENT' && (await canMake(DATA_DIR))) {
      return ok(name, `${DATA_DIR} is made at the first start`);
    }
    const why = errorCode(error) ?? reasonOf(error);
    return fail(
      name,
      `${DATA_DIR} cannot be written (${why})`,
      'Correct its permissions, or set DATA_DIR to another folder.',
    );
  }
}

async function canMake(folder: string): Promise<boolean> {
  const parent = dirname(folder);
  if (parent === folder) return false;
  try {
    await access(parent, constants.W_OK | constants.X_OK);
    return true;
  } catch (error) {
    return errorCode(error) === 'ENOENT' && (await canMake(parent));
  }
}

/** Reads the keys as a start would, but never makes them. */
export async function checkKeys(settings: Settings): Promise<Check> {
  const name = 'Encryption keys';
  const advice = 'Put the keys back that the data was sealed with; without them it cannot be opened.';
  const path = join(settings.DATA_DIR, KEYS_FILE);
  const place = settings.ENCRYPTION_KEYS === undefined ? path : 'ENCRYPTION_KEYS';
  try {
    const ring = parseKeyRing(settings.ENCRYPTION_KEYS ?? (await readFile(path, 'utf8')));
    const found = `${place}: ${ring.ids.length === 1 ? '1 key' : `${ring.ids.length} keys`}, ${ring.activeId} active`;
    return settings.ENCRYPTION_KEYS === undefined ? privateFile(name, path, found) : ok(name, found);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return ok(name, 'made at the first start');
    return fail(name, `${place}: ${reasonOf(error)}`, advice);
  }
}

export async function checkApiKey(settings: Settings): Promise<Check> {
  const name = 'API key';
  if (settings.API_KEY !== undefined) return ok(name, 'API_KEY is set');
  const path = join(settings.DATA_DIR, API_KEY_FILE);
  try {
    await readFile(path, 'utf8');
    return await privateFile(name, path, path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return ok(name, 'made at the first start');
    return fail(
      name,
      `${path} cannot be read (${errorCode(error) ?? reasonOf(error)})`,
      'Correct its permissions, or set API_KEY.',
    );
  }
}

async function privateFile(name: string, path: string, found: string): Promise<Check> {
  const { mode } = await stat(path);
  if ((mode & OTHERS) === 0) return ok(name, found);
  return warn(name, `${path} can be read by others`, `Run: chmod 600 ${path}`);
}
