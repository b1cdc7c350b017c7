import { type ActivityDeps } from './deps';
import { createEntityActivities } from './entities';
import { createFleetActivities } from './fleet';
import { createMigrationActivities } from './migrations';
import { createReconcileActivities } from './reconcile';
import { createSyncActivities } from './sync';
import { createTokenActivities } from './tokens';

export { type ActivityDeps, type ActivityMetrics, type ActivitySettings, type ConcurAccess } from './deps';
export { pollRhythm } from './sync';

/** All activities by name, as a worker registers them. */
export function createActivities(deps: ActivityDeps) {
  return {
    ...createEntityActivities(deps),
    ...createTokenActivities(deps),
    ...createSyncActivities(deps),
    ...createMigrationActivities(deps),
    ...createReconcileActivities(deps),
    ...createFleetActivities(deps),
  };
}
