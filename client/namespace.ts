import {
  type Client,
  ScheduleAlreadyRunning,
  ScheduleNotFoundError,
  ScheduleOverlapPolicy,
} from '@temporalio/client';
import { TASK_QUEUE, searchAttributes, workflowIds } from '../workflows/messages';

/** Name → type of every search attribute; given to the local server at its start. */
export const SEARCH_ATTRIBUTE_TYPES: Readonly<Record<string, 'Keyword' | 'Int' | 'Datetime'>> =
  Object.fromEntries(Object.values(searchAttributes).map(({ name, type }) => [name, typeName(type)]));

function typeName(type: string): 'Keyword' | 'Int' | 'Datetime' {
  if (type === 'INT') return 'Int';
  return type === 'DATETIME' ? 'Datetime' : 'Keyword';
}

// temporal.api.enums.v1.IndexedValueType
const INDEXED_VALUE_TYPE = { Keyword: 2, Int: 3, Datetime: 6 } as const;

/** Names of search attributes that the namespace lacks. */
export async function missingSearchAttributes(client: Client): Promise<string[]> {
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({
    namespace: client.options.namespace,
  });
  return Object.keys(SEARCH_ATTRIBUTE_TYPES).filter((name) => !(name in customAttributes));
}

/** Registers what is missing; safe when several processes do it at once. */
export async function ensureSearchAttributes(client: Client): Promise<void> {
  const missing = await missingSearchAttributes(client);
  if (missing.length === 0) return;
  const entries = missing.map(
    (name) => [name, INDEXED_VALUE_TYPE[SEARCH_ATTRIBUTE_TYPES[name] ?? 'Keyword']] as const,
  );
  await client.connection.operatorService.addSearchAttributes({
    namespace: client.options.namespace,
    searchAttributes: Object.fromEntries(entries),
  });
}

const SCHEDULE_ID = 'concordance-fleet';

/** The sweep runs every minute, never twice at a time, and does not catch up on minutes it missed. */
export async function ensureFleetSchedule(client: Client): Promise<void> {
  try {
    await client.schedule.create({
      scheduleId: SCHEDULE_ID,
      spec: { intervals: [{ every: '1 minute' }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '1 minute' },
      action: {
        type: 'startWorkflow',
        workflowType: 'maintainFleet',
        workflowId: workflowIds.fleet,
        taskQueue: TASK_QUEUE,
        workflowExecutionTimeout: '5 minutes',
        args: [],
      },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}

const NIGHT_SCHEDULE_ID = 'concordance-reconcile';

/**
 * Once a day all active entities are compared with Concur. A changed hour is taken over at the next start.
 * @param hour UTC; `off` takes the Schedule away
 */
export async function ensureNightSchedule(client: Client, hour: number | 'off'): Promise<void> {
  const handle = client.schedule.getHandle(NIGHT_SCHEDULE_ID);
  if (hour === 'off') {
    try {
      await handle.delete();
    } catch (error) {
      if (!(error instanceof ScheduleNotFoundError)) throw error;
    }
    return;
  }
  const spec = { calendars: [{ hour, comment: 'every night' }] };
  try {
    await client.schedule.create({
      scheduleId: NIGHT_SCHEDULE_ID,
      spec,
      policies: { overlap: ScheduleOverlapPolicy.SKIP, catchupWindow: '4 hours' },
      action: {
        type: 'startWorkflow',
        workflowType: 'reconcileFleet',
        workflowId: workflowIds.night,
        taskQueue: TASK_QUEUE,
        workflowExecutionTimeout: '12 hours',
        args: [],
      },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
    await handle.update((schedule) => ({ ...schedule, spec }));
  }
}
