import { sql } from 'kysely';
import { type Executor } from './support';

/**
 * Within the transaction of a change: sets the entity's wake flag; true for the one that turned it on.
 *
 * Where the flag is on already the entity's row is held shared until the commit. So a drain that clears the
 * flag waits for this change and then reads it; it cannot clear the flag, miss the change and sleep.
 * Call it last: travellers are locked before entities everywhere.
 */
export async function wakeEntity(tx: Executor, entityId: string, now: Date): Promise<boolean> {
  for (;;) {
    if (await turnOnWake(tx, entityId, now)) return true;
    const { rows } = await sql<{ wake: boolean }>`
      select wake from entities where id = ${entityId} for share`.execute(tx);
    // Off again: a drain cleared it between the two statements.
    if (rows[0]?.wake !== false) return false;
  }
}

/** True when this call turned the flag on. */
export async function turnOnWake(db: Executor, entityId: string, now: Date): Promise<boolean> {
  const result = await db
    .updateTable('entities')
    .set({ wake: true, woken_at: now })
    .where('id', '=', entityId)
    .where('wake', '=', false)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function turnOffWake(db: Executor, entityId: string): Promise<void> {
  await db
    .updateTable('entities')
    .set({ wake: false, woken_at: null })
    .where('id', '=', entityId)
    .where('wake', '=', true)
    .execute();
}
