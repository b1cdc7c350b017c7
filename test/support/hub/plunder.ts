import { createDecipheriv } from 'node:crypto';
import { type KeyRing } from '../../../hub';
import { deriveKey } from '../../../hub/crypto/key-ring';
import { type Dump } from './everywhere';

/** A sealed text of a dump that some key has opened. */
export interface Loot {
  readonly table: string;
  readonly text: string;
}

const SEALED = /s1\.[A-Za-z0-9_-]{1,32}\.([A-Za-z0-9_-]+)/g;
const DATA_KEY = /^[A-Za-z0-9+/]{43}=$/;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * What somebody gets out of a dump who has the whole ring: every sealed text wherever it stands, opened with
 * every key of the ring and every data key that any key of the ring opens. Neither the place nor the id that
 * the text names is respected, as a thief would not; what a wrong key makes of it is left out.
 * @param keysFrom dumps that data keys are taken from, by default the one that is opened
 */
export function plunder(dump: Dump, ring: KeyRing, keysFrom: readonly Dump[] = [dump]): Loot[] {
  const ringKeys = ring.ids.map((id) => ring.key(id, 'entity-data-keys'));
  const dataKeys = keysFrom.flatMap(sealedTexts).flatMap(({ body }) =>
    ringKeys
      .map((key) => decrypted(key, body).toString('latin1'))
      .filter((text) => DATA_KEY.test(text))
      .map((text) => deriveKey(Buffer.from(text, 'base64'), 'seal')),
  );
  return sealedTexts(dump).flatMap(({ table, body }) =>
    [...ringKeys, ...dataKeys].flatMap((key) => {
      const text = readable(decrypted(key, body));
      return text === undefined || DATA_KEY.test(text) ? [] : [{ table, text }];
    }),
  );
}

function sealedTexts(dump: Dump): { readonly table: string; readonly body: Buffer }[] {
  return [...dump].flatMap(([table, rows]) =>
    [...rows.join('\n').matchAll(SEALED)].map(([, body = '']) => ({
      table,
      body: Buffer.from(body, 'base64url'),
    })),
  );
}

/** Without looking at the tag, which says whether key and place are right. */
function decrypted(key: Buffer, body: Buffer): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, NONCE_BYTES));
  return decipher.update(body.subarray(NONCE_BYTES, body.length - TAG_BYTES));
}

/** Texts of ours are JSON or tokens: UTF-8 without control characters. Short noise can look like it, rarely. */
function readable(bytes: Buffer): string | undefined {
  const text = bytes.toString('utf8');
  return text.length < 4 || /[\uFFFD\p{Cc}]/u.test(text) ? undefined : text;
}
