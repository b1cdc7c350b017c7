import { type AdaptiveLimit } from './pool';
import { type EngineDeps, type EngineSettings, type ReconcileStore } from './ports';

export interface ReconcileDeps extends EngineDeps {
  readonly reconciliations: ReconcileStore;
}

export interface ReconciliationRef {
  readonly entityId: string;
  readonly number: number;
}

/** What one step works with; `limit` remembers how fast Concur lets us go. */
export interface Comparing {
  readonly deps: ReconcileDeps;
  readonly settings: EngineSettings;
  readonly limit: AdaptiveLimit;
}
