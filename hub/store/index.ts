import { sql } from 'kysely';
import { type HubStore } from '../contract';
import { type KeyRing } from '../crypto';
import { type HubDatabase } from '../db';
import { createAgencies } from './agencies';
import { createApiKeys } from './api-keys';
import { createCalls } from './calls';
import { createConflicts } from './conflicts';
import { createCredentials } from './credentials';
import { createEntities } from './entities';
import { EntityKeys } from './entity-keys';
import { createEvents } from './events';
import { createFleet } from './fleet';
import { createMigrations } from './migrations';
import { createPushes } from './pushes';
import { createQuarantine } from './quarantine';
import { createReconciliations } from './reconciliations';
import { createRequests } from './requests';
import { type StoreContext } from './support';
import { createSync } from './sync';
import { createTravellers } from './travellers';

export interface HubStoreDeps {
  readonly db: HubDatabase;
  readonly keyRing: KeyRing;
  /** Makes ids of rows and list elements; sortable by time in production, so that lists by id are in order. */
  readonly ids: { next(): string };
}

/** The hub's store over one database, whose schema is up to date (`migrateToLatest`). */
export function createHubStore({ db, keyRing, ids }: HubStoreDeps): HubStore {
  const context: StoreContext = { db, ring: keyRing, keys: new EntityKeys(keyRing), ids };
  return {
    agencies: createAgencies(context),
    entities: createEntities(context),
    fleet: createFleet(context),
    travellers: createTravellers(context),
    sync: createSync(context),
    migrations: createMigrations(context),
    credentials: createCredentials(context),
    quarantine: createQuarantine(context),
    conflicts: createConflicts(context),
    events: createEvents(context),
    reconciliations: createReconciliations(context),
    requests: createRequests(context),
    pushes: createPushes(context),
    apiKeys: createApiKeys(context),
    calls: createCalls(context),
    ping: () => ping(db),
    close: () => db.destroy(),
  };
}

async function ping(db: HubDatabase): Promise<boolean> {
  try {
    await sql`select 1`.execute(db);
    return true;
  } catch {
    // Readiness asks yes or no; what is wrong shows in the calls that do work.
    return false;
  }
}
