import { type TokenStore } from '../../../concur/tokens';
import { type HubStore } from '../../../hub';
import { type MigrationStore, type ReconcileStore, type SyncStore } from '../../../sync/engine/ports';

/** What the engine and the Concur client may ask of the hub; compiling this is the test. */
interface Ports {
  readonly sync: SyncStore;
  readonly migrations: MigrationStore;
  readonly reconciliations: ReconcileStore;
  readonly credentials: TokenStore;
}

test('the store is what the engine and the Concur client ask for', () => {
  const asPorts = (store: HubStore): Ports => store;
  expect(asPorts).toBeInstanceOf(Function);
});
