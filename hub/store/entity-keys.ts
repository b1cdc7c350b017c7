import { type KeyRing } from '../crypto';
import { EntityKey, unwrapDataKey } from '../crypto/entity-key';
import { EntityUnknown } from '../errors';
import { type HubDatabase } from '../db';

/** Entities whose keys stay unwrapped in memory. */
const MOST_CACHED = 1_000;

/** Unwrapped data keys of the entities last worked on. */
export class EntityKeys {
  readonly #cache = new Map<string, EntityKey>();

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
