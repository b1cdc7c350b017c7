import { continueAsNew, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import { nightActivities } from './activity-types';
import { type NightInput } from './messages';
import { nightDetails } from './reconciliation-words';

const HOUR_MS = 3_600_000;
/** Who was compared so shortly before the night is not compared again in it. */
const RECENT_MS = 12 * HOUR_MS;
/** What is not reached by then begins the next night. */
const NIGHT_MS = 8 * HOUR_MS;

/**
 * Started every night by a Schedule: begins a reconciliation of every active entity, a few at a time, those
 * first that had none for the longest time (docs/decisions/0021).
 */
export async function reconcileFleet(input: NightInput = {}): Promise<void> {
  const beganAt = input.beganAt ?? Date.now();
  let started = input.started ?? 0;
  setCurrentDetails(nightDetails(started, undefined, false));
  for (;;) {
    const due = nightActivities('Start what is due');
    const result = await due.startDueReconciliations({ since: beganAt - RECENT_MS });
    started += result.started;
    const isOver = result.due === 0 || Date.now() - beganAt >= NIGHT_MS;
    setCurrentDetails(nightDetails(started, result, isOver));
    if (isOver) return;
    if (workflowInfo().continueAsNewSuggested) {
      await continueAsNew<typeof reconcileFleet>({ beganAt, started });
    }
  }
}
