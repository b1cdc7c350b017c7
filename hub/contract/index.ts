import { type Credentials } from './credentials';
import { type Agencies, type Entities, type Fleet } from './entities';
import { type Migrations } from './migrations';
import { type Pushes } from './pushes';
import { type Reconciliations } from './reconciliations';
import {
  type ApiKeys,
  type Calls,
  type Conflicts,
  type Events,
  type Quarantine,
  type Requests,
} from './records';
import { type SyncRepository } from './sync';
import { type Travellers } from './travellers';

export * from './credentials';
export * from './entities';
export * from './migrations';
export * from './paging';
export * from './pushes';
export * from './reconciliations';
export * from './records';
export * from './sync';
export * from './travellers';

/** Everything that is stored. Assembled by `createHubStore`. */
export interface HubStore {
  readonly agencies: Agencies;
  readonly entities: Entities;
  readonly fleet: Fleet;
  readonly travellers: Travellers;
  /** Satisfies the engine's SyncStore. */
  readonly sync: SyncRepository;
  /** Satisfies the engine's MigrationStore. */
  readonly migrations: Migrations;
  /** Satisfies Concur's TokenStore. */
  readonly credentials: Credentials;
  readonly quarantine: Quarantine;
  readonly conflicts: Conflicts;
  readonly events: Events;
  /** Satisfies the engine's ReconcileStore. */
  readonly reconciliations: Reconciliations;
  readonly requests: Requests;
  readonly pushes: Pushes;
  readonly apiKeys: ApiKeys;
  readonly calls: Calls;
  /** True when the database answers; for readiness. */
  ping(): Promise<boolean>;
  /** Closes the database's connections. */
  close(): Promise<void>;
}
