import { type EntityCounts, type HubStore } from '../hub';
import { type EngineHealth } from './engine-health';
import { type StatusJson } from './schemas/service';

const PAGE = 500;

/** Numbers of the whole fleet. Reads every traveller's state: cached by its caller. */
export async function fleetStatus(
  store: HubStore,
): Promise<Omit<StatusJson, 'version' | keyof EngineHealth>> {
  const totals = await store.fleet.totals();
  const byStage: StatusJson['entities']['byStage'] = {};
  const byHealth = { ok: 0, degraded: 0, failing: 0 };
  let total = 0;
  for (const { stage, health, entities } of totals) {
    byStage[stage] = (byStage[stage] ?? 0) + entities;
    byHealth[health] += entities;
    total += entities;
  }
  const quarantined = [...(await store.quarantine.counts()).values()].reduce((sum, open) => sum + open, 0);
  const travellers = await countTravellers(store);
  return { entities: { total, byStage, byHealth }, travellers, quarantined, dirty: travellers.pending };
}

async function countTravellers(store: HubStore): Promise<EntityCounts> {
  let sum = NOTHING;
  let cursor: string | undefined;
  do {
    const page = await store.fleet.ids({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    for (const counts of (await store.entities.countsOf(page.items)).values()) sum = added(sum, counts);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return sum;
}

const NOTHING: EntityCounts = {
  travellers: 0,
  synced: 0,
  pending: 0,
  quarantined: 0,
  held: 0,
  inactive: 0,
  conflicts: 0,
};

function added(one: EntityCounts, other: EntityCounts): EntityCounts {
  return {
    travellers: one.travellers + other.travellers,
    synced: one.synced + other.synced,
    pending: one.pending + other.pending,
    quarantined: one.quarantined + other.quarantined,
    held: one.held + other.held,
    inactive: one.inactive + other.inactive,
    conflicts: one.conflicts + other.conflicts,
  };
}
