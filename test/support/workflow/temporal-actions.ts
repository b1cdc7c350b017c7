import { type Client } from '@temporalio/client';
import { type History } from '@temporalio/common/lib/proto-utils';

/** What Temporal Cloud bills of one history; workflow tasks are free, and heartbeats stand in no history. */
export interface TemporalActions {
  /** Runs that began, by a start or by continuing as new. */
  readonly starts: number;
  readonly timers: number;
  /** Every attempt. */
  readonly activities: number;
  readonly signals: number;
  readonly updates: number;
  /** Search attributes; `patched()` writes one as well. */
  readonly upserts: number;
}

/** A Schedule's action costs two beside the start of its workflow. */
export const PER_SCHEDULED_START = 2;

export function actionsOf({ events }: History): TemporalActions {
  const counted = { starts: 0, timers: 0, activities: 0, signals: 0, updates: 0, upserts: 0 };
  for (const event of events ?? []) {
    if (event.workflowExecutionStartedEventAttributes != null) counted.starts += 1;
    if (event.timerStartedEventAttributes != null) counted.timers += 1;
    if (event.activityTaskScheduledEventAttributes != null) counted.activities += 1;
    // The started event is of the last attempt and says how many there were.
    counted.activities += Math.max(0, (event.activityTaskStartedEventAttributes?.attempt ?? 1) - 1);
    if (event.workflowExecutionSignaledEventAttributes != null) counted.signals += 1;
    if (event.workflowExecutionUpdateAcceptedEventAttributes != null) counted.updates += 1;
    if (event.upsertWorkflowSearchAttributesEventAttributes != null) counted.upserts += 1;
  }
  return counted;
}

export function totalOf(actions: TemporalActions): number {
  const { starts, timers, activities, signals, updates, upserts } = actions;
  return starts + timers + activities + signals + updates + upserts;
}

/** Every run of a workflow, the first one first. */
export async function historiesOf(client: Client, workflowId: string): Promise<History[]> {
  const runs: History[] = [];
  for (let runId: string | undefined; ;) {
    const history: History = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    runs.unshift(history);
    const before = history.events?.[0]?.workflowExecutionStartedEventAttributes?.continuedExecutionRunId;
    if (before == null || before === '') return runs;
    runId = before;
  }
}
