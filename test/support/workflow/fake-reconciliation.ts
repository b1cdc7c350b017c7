import { type ReconcileActivities } from '../../../activities/reconcile';
import { NOTHING_COUNTED, type ReconciliationProgress, type ReconciliationView } from '../../../hub/types';

type Step = ReconciliationProgress['phase'] | 'completed' | 'skipped';

const PROGRESS = { compared: 0, listed: 0, withoutLogin: 0 } as const;

/** The part of the activities that is about reconciliations. */
export class FakeReconciliation {
  /** What the chunks answer one after the other: the phase that is next, or the end. */
  chunks: Step[] = ['completed'];
  done = 0;
  givenUp: string | undefined;
  /** Entities that are due after each look. */
  due: number[] = [0];
  readonly since: number[] = [];
  beforeChunk: (done: number) => Promise<void> = () => Promise.resolve();

  constructor(private readonly note: (name: string) => Promise<void>) {}

  get activities(): ReconcileActivities {
    return {
      reconcileChunk: async () => {
        await this.note('reconcileChunk');
        await this.beforeChunk(this.done);
        const step = this.chunks[this.done] ?? 'completed';
        this.done += 1;
        return view(step);
      },
      giveUpReconciliation: async ({ error }) => {
        await this.note('giveUpReconciliation');
        this.givenUp = error;
        return { ...view('completed'), state: 'failed', error };
      },
      startDueReconciliations: async ({ since }) => {
        await this.note('startDueReconciliations');
        const due = this.due[this.since.length] ?? 0;
        this.since.push(since);
        return { started: 4, due, leftOut: { paused: 1, failing: 2, switchedOff: 0 } };
      },
    };
  }
}

function view(step: Step): ReconciliationView {
  const isOver = step === 'completed' || step === 'skipped';
  return {
    state: isOver ? step : 'running',
    ...{ travellers: 3, repair: true, repaired: 0, counts: NOTHING_COUNTED },
    progress: { ...PROGRESS, phase: isOver ? 'repair' : step },
  };
}
