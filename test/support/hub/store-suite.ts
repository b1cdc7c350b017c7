import { type HubDatabase, type HubStore, parseKeyRing } from '../../../hub';
import { bulkSuite } from './suite/bulk';
import { credentialsSuite } from './suite/credentials';
import { type SuiteContext } from './suite/context';
import { entitiesSuite } from './suite/entities';
import { erasureSuite } from './suite/erasure';
import { fleetSuite } from './suite/fleet';
import { leasesSuite } from './suite/leases';
import { migrationsSuite } from './suite/migrations';
import { quarantineSuite } from './suite/quarantine';
import { reconciliationsSuite } from './suite/reconciliations';
import { recordsSuite } from './suite/records';
import { secrecySuite } from './suite/secrecy';
import { syncSuite } from './suite/sync';
import { travellersSuite } from './suite/travellers';
import { storeOn, testKeys } from './stores';

/**
 * All that the store promises, the same on PGlite and on a real server.
 * @param open a database with the schema on it; closed by the suite
 * @param options.bulk how many travellers the test of batches takes
 */
export function storeSuite(open: () => Promise<HubDatabase>, options: { readonly bulk: number }): void {
  let database: HubDatabase | undefined;
  let store: HubStore | undefined;
  const keys = [testKeys('k2'), testKeys('k1')] as const;
  const keyRing = parseKeyRing(keys.join(','));

  beforeAll(async () => {
    database = await open();
    store = storeOn(database, keyRing);
  }, 60_000);
  afterAll(async () => store?.close());

  const context: SuiteContext = {
    db: () => there(database),
    store: () => there(store),
    keys: () => keys,
    otherStore: () => storeOn(there(database), keyRing),
  };
  entitiesSuite(context);
  fleetSuite(context);
  travellersSuite(context);
  syncSuite(context);
  leasesSuite(context);
  quarantineSuite(context);
  migrationsSuite(context);
  credentialsSuite(context);
  reconciliationsSuite(context);
  recordsSuite(context);
  secrecySuite(context);
  erasureSuite(context);
  bulkSuite(context, options.bulk);
}

function there<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('The database is not open.');
  return value;
}
