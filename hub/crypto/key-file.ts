import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { type Settings } from '../../config';
import { EncryptionKeysInvalid } from '../errors';
import { formatKey, KEY_BYTES, type KeyRing, parseKeyRing } from './key-ring';
import { readOrMakePrivateFile, writeBeside } from './private-file';

const FILE = 'encryption-keys';

/**
 * The key ring of this installation: from ENCRYPTION_KEYS, else from DATA_DIR/encryption-keys, which is made
 * when it is not there.
 * @throws EncryptionKeysInvalid
 */
export async function openKeyRing(
  settings: Pick<Settings, 'DATA_DIR'> & { readonly ENCRYPTION_KEYS?: string | undefined },
): Promise<KeyRing> {
  if (settings.ENCRYPTION_KEYS !== undefined) return parseKeyRing(settings.ENCRYPTION_KEYS);
  const text = await loadOrCreateKeys(settings.DATA_DIR);
  return parseKeyRing(text, () => readFileSync(join(settings.DATA_DIR, FILE), 'utf8'));
}

/**
 * The text of DATA_DIR/encryption-keys (the form of ENCRYPTION_KEYS). When the file is missing it is made
 * with mode 0600; of two processes that do so at once one wins, and both use its key.
 */
export async function loadOrCreateKeys(dataDir: string): Promise<string> {
  const path = join(dataDir, FILE);
  try {
    return await readOrMakePrivateFile(path, () => `${newKey('k1')}\n`);
  } catch (cause) {
    throw new EncryptionKeysInvalid(`${path} cannot be used: check that the file and its folder are yours.`, {
      cause,
    });
  }
}

/**
 * Puts a new active key in front of those in DATA_DIR/encryption-keys. Processes that run already read it
 * when they meet it; data keys are wrapped anew by `Entities.rewrapKeys` of a store opened afterwards.
 * @returns the id of the new key
 */
export async function rotateKeyFile(dataDir: string): Promise<string> {
  const path = join(dataDir, FILE);
  const text = await loadOrCreateKeys(dataDir);
  const { ids } = parseKeyRing(text);
  const numbers = ids.map((id) => Number(/^k(\d+)$/.exec(id)?.[1] ?? 0));
  const id = `k${Math.max(...numbers) + 1}`;
  await rename(await writeBeside(path, `${newKey(id)},${text.trim()}\n`), path);
  return id;
}

function newKey(id: string): string {
  return formatKey(id, randomBytes(KEY_BYTES));
}
