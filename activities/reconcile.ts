import { type LeftOut } from '../hub/contract';
import { isReconciliationOpen } from '../hub';
import { type Reconciliation, type ReconciliationView } from '../hub/types';
import { differencesInWords, isInStep } from '../sync/model/reconciliation-words';
import { reconcileOnce } from '../sync/engine/reconcile';
import { type ReconciliationRef } from '../sync/engine/reconcile-types';
import { alive } from './alive';
import { type ActivityDeps } from './deps';
import { translated } from './failures';
import { engineDeps, wakeIfDirty } from './sync';

export interface NightResult {
  readonly started: number;
  /** Entities that are still due. */
  readonly due: number;
  readonly leftOut: LeftOut;
}

export interface ReconcileActivities {
  /** Goes on from what is committed; one activity does so many steps at most. */
  reconcileChunk(input: ReconciliationRef): Promise<ReconciliationView>;
  /** Ends it without a result. @param error in words, without personal data */
  giveUpReconciliation(input: ReconciliationRef & { error: string }): Promise<ReconciliationView>;
  /** Starts what is due, a few at a time, for some minutes. @param since ms; who had one after it is not due */
  startDueReconciliations(input: { since: number }): Promise<NightResult>;
}

const STEPS_PER_ACTIVITY = 20;
/** Half of the worker's places for long work: migrations need theirs. */
const MOST_RUNNING = 4;
const LOOK_EVERY_MS = 2_000;
const LOOK_FOR_MS = 300_000;

export function createReconcileActivities(deps: ActivityDeps): ReconcileActivities {
  const { store, clock, settings } = deps;
  return {
    reconcileChunk: (ref) =>
      translated(() =>
        alive(async (tell) => {
          const work = { ...engineDeps(deps, ref.entityId), reconciliations: store.reconciliations };
          const reconciliation = await reconcileOnce(work, settings.engine, ref, {
            steps: STEPS_PER_ACTIVITY,
            onProgress: ({ progress: { compared, listed } }) => tell({ compared, listed }),
          });
          if (reconciliation.repaired > 0) await wakeIfDirty(deps, ref.entityId);
          if (reconciliation.state !== 'running') await tellResult(deps, reconciliation);
          return viewOf(reconciliation);
        }),
      ),

    giveUpReconciliation: ({ error, ...ref }) =>
      translated(async () => {
        const how = { state: 'failed', error } as const;
        await store.reconciliations.end(ref.entityId, ref.number, how, { now: clock.now() });
        const ended = await store.reconciliations.reconciliation(ref.entityId, ref.number);
        await tellResult(deps, ended);
        return viewOf(ended);
      }),

    startDueReconciliations: ({ since }) =>
      translated(() =>
        alive(async (tell) => {
          const until = clock.now().getTime() + LOOK_FOR_MS;
          let started = 0;
          for (;;) {
            started += await topUp(deps, new Date(since));
            tell({ started });
            const due = await store.reconciliations.countDue(new Date(since));
            if (due === 0 || clock.now().getTime() >= until)
              return { started, due, leftOut: await store.reconciliations.leftOut() };
            await clock.sleep(LOOK_EVERY_MS);
          }
        }),
      ),
  };
}

function viewOf(reconciliation: Reconciliation): ReconciliationView {
  const { state, travellers, counts, progress, repaired, repair, error } = reconciliation;
  return { state, travellers, counts, progress, repaired, repair, ...(error === undefined ? {} : { error }) };
}

async function topUp({ store, engine, clock }: ActivityDeps, since: Date): Promise<number> {
  const free = MOST_RUNNING - (await store.reconciliations.countRunning());
  if (free <= 0) return 0;
  const due = await store.reconciliations.due(since, free);
  for (const entityId of due) {
    try {
      const wanted = { origin: 'schedule', repair: false } as const;
      const { number } = await store.reconciliations.create(entityId, wanted, { now: clock.now() });
      await engine.startReconciliation(entityId, number);
    } catch (error) {
      // Somebody asked for one in between: that one it is.
      if (!isReconciliationOpen(error)) throw error;
    }
  }
  return due.length;
}

/** An event where somebody should look; once, however often the activity runs. */
async function tellResult({ store, clock, notify }: ActivityDeps, report: Reconciliation): Promise<void> {
  const { entityId, number, state } = report;
  if (state === 'completed' && isInStep(report.counts)) return;
  const at = clock.now();
  const event = {
    id: `reconciliation-${entityId}-${number}`,
    entityId,
    kind: state === 'completed' ? 'reconciliation-differences' : `reconciliation-${state}`,
    message: `Reconciliation ${number}: ${report.error ?? differencesInWords(report.counts)} See concordance reconciliation show ${entityId} ${number}`,
  };
  const isNew = await store.events.add({ ...event, at });
  if (isNew) await notify?.({ ...event, at: at.toISOString() });
}
