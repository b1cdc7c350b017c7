import { type HubDatabase, type HubStore } from '../../../../hub';
import { anEntity, T0 } from '../../builders';

/** What the parts of the store's suite work on; the database is there once `beforeAll` has run. */
export interface SuiteContext {
  readonly db: () => HubDatabase;
  readonly store: () => HubStore;
  /** Both keys of the store's ring as ENCRYPTION_KEYS writes them; the first one is active. */
  readonly keys: () => readonly [string, string];
  /** One more store over the same database, as another process would have. */
  readonly otherStore: () => HubStore;
}

export async function createEntity(store: HubStore, definition = anEntity()): Promise<string> {
  const { entity } = await store.entities.create(definition, { now: T0 });
  return entity.id;
}

/** The error a promise ends with; a promise that does not fail fails the test. */
export async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => {
      throw new Error('Expected a refusal, but it was accepted.');
    },
    (error: unknown) => error,
  );
}
