import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/**
 * The text of a file with a secret, which is made (mode 0600) when it is not there. Of two processes that make
 * it at once one wins, and both get its text.
 */
export async function readOrMakePrivateFile(path: string, make: () => string): Promise<string> {
  const existing = await readIfThere(path);
  if (existing !== undefined) return existing;
  await mkdir(dirname(path), { recursive: true, mode: PRIVATE_FOLDER });
  const fresh = await writeBeside(path, make());
  try {
    // A link fails when the name is taken and never shows half a file: exactly one process makes it.
    await link(fresh, path);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await unlink(fresh);
  }
  return readFile(path, 'utf8');
}

/** Writes a file of its own name beside `path`, on disk when this returns. */
export async function writeBeside(path: string, text: string): Promise<string> {
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
    throw error;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
