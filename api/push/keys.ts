import { createPublicKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Public keys that pushes may be signed with, by key id. */
export type PushKeys = ReadonlyMap<string, KeyObject>;

/** CONCUR_PUSH_KEYS_FILE cannot be used; `message` is one line that says why. */
export class PushKeysError extends Error {
  readonly code = 'push-keys-unusable';
  constructor(reason: string, options?: ErrorOptions) {
    super(`CONCUR_PUSH_KEYS_FILE: ${reason}`, options);
    this.name = 'PushKeysError';
  }
}

/** As they stand in a signature's `kid`. */
const KEY_ID = /^[A-Za-z0-9._-]{1,64}$/;
const SHAPE = 'It must be a JSON object: key id (letters, digits, . _ -) to public key in PEM.';
const fileSchema = z
  .record(z.string().regex(KEY_ID), z.string().regex(/^-----BEGIN PUBLIC KEY-----\s/))
  .refine((keys) => Object.keys(keys).length > 0);

const SMALLEST_RSA_BITS = 2048;

/**
 * Read once: a changed file counts from the next start.
 * @throws PushKeysError
 */
export function readPushKeys(path: string): PushKeys {
  const parsed = fileSchema.safeParse(contentOf(path));
  if (!parsed.success) throw new PushKeysError(SHAPE);
  return new Map(Object.entries(parsed.data).map(([id, pem]) => [id, publicKey(id, pem)]));
}

function contentOf(path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new PushKeysError('the file cannot be read. Check its path and its mode.', { cause: error });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new PushKeysError(SHAPE, { cause: error });
  }
}

function publicKey(id: string, pem: string): KeyObject {
  let key: KeyObject;
  try {
    key = createPublicKey(pem);
  } catch (error) {
    throw new PushKeysError(`the key ${id} cannot be read. It must be a public key in PEM.`, {
      cause: error,
    });
  }
  if (!isStrong(key)) {
    const wanted = `RSA with at least ${SMALLEST_RSA_BITS} bits, EC on P-256 or Ed25519`;
    throw new PushKeysError(`the key ${id} is of a kind that is not taken. Use ${wanted}.`);
  }
  return key;
}

function isStrong({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  if (type === 'rsa') return (details?.modulusLength ?? 0) >= SMALLEST_RSA_BITS;
  return type === 'ed25519' || (type === 'ec' && details?.namedCurve === 'prime256v1');
}
