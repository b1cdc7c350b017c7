import { createHmac, randomBytes } from 'node:crypto';
import { KeyMissing } from '../errors';
import { deriveKey, KEY_BYTES, type KeyRing } from './key-ring';
import { openText, type Place, sealedBy, sealText } from './sealed-text';

const WRAPPING = 'entity-data-keys';
const SHORT_HASH_BYTES = 16;

/** The data key of one entity: seals its values and hashes them. Destroying it makes them unreadable. */
export class EntityKey {
  readonly #derived: { readonly sealing: Buffer; readonly hashing: Buffer } | undefined;

  /** @param dataKey absent once it was shredded: what holds nothing sealed can still be read */
  constructor(
    readonly entityId: string,
    readonly id: string,
    dataKey: Buffer | undefined,
  ) {
    this.#derived = dataKey && { sealing: deriveKey(dataKey, 'seal'), hashing: deriveKey(dataKey, 'hash') };
  }

  /** True once it was destroyed: it opens and seals nothing. */
  get isShredded(): boolean {
    return this.#derived === undefined;
  }

  get #sealing(): Buffer {
    if (this.#derived === undefined) throw new KeyMissing(this.id);
    return this.#derived.sealing;
  }

  get #hashing(): Buffer {
    if (this.#derived === undefined) throw new KeyMissing(this.id);
    return this.#derived.hashing;
  }

  seal(place: Place, text: string): string {
    return sealText(this.#sealing, this.id, this.#at(place), text);
  }

  /** @throws SealBroken; KeyMissing when another data key sealed it */
  open(place: Place, sealed: string): string {
    const keyId = sealedBy(sealed, this.#at(place));
    if (keyId !== this.id) throw new KeyMissing(keyId);
    return openText(this.#sealing, this.#at(place), sealed);
  }

  sealJson(place: Place, value: unknown): string {
    return this.seal(place, JSON.stringify(value) ?? 'null');
  }

  openJson(place: Place, sealed: string): unknown {
    return JSON.parse(this.open(place, sealed));
  }

  /** HMAC-SHA-256, hex: says whether two texts are equal and nothing else. */
  hash(text: string): string {
    return createHmac('sha256', this.#hashing).update(text, 'utf8').digest('hex');
  }

  /** The same, cut to 128 bits: stands beside every sealed leaf. */
  shortHash(text: string): string {
    return createHmac('sha256', this.#hashing)
      .update(text, 'utf8')
      .digest()
      .subarray(0, SHORT_HASH_BYTES)
      .toString('base64url');
  }

  #at(place: Place): Place {
    return [this.entityId, ...place];
  }
}

/** A data key as it is stored: wrapped by the key `ringKeyId` of the ring. */
export interface WrappedKey {
  readonly keyId: string;
  readonly wrapped: string;
  readonly ringKeyId: string;
}

export function newDataKey(ring: KeyRing, entityId: string): WrappedKey {
  const keyId = `e${randomBytes(6).toString('hex')}`;
  return wrap(ring, entityId, keyId, randomBytes(KEY_BYTES).toString('base64'));
}

/** @throws KeyMissing, SealBroken */
export function unwrapDataKey(ring: KeyRing, entityId: string, key: WrappedKey): EntityKey {
  return new EntityKey(entityId, key.keyId, Buffer.from(unwrap(ring, entityId, key), 'base64'));
}

/** The same data key, wrapped by the active key of the ring. */
export function rewrapDataKey(ring: KeyRing, entityId: string, key: WrappedKey): WrappedKey {
  return wrap(ring, entityId, key.keyId, unwrap(ring, entityId, key));
}

function wrap(ring: KeyRing, entityId: string, keyId: string, dataKey: string): WrappedKey {
  const key = ring.key(ring.activeId, WRAPPING);
  const wrapped = sealText(key, ring.activeId, placeOfKey(entityId, keyId), dataKey);
  return { keyId, wrapped, ringKeyId: ring.activeId };
}

function unwrap(ring: KeyRing, entityId: string, { keyId, wrapped }: WrappedKey): string {
  const place = placeOfKey(entityId, keyId);
  return openText(ring.key(sealedBy(wrapped, place), WRAPPING), place, wrapped);
}

function placeOfKey(entityId: string, keyId: string): Place {
  return [entityId, 'entities', 'data_key', keyId];
}
