import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { type Payload, type PayloadCodec, ValueError } from '@temporalio/common';
import { temporal } from '@temporalio/proto';

const ENCODING = 'binary/encrypted';
const ENCODING_KEY = 'encoding';
const KEY_ID = 'encryption-key-id';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Keys of 32 bytes by id; new payloads are sealed with the active one. */
export interface PayloadKeys {
  readonly activeId: string;
  /** @throws when there is no key of that id */
  key(id: string): Buffer;
}

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const textOf = (bytes: Uint8Array | null | undefined): string =>
  new TextDecoder().decode(bytes ?? new Uint8Array());

/**
 * Seals every payload with AES-256-GCM before it leaves this process: arguments, results, signals, updates,
 * memos, summaries, details, heartbeats and failure details. Ids and counts are all that payloads carry;
 * this is the second wall. What was written before a key rotation stays readable while its key is kept.
 */
export class EncryptionCodec implements PayloadCodec {
  constructor(private readonly keys: PayloadKeys) {}

  encode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.resolve(payloads.map((payload) => this.seal(payload)));
  }

  decode(payloads: Payload[]): Promise<Payload[]> {
    return Promise.resolve(payloads.map((payload) => this.open(payload)));
  }

  private seal(payload: Payload): Payload {
    const id = this.keys.activeId;
    const plain = temporal.api.common.v1.Payload.encode(payload).finish();
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.keys.key(id), nonce).setAAD(utf8(id));
    const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    return { metadata: { [ENCODING_KEY]: utf8(ENCODING), [KEY_ID]: utf8(id) }, data: sealed };
  }

  private open(payload: Payload): Payload {
    if (textOf(payload.metadata?.[ENCODING_KEY]) !== ENCODING) return payload;
    const id = textOf(payload.metadata?.[KEY_ID]);
    const data = Buffer.from(payload.data ?? new Uint8Array());
    if (data.length < NONCE_BYTES + TAG_BYTES) throw new ValueError('an encrypted payload is cut short');
    const decipher = createDecipheriv('aes-256-gcm', this.keys.key(id), data.subarray(0, NONCE_BYTES));
    decipher.setAAD(utf8(id)).setAuthTag(data.subarray(-TAG_BYTES));
    const plain = Buffer.concat([decipher.update(data.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
    return temporal.api.common.v1.Payload.decode(plain);
  }
}
