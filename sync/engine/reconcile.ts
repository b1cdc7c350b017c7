import {
  type Entity,
  type FoundItem,
  type Reconciliation,
  type ReconciliationProgress,
} from '../../hub/types';
import { lookAgain } from './look-again';
import { AdaptiveLimit } from './pool';
import { type EngineSettings, type ReconciliationStep } from './ports';
import { pullLogins } from './pull';
import { findingsHere } from './reconcile-here';
import { findingsThere } from './reconcile-there';
import { type Comparing, type ReconcileDeps, type ReconciliationRef } from './reconcile-types';

export interface ReconcileOptions {
  /** Ends after so many steps, so that one activity stays short; absent: goes on to the end. */
  readonly steps?: number;
  /** Called after each committed step. */
  readonly onProgress?: (reconciliation: Reconciliation) => void;
}

const TRAVELLERS_PER_STEP = 100;
const REPAIRS_PER_STEP = 50;
/** Concur's list is read twice where it has several pages. */
const PASSES = 2;

/**
 * Compares all travellers of an entity with Concur, and Concur's whole list with them
 * (docs/architecture.md, "Reconciling"). Each step is committed with how far it has come, so that it goes on
 * there after a crash; nothing is kept in memory beyond one step. With `repair` everything that differs is
 * then handed to the publisher or the pull.
 * @returns the reconciliation as it stands: under way if the steps were not enough
 * @throws the port's failure when Concur, the connection or the store fails; what was committed stays
 */
export async function reconcileOnce(
  deps: ReconcileDeps,
  settings: EngineSettings,
  { entityId, number }: ReconciliationRef,
  options: ReconcileOptions = {},
): Promise<Reconciliation> {
  const comparing = { deps, settings, limit: new AdaptiveLimit(settings.concurrency) };
  let current = await deps.reconciliations.reconciliation(entityId, number);
  for (let done = 0; current.state === 'running' && done < (options.steps ?? Infinity); done += 1) {
    const step = await nextStep(comparing, current);
    current = await deps.reconciliations.commit(current, step, { now: deps.clock.now() });
    options.onProgress?.(current);
  }
  return current;
}

async function nextStep(comparing: Comparing, current: Reconciliation): Promise<ReconciliationStep> {
  const entity = await comparing.deps.store.entity(current.entityId);
  const error = standstill(entity);
  if (error !== undefined) return { progress: current.progress, end: { state: 'skipped', error } };
  switch (current.progress.phase) {
    case 'here':
      return stepHere(comparing, entity, current);
    case 'there':
      return stepThere(comparing, entity, current);
    case 'repair':
      return stepRepair(comparing, current);
  }
}

/** In words, why nothing can be compared: one of the directions does not run, so that all would differ. */
function standstill({ id, stage, interfaceOn, pollingOn }: Entity): string | undefined {
  if (stage !== 'active')
    return `The entity is in stage ${stage}; only an active one is compared. Look at it: concordance entity show ${id}`;
  if (interfaceOn && pollingOn) return undefined;
  const name = interfaceOn ? 'pollingOn' : 'interfaceOn';
  return `${name} is off, so that the sides are not kept in step. Switch it on first: concordance entity set ${id} ${name}=true`;
}

async function stepHere(
  comparing: Comparing,
  entity: Entity,
  { progress }: Reconciliation,
): Promise<ReconciliationStep> {
  const { reconciliations } = comparing.deps;
  const ids = await reconciliations.travellerIds(entity.id, progress.after, TRAVELLERS_PER_STEP);
  const after = ids.at(-1);
  if (after === undefined) return { progress: inPhase(progress, 'there', { page: 1, pass: 1 }) };
  const items = await findingsHere(comparing, entity, ids);
  return {
    progress: { ...progress, after, compared: progress.compared + ids.length },
    equal: ids.length - items.length,
    items,
  };
}

async function stepThere(
  comparing: Comparing,
  entity: Entity,
  { progress, repair }: Reconciliation,
): Promise<ReconciliationStep> {
  const { page = 1, pass = 1 } = progress;
  const { items, listed, withoutLogin, totalPages } = await findingsThere(comparing, entity, page);
  const read: ReconciliationProgress =
    pass > 1
      ? progress
      : {
          ...progress,
          listed: progress.listed + listed,
          withoutLogin: progress.withoutLogin + withoutLogin,
        };
  if (listed > 0 && page < totalPages) return { items, progress: { ...read, page: page + 1, pass } };
  // A row that moved to a page read already was not seen.
  if (page > 1 && pass < PASSES) return { items, progress: { ...read, page: 1, pass: pass + 1 } };
  return { items, ...(repair ? { progress: inPhase(read, 'repair', {}) } : completed(read)) };
}

async function stepRepair(
  { deps, settings }: Comparing,
  { entityId, number, progress }: Reconciliation,
): Promise<ReconciliationStep> {
  const open = await deps.reconciliations.repairable(entityId, number, progress.after, REPAIRS_PER_STEP);
  const last = open.at(-1);
  if (last === undefined) return completed(progress);
  for (const { travellerId } of open)
    if (travellerId !== undefined) await lookAgain(deps, entityId, travellerId);
  const logins = open.flatMap(({ travellerId, login }: FoundItem) =>
    travellerId === undefined ? (login ?? []) : [],
  );
  if (logins.length > 0) await pullLogins(deps, settings, entityId, logins);
  return { progress: { ...progress, after: last.key }, repaired: open.map(({ key }) => key) };
}

function completed(progress: ReconciliationProgress): ReconciliationStep {
  return { progress, end: { state: 'completed' } };
}

function inPhase(
  { compared, listed, withoutLogin }: ReconciliationProgress,
  phase: ReconciliationProgress['phase'],
  from: Pick<ReconciliationProgress, 'page' | 'pass'>,
): ReconciliationProgress {
  return { phase, compared, listed, withoutLogin, ...from };
}
