import { createHash, randomBytes } from 'node:crypto';

/** So that secret scanners, and people, recognise a key that leaked. */
export const API_KEY_PREFIX = 'cnc_';
const KEY_BYTES = 32;
/** Below DATA_DIR: the bootstrap key of an installation whose settings name none. */
export const API_KEY_FILE = 'api-key';

/** SHA-256 (hex) of an API key. Enough without a slow hash, because keys are 256 random bits. */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key, 'utf8').digest('hex');
}

export function newApiKey(): string {
  return API_KEY_PREFIX + randomBytes(KEY_BYTES).toString('base64url');
}
