import { type LoopControl } from '../client';
import { type HubStore } from '../hub';
import { type Clock } from '../sync/engine/ports';

export interface EndWorkDeps {
  readonly store: { readonly migrations: Pick<HubStore['migrations'], 'latest' | 'updateMigration'> };
  readonly engine: Pick<LoopControl, 'stopLoops' | 'stopMigration'>;
  readonly clock: Pick<Clock, 'now'>;
}

/**
 * Ends all that works on an entity that leaves: its loops, and its migration if one is open, which would try
 * for ever with a connection that is gone. The row is closed first, or a sweep would start it once more.
 */
export async function endWork({ store, engine, clock }: EndWorkDeps, entityId: string): Promise<void> {
  await engine.stopLoops(entityId);
  const last = await store.migrations.latest(entityId);
  if (last === undefined) return;
  await store.migrations.updateMigration(entityId, last.number, {
    state: 'cancelled',
    completedAt: clock.now(),
  });
  await engine.stopMigration(entityId, last.number);
}
