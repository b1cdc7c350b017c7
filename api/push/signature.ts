import { type KeyObject, verify } from 'node:crypto';
import { Problem } from '../problem';
import { type PushKeys } from './keys';

export const SIGNATURE_HEADER = 'concur-signature';
/** How far the time of signing may be from our clock, either way. */
export const SIGNATURE_WINDOW_SECONDS = 300;

/**
 * `t=<seconds since 1970>,kid=<key id>,v1=<base64>`, in this order, without spaces. An assumption: SAP publishes
 * no form of the header (docs/concur.md §7).
 */
const FORM = /^t=([1-9]\d{9}),kid=([A-Za-z0-9._-]{1,64}),v1=([A-Za-z0-9+/]{32,1024}={0,2})$/;

/**
 * The message was signed with a known key within the window: the signature is over `<t>.<kid>.` and the body,
 * byte by byte. The key decides the algorithm, never the message.
 * @throws Problem 401: `push-signature-missing`, `push-signature-invalid` or `push-signature-expired`
 */
export function requireSignature(
  header: string | string[] | undefined,
  body: Uint8Array,
  { keys, now }: { readonly keys: PushKeys; readonly now: Date },
): void {
  if (header === undefined)
    throw new Problem(401, 'push-signature-missing', 'Sign the message: the header Concur-Signature.');
  const [, time, keyId, text] = FORM.exec(String(header)) ?? [];
  if (time === undefined || keyId === undefined || text === undefined) throw invalid();
  const key = keys.get(keyId);
  const signature = Buffer.from(text, 'base64');
  // Base64 has several spellings of the same bytes; only one of them is taken.
  if (key === undefined || signature.toString('base64') !== text) throw invalid();
  const signed = Buffer.concat([Buffer.from(`${time}.${keyId}.`, 'utf8'), body]);
  if (!isSignedBy(key, signed, signature)) throw invalid();
  if (Math.abs(now.getTime() / 1000 - Number(time)) > SIGNATURE_WINDOW_SECONDS) {
    const detail = `The message was signed more than ${SIGNATURE_WINDOW_SECONDS} seconds ago or ahead of our clock. Sign it anew.`;
    throw new Problem(401, 'push-signature-expired', detail);
  }
}

/** RSA: PKCS#1 v1.5 with SHA-256. EC: ECDSA in DER with SHA-256. Ed25519 as it is. */
function isSignedBy(key: KeyObject, signed: Uint8Array, signature: Uint8Array): boolean {
  return verify(key.asymmetricKeyType === 'ed25519' ? null : 'sha256', signed, key, signature);
}

function invalid(): Problem {
  const detail =
    'The header Concur-Signature has another form than docs/api.md names, an unknown key, or does not fit the body.';
  return new Problem(401, 'push-signature-invalid', detail);
}
