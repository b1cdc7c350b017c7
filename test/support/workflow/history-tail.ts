import { type WorkflowHandle } from '@temporalio/client';
import { type History } from '@temporalio/common/lib/proto-utils';

type HistoryEvent = NonNullable<History['events']>[number];

/** The last events of a workflow in one line each: what a test that failed was waiting for. */
export async function historyTail(handle: WorkflowHandle, length = 15): Promise<string> {
  try {
    const { events } = await handle.fetchHistory();
    const lines = (events ?? []).slice(-length).map(line);
    return [`Last events of ${handle.workflowId}:`, ...lines].join('\n');
  } catch (error) {
    return `The history of ${handle.workflowId} could not be read: ${String(error)}`;
  }
}

function line(event: HistoryEvent): string {
  const type = Object.keys(event).find((key) => key.endsWith('EventAttributes')) ?? '';
  const name =
    event.activityTaskScheduledEventAttributes?.activityType?.name ??
    event.workflowExecutionSignaledEventAttributes?.signalName ??
    event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input?.name ??
    '';
  const time = new Date(Number(event.eventTime?.seconds ?? 0) * 1000).toISOString();
  return `  ${String(event.eventId)} ${time} ${type.replace('EventAttributes', '')} ${name}`.trimEnd();
}
