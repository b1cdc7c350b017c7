import { type HubStore } from '../hub';
import { type EngineHealth } from './engine-health';
import { type StatusJson } from './schemas/service';

type FleetJson = Omit<StatusJson, 'version' | keyof EngineHealth>;

/**
 * Numbers of the whole fleet. Who asks while it is being counted gets the same count: dashboards that reload
 * never have the database count twice at a time, and nobody gets an old answer.
 */
export function createFleetStatus(store: HubStore): () => Promise<FleetJson> {
  let counting: Promise<FleetJson> | undefined;
  return () => {
    counting ??= countFleet(store).finally(() => {
      counting = undefined;
    });
    return counting;
  };
}

async function countFleet(store: HubStore): Promise<FleetJson> {
  const { totals, travellers, quarantined } = await store.fleet.status();
  const byStage: FleetJson['entities']['byStage'] = {};
  const byHealth = { ok: 0, degraded: 0, failing: 0 };
  let total = 0;
  for (const { stage, health, entities } of totals) {
    byStage[stage] = (byStage[stage] ?? 0) + entities;
    byHealth[health] += entities;
    total += entities;
  }
  return { entities: { total, byStage, byHealth }, travellers, quarantined, dirty: travellers.pending };
}
