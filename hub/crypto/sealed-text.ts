import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { SealBroken } from '../errors';

const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const FORM = /^s1\.([A-Za-z0-9_-]{1,32})\.([A-Za-z0-9_-]+)$/;

/** Where a sealed value belongs, e.g. `['travellers', id, 'sections', 'passports.passportNumber']`. */
export type Place = readonly string[];

/**
 * AES-256-GCM: `s1.<key id>.<nonce, ciphertext, tag>`. The place is associated data: the same text
 * anywhere else does not open.
 */
export function sealText(key: Buffer, keyId: string, place: Place, text: string): string {
  const nonce = nextNonce();
  const cipher = createCipheriv(CIPHER, key, nonce);
  cipher.setAAD(associatedData(place));
  const body = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `s1.${keyId}.${body.toString('base64url')}`;
}

const NONCES_AT_ONCE = 512;
let nonces = Buffer.alloc(0);

/** Random, and never given out twice; drawn many at a time, because each draw costs more than a seal. */
function nextNonce(): Buffer {
  if (nonces.length === 0) nonces = randomBytes(NONCE_BYTES * NONCES_AT_ONCE);
  const nonce = nonces.subarray(0, NONCE_BYTES);
  nonces = nonces.subarray(NONCE_BYTES);
  return nonce;
}

/** @throws SealBroken when it is not a sealed text, was altered, or belongs to another place */
export function openText(key: Buffer, place: Place, sealed: string): string {
  const body = Buffer.from(FORM.exec(sealed)?.[2] ?? '', 'base64url');
  if (body.length < NONCE_BYTES + TAG_BYTES) throw new SealBroken(describe(place));
  const decipher = createDecipheriv(CIPHER, key, body.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(associatedData(place));
  decipher.setAuthTag(body.subarray(body.length - TAG_BYTES));
  const plain = decipher.update(body.subarray(NONCE_BYTES, body.length - TAG_BYTES));
  try {
    return Buffer.concat([plain, decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new SealBroken(describe(place), { cause });
  }
}

/** Id of the key that sealed the text. @throws SealBroken */
export function sealedBy(sealed: string, place: Place): string {
  const id = FORM.exec(sealed)?.[1];
  if (id === undefined) throw new SealBroken(describe(place));
  return id;
}

/** As JSON, so that no two places give the same bytes. */
function associatedData(place: Place): Buffer {
  return Buffer.from(JSON.stringify(place), 'utf8');
}

function describe(place: Place): string {
  return place.join('/');
}
