import { type Entities, type RewrappedKeys } from '../contract';
import { type KeyRing } from '../crypto';
import { rewrapDataKey, type WrappedKey } from '../crypto/entity-key';
import { type HubDatabase } from '../db';
import { isKeyMissing, isSealBroken } from '../errors';
import { present } from './support';

/**
 * One batch in one transaction. The rows are locked: an entity that is shredded meanwhile stays shredded, and
 * of two runs at once each row is wrapped by one.
 */
export function rewrapKeys(
  db: HubDatabase,
  ring: KeyRing,
  { limit, after }: Parameters<Entities['rewrapKeys']>[0],
): Promise<RewrappedKeys> {
  return db.transaction().execute(async (tx) => {
    let rows = tx
      .selectFrom('entities')
      .select(['id', 'data_key_id', 'data_key', 'ring_key_id'])
      .where('ring_key_id', '!=', ring.activeId)
      .orderBy('id')
      .limit(limit)
      .forUpdate();
    if (after !== undefined) rows = rows.where('id', '>', after);
    const old = await rows.execute();
    const unreadable: string[] = [];
    let rewrapped = 0;
    for (const { id, data_key_id: keyId, data_key: wrapped, ring_key_id: ringKeyId } of old) {
      if (wrapped === null || ringKeyId === null) continue;
      const key = readable(() => rewrapDataKey(ring, id, { keyId, wrapped, ringKeyId }));
      if (key === undefined) {
        unreadable.push(id);
        continue;
      }
      rewrapped += 1;
      await tx
        .updateTable('entities')
        .set({ data_key: key.wrapped, ring_key_id: key.ringKeyId })
        .where('id', '=', id)
        .execute();
    }
    const { left } = await tx
      .selectFrom('entities')
      .select((q) => q.fn.countAll<number>().as('left'))
      .where('ring_key_id', '!=', ring.activeId)
      .executeTakeFirstOrThrow();
    const next = old.length === limit ? old.at(-1)?.id : undefined;
    return { rewrapped, remaining: left, activeKeyId: ring.activeId, unreadable, ...present({ next }) };
  });
}

/** One entity that cannot be opened must not keep the others on the old key. */
function readable(rewrap: () => WrappedKey): WrappedKey | undefined {
  try {
    return rewrap();
  } catch (error) {
    if (isKeyMissing(error) || isSealBroken(error)) return undefined;
    throw error;
  }
}
