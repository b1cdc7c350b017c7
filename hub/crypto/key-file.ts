import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { link, mkdir, open, readFile, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { type Settings } from '../../config';
import { EncryptionKeysInvalid } from '../errors';
import { formatKey, KEY_BYTES, type KeyRing, parseKeyRing } from './key-ring';

const FILE = 'encryption-keys';
const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

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
  const existing = await readIfThere(path);
  if (existing !== undefined) return existing;
  await mkdir(dataDir, { recursive: true, mode: PRIVATE_FOLDER });
  const fresh = await writeBeside(path, `${newKey('k1')}\n`);
  try {
    // A link fails when the name is taken and never shows half a file: exactly one process makes the keys.
    await link(fresh, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw unusable(path, error);
  } finally {
    await unlink(fresh);
  }
  return readFile(path, 'utf8');
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

/** Writes a file of its own name beside `path`, on disk when this returns. */
async function writeBeside(path: string, text: string): Promise<string> {
  const name = `${path}.${randomBytes(6).toString('hex')}`;
  const file = await open(name, 'wx', PRIVATE_FILE);
  try {
    await file.writeFile(text, 'utf8');
    await file.sync();
  } finally {
    await file.close();
  }
  return name;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw unusable(path, error);
  }
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}

function unusable(path: string, cause: unknown): EncryptionKeysInvalid {
  return new EncryptionKeysInvalid(`${path} cannot be used: check that the file and its folder are yours.`, {
    cause,
  });
}
