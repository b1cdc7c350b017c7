import { type KeyRing } from '../crypto';
import { EntityKey, unwrapDataKey } from '../crypto/entity-key';
import { EntityErased, EntityUnknown } from '../errors';
import { type HubDatabase } from '../db';

/** Entities whose keys stay unwrapped in memory. */
const MOST_CACHED = 1_000;

/** Unwrapped data keys of the entities last worked on. */
export class EntityKeys {
  readonly #cache = new Map<string, EntityKey>();
  /** Entities that an open transaction holds. */
  readonly #held = new WeakMap<HubDatabase, Set<string>>();

  constructor(
    private readonly ring: KeyRing,
    private readonly limit: number = MOST_CACHED,
  ) {}

  /**
   * A key that was shredded opens and seals nothing (KeyMissing then).
   * @throws EntityUnknown; KeyMissing when the ring lacks the key that wraps it
   */
  async of(db: HubDatabase, entityId: string): Promise<EntityKey> {
    const cached = this.#cache.get(entityId);
    const key = cached ?? (await this.#load(db, entityId));
    this.#cache.delete(entityId);
    this.#cache.set(entityId, key);
    const [oldest] = this.#cache.keys();
    if (this.#cache.size > this.limit && oldest !== undefined) this.#cache.delete(oldest);
    return key;
  }

  /**
   * The key for whoever stores something personal, sealed or not. Until the end of the transaction an erasure
   * of the entity waits, and none has come before: another process may have destroyed the key that this one
   * remembers. It is the lock that a row's foreign key takes, so writers do not wait for each other.
   * @param tx an open transaction
   * @throws EntityErased, EntityUnknown; KeyMissing when the ring lacks the key that wraps it
   */
  async toWrite(tx: HubDatabase, entityId: string): Promise<EntityKey> {
    if (this.#held.get(tx)?.has(entityId) === true) return this.of(tx, entityId);
    const row = await tx
      .selectFrom('entities')
      .select('data_key_id')
      .where('id', '=', entityId)
      .where('data_key', 'is not', null)
      .forKeyShare()
      .executeTakeFirst();
    if (row !== undefined) {
      this.noteHeld(tx, entityId);
      return this.of(tx, entityId);
    }
    this.forget(entityId);
    await this.of(tx, entityId);
    throw new EntityErased(entityId);
  }

  /** A statement of `tx` has taken the lock of `toWrite` with something else that it did. */
  noteHeld(tx: HubDatabase, entityId: string): void {
    const held = this.#held.get(tx) ?? new Set();
    this.#held.set(tx, held.add(entityId));
  }

  forget(entityId: string): void {
    this.#cache.delete(entityId);
  }

  async #load(db: HubDatabase, entityId: string): Promise<EntityKey> {
    const row = await db
      .selectFrom('entities')
      .select(['data_key_id', 'data_key', 'ring_key_id'])
      .where('id', '=', entityId)
      .executeTakeFirst();
    if (row === undefined) throw new EntityUnknown(entityId);
    if (row.data_key === null || row.ring_key_id === null) {
      return new EntityKey(entityId, row.data_key_id, undefined);
    }
    return unwrapDataKey(this.ring, entityId, {
      keyId: row.data_key_id,
      wrapped: row.data_key,
      ringKeyId: row.ring_key_id,
    });
  }
}
