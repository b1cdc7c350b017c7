import { join } from 'node:path';
import { type Settings } from '../../config';
import { BootstrapKeyUnusable } from '../errors';
import { API_KEY_FILE, newApiKey } from './api-key';
import { readOrMakePrivateFile } from './private-file';

/**
 * API_KEY, or the key of DATA_DIR/api-key, which is made (mode 0600) when it is not there. Of two processes
 * that make it at once one wins, and both use its key.
 * @throws BootstrapKeyUnusable
 */
export async function bootstrapKey({
  API_KEY,
  DATA_DIR,
}: Pick<Settings, 'API_KEY' | 'DATA_DIR'>): Promise<string> {
  if (API_KEY !== undefined) return API_KEY;
  const path = join(DATA_DIR, API_KEY_FILE);
  const key = (await readOrMake(path)).trim();
  if (key === '') throw new BootstrapKeyUnusable(path);
  return key;
}

async function readOrMake(path: string): Promise<string> {
  try {
    return await readOrMakePrivateFile(path, () => `${newApiKey()}\n`);
  } catch (cause) {
    throw new BootstrapKeyUnusable(path, { cause });
  }
}
