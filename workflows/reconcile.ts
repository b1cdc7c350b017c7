import {
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  setHandler,
  sleep,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { type ReconciliationView } from '../hub/types';
import { reconcileActivities } from './activity-types';
import { type Trouble, troubleOf } from './failures';
import { type ReconcileInput, reconciliationView, searchAttributes } from './messages';
import { reconciliationDetails } from './reconciliation-words';

const TROUBLE_WAIT = '5 minutes';
/** Half a day of outage, beside the activity's own tries: by then the next night is near. */
const MOST_FAILURES = 100;

/**
 * Compares one entity with Concur, traveller by traveller. How far it has come stands in SQL, so an activity
 * goes on where the one before it ended, and a workflow that was lost is started again by the sweep.
 */
export async function reconcileEntity(input: ReconcileInput): Promise<void> {
  const run = new ReconcileRun(input);
  while (!run.isOver) {
    await run.step();
    if (workflowInfo().continueAsNewSuggested && !run.isOver) {
      await continueAsNew<typeof reconcileEntity>({ ...input, failures: run.failures });
    }
  }
}

class ReconcileRun {
  failures: number;
  private view: ReconciliationView | undefined;
  private trouble: Trouble | undefined;
  private readonly ref: { entityId: string; number: number };

  constructor({ entityId, number, failures }: ReconcileInput) {
    this.ref = { entityId, number };
    this.failures = failures ?? 0;
    setHandler(reconciliationView, () => this.view);
  }

  get isOver(): boolean {
    return this.view !== undefined && this.view.state !== 'running';
  }

  async step(): Promise<void> {
    this.show();
    try {
      const phase = this.view?.progress.phase ?? 'here';
      this.view = await reconcileActivities(SUMMARIES[phase]).reconcileChunk(this.ref);
      this.failures = 0;
      this.trouble = undefined;
    } catch (error) {
      if (isCancellation(error)) throw error;
      await this.failed(troubleOf(error));
    }
    if (!this.isOver) return;
    const quarantined = this.view?.counts.quarantined ?? 0;
    upsertSearchAttributes([{ key: searchAttributes.quarantined, value: quarantined }]);
    this.show();
  }

  /** What only people can end is not waited for: the next night, or whoever asks again, begins anew. */
  private async failed(trouble: Trouble): Promise<void> {
    this.trouble = trouble;
    this.failures += 1;
    const needsPeople = ['authorisation', 'access', 'configuration'].includes(trouble.cause);
    if (needsPeople || this.failures >= MOST_FAILURES) {
      const giveUp = { ...this.ref, error: trouble.message };
      this.view = await reconcileActivities('Give up').giveUpReconciliation(giveUp);
      return;
    }
    this.show();
    await sleep(TROUBLE_WAIT, { summary: 'Wait before the next attempt' });
  }

  private show(): void {
    setCurrentDetails(reconciliationDetails(this.ref, this.view, this.trouble?.message));
  }
}

const SUMMARIES = {
  here: 'Compare the next travellers with Concur',
  there: 'Compare the next page of Concur’s list',
  repair: 'Hand on what differs',
} as const;
