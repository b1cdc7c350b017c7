import { type History } from '@temporalio/common/lib/proto-utils';
import { defaultPayloadConverter, type Payload } from '@temporalio/common';
import { z } from 'zod';
import { EncryptionCodec } from '../../../client';
import { testKeys } from '../workflow/test-keys';

type HistoryEvent = NonNullable<History['events']>[number];

/** What each workflow goes through, and must have been recorded in. */
export const STAGES: Readonly<Record<string, readonly string[]>> = {
  entityLifecycle: [
    ...['requested', 'awaiting-request-token', 'exchanging', 'migrating', 'active', 'paused'],
    ...['needs-reauthorisation', 'offboarding', 'offboarded'],
  ],
  pollConcur: ['running', 'paused', 'parked', 'backed-off', 'continued', 'stopped'],
  publishChanges: ['running', 'paused', 'parked', 'backed-off', 'continued', 'stopped'],
  migrateTravellers: [
    ...['planning', 'awaiting-approval', 'executing', 'verifying'],
    ...['completed', 'rejected', 'cancelled'],
    // Strategy `none`: one pull of everybody.
    'running',
  ],
  maintainFleet: ['running'],
  reconcileEntity: ['running', 'waiting', 'given-up'],
  reconcileFleet: ['running'],
};

const BY_ACTIVITY: Readonly<Record<string, string>> = {
  pullChanges: 'running',
  publishDirty: 'running',
  planChunk: 'planning',
  finishPlan: 'awaiting-approval',
  beginExecution: 'executing',
  beginVerification: 'verifying',
  completeMigration: 'completed',
  sweepFleet: 'running',
  reconcileChunk: 'running',
  giveUpReconciliation: 'given-up',
  startDueReconciliations: 'running',
};
const BY_SIGNAL: Readonly<Record<string, string>> = { pausePolling: 'paused', pausePublishing: 'paused' };
const BY_FAILURE: Readonly<Record<string, string>> = {
  ReauthorisationRequired: 'parked',
  ConcurUnavailable: 'backed-off',
};

export function typeOf({ events }: History): string {
  return events?.[0]?.workflowExecutionStartedEventAttributes?.workflowType?.name ?? '';
}

/** The stages that a history goes through, by what stands in it. */
export async function stagesOf(history: History): Promise<Set<string>> {
  const stages = new Set<string>();
  for (const event of history.events ?? []) {
    for (const stage of await stagesOfEvent(event)) stages.add(stage);
  }
  return stages;
}

async function stagesOfEvent(event: HistoryEvent): Promise<string[]> {
  const stages: (string | undefined)[] = [];
  const scheduled = event.activityTaskScheduledEventAttributes;
  if (scheduled != null) {
    const name = scheduled.activityType?.name ?? '';
    stages.push(BY_ACTIVITY[name]);
    if (name === 'projectStage') stages.push((await toldBy(scheduled.input?.payloads)).stage);
    if (name === 'closeMigration') stages.push((await toldBy(scheduled.input?.payloads)).state);
  }
  stages.push(BY_SIGNAL[event.workflowExecutionSignaledEventAttributes?.signalName ?? '']);
  const failure = event.activityTaskFailedEventAttributes?.failure?.applicationFailureInfo?.type;
  stages.push(BY_FAILURE[failure ?? '']);
  if (event.timerStartedEventAttributes != null) stages.push('waiting');
  if (event.workflowExecutionContinuedAsNewEventAttributes != null) stages.push('continued');
  if (event.workflowExecutionCanceledEventAttributes != null) stages.push('stopped');
  return stages.filter((stage) => stage !== undefined);
}

const toldSchema = z.object({ stage: z.string().optional(), state: z.string().optional() });

/** What an activity was told of a stage; its input is sealed. */
async function toldBy(payloads: readonly Payload[] | null | undefined): Promise<z.infer<typeof toldSchema>> {
  const [payload] = await new EncryptionCodec(testKeys).decode([...(payloads ?? [])]);
  if (payload === undefined) throw new Error('an activity that tells of a stage has no input');
  return toldSchema.parse(defaultPayloadConverter.fromPayload(payload));
}
