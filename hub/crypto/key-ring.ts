import { hkdfSync } from 'node:crypto';
import { EncryptionKeysInvalid, KeyMissing } from '../errors';

export const KEY_BYTES = 32;
const KEY_ID = /^[A-Za-z0-9_-]{1,32}$/;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

/**
 * The master keys of this installation. A value names the key that sealed it, so older keys stay in the ring
 * for reading while the first one seals.
 */
export interface KeyRing {
  /** The key that new values are sealed with. */
  readonly activeId: string;
  readonly ids: readonly string[];
  /**
   * 32 bytes derived (HKDF-SHA-256) from master key `id` for one purpose, e.g. `temporal-payloads`; a key
   * for one purpose tells nothing about that for another.
   * @throws KeyMissing
   */
  key(id: string, purpose: string): Buffer;
}

/**
 * @param text `id:base64,…`, each key 32 bytes, the first one active (setting ENCRYPTION_KEYS)
 * @param reload asked once for a newer text when a key is not in the ring: another process may have rotated
 * @throws EncryptionKeysInvalid in one readable line that shows no key
 */
export function parseKeyRing(text: string, reload?: () => string): KeyRing {
  let ring = readKeys(text);
  const derived = new Map<string, Buffer>();

  const master = (id: string): Buffer => {
    const known = ring.keys.get(id);
    if (known !== undefined) return known;
    // Never replaces the ring by one that lost keys: only what is new is taken in.
    if (reload !== undefined) ring = { ...ring, keys: new Map([...readKeys(reload()).keys, ...ring.keys]) };
    const found = ring.keys.get(id);
    if (found === undefined) throw new KeyMissing(id);
    return found;
  };

  return {
    activeId: ring.activeId,
    get ids() {
      return [...ring.keys.keys()];
    },
    key(id, purpose) {
      const name = `${id}/${purpose}`;
      const cached = derived.get(name);
      if (cached !== undefined) return cached;
      const key = deriveKey(master(id), `concordance/${purpose}`);
      derived.set(name, key);
      return key;
    },
  };
}

/** HKDF-SHA-256 without salt: the input is a random key already, `info` keeps the purposes apart. */
export function deriveKey(key: Buffer, info: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, Buffer.alloc(0), info, KEY_BYTES));
}

export function formatKey(id: string, key: Buffer): string {
  return `${id}:${key.toString('base64')}`;
}

function readKeys(text: string): { activeId: string; keys: Map<string, Buffer> } {
  const keys = new Map<string, Buffer>();
  const entries = text
    .split(/[,\n]/)
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
  for (const [index, entry] of entries.entries()) {
    const { id, key } = readKey(entry, index + 1);
    if (keys.has(id))
      throw new EncryptionKeysInvalid(`ENCRYPTION_KEYS: the key id ${id} stands there twice.`);
    keys.set(id, key);
  }
  const [activeId] = keys.keys();
  if (activeId === undefined) {
    throw new EncryptionKeysInvalid('ENCRYPTION_KEYS: holds no key; write id:base64 with 32 random bytes.');
  }
  return { activeId, keys };
}

function readKey(entry: string, position: number): { id: string; key: Buffer } {
  const colon = entry.indexOf(':');
  const id = entry.slice(0, Math.max(colon, 0));
  // An entry without a colon may be the bare key: it must not be shown.
  if (!KEY_ID.test(id)) {
    throw new EncryptionKeysInvalid(
      `ENCRYPTION_KEYS: entry ${position} must read id:base64, the id of letters, digits, _ and -, at most 32.`,
    );
  }
  const base64 = entry.slice(colon + 1);
  const key = Buffer.from(base64, 'base64');
  if (!BASE64.test(base64) || key.length !== KEY_BYTES) {
    throw new EncryptionKeysInvalid(
      `ENCRYPTION_KEYS: key ${id} must be 32 bytes in base64; make one with \`openssl rand -base64 32\`.`,
    );
  }
  return { id, key };
}
