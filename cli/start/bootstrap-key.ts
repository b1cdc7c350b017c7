import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Settings } from '../../config';
import { newApiKey } from '../../hub/crypto/api-key';
import { errorCode } from '../../workers/local/errors';
import { API_KEY_FILE } from '../api-address';
import { CliError } from '../errors';

/**
 * API_KEY, or the key of DATA_DIR/api-key, which is made (mode 0600) when it is not there. Of two processes
 * that make it at once one wins, and both use its key.
 */
export async function bootstrapKey({
  API_KEY,
  DATA_DIR,
}: Pick<Settings, 'API_KEY' | 'DATA_DIR'>): Promise<string> {
  if (API_KEY !== undefined) return API_KEY;
  const path = join(DATA_DIR, API_KEY_FILE);
  try {
    return (await readIfThere(path)) ?? (await make(DATA_DIR, path));
  } catch (error) {
    throw new CliError(
      'api-key-unusable',
      `${path} cannot be read or made (${errorCode(error) ?? 'unknown reason'}). Correct its permissions, or set API_KEY.`,
      { cause: error },
    );
  }
}

async function make(dataDir: string, path: string): Promise<string> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const fresh = `${path}.${randomBytes(6).toString('hex')}`;
  await writeFile(fresh, `${newApiKey()}\n`, { mode: 0o600, flag: 'wx' });
  try {
    // A link fails when the name is taken and never shows half a file.
    await link(fresh, path);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw error;
  } finally {
    await unlink(fresh);
  }
  return (await readFile(path, 'utf8')).trim();
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    const key = (await readFile(path, 'utf8')).trim();
    return key === '' ? undefined : key;
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
