import { type ActivityOptions, proxyActivities } from '@temporalio/workflow';
import { type EntityActivities } from '../activities/entities';
import { type FleetActivities } from '../activities/fleet';
import { type MigrationActivities } from '../activities/migrations';
import { type ReconcileActivities } from '../activities/reconcile';
import { type SyncActivities } from '../activities/sync';
import { type TokenActivities } from '../activities/tokens';
import { BULK_TASK_QUEUE } from './messages';

/** Short work on our own database: tried until it succeeds, because it only fails while the database is away. */
const OWN_STORE: ActivityOptions = {
  startToCloseTimeout: '30 seconds',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '30 seconds' },
};

/** A call or two to Concur: a time-out of 60 s, and waits that the failure itself names. */
const CONCUR_CALL: ActivityOptions = {
  startToCloseTimeout: '5 minutes',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes' },
};

/** Many calls to Concur; a killed worker's work goes to another one when its signs of life stay away. */
const MANY_CALLS: ActivityOptions = {
  startToCloseTimeout: '6 hours',
  heartbeatTimeout: '30 seconds',
  retry: {
    initialInterval: '1 second',
    backoffCoefficient: 2,
    maximumInterval: '5 minutes',
    maximumAttempts: 3,
  },
};

type Summarised<A> = { [K in keyof A]: A[K] };

/** Activities of one kind with a summary that the Temporal UI shows beside them. */
export function entityActivities(summary: string): Summarised<EntityActivities> {
  return proxyActivities<EntityActivities>({ ...OWN_STORE, summary });
}

/** Takes the tokens with it, so it is among the entity's; it also calls Concur, which may take its time. */
export function offboardingActivities(summary: string): Pick<EntityActivities, 'disconnect'> {
  return proxyActivities<EntityActivities>({ ...OWN_STORE, startToCloseTimeout: '5 minutes', summary });
}

export function tokenActivities(summary: string, options: ActivityOptions = {}): Summarised<TokenActivities> {
  return proxyActivities<TokenActivities>({ ...CONCUR_CALL, ...options, summary });
}

export function syncActivities(summary: string, options: ActivityOptions = {}): Summarised<SyncActivities> {
  return proxyActivities<SyncActivities>({ ...MANY_CALLS, ...options, summary });
}

/** Migrations run on their own queue, so that a mass publish does not delay anybody's single change. */
export function migrationActivities(summary: string): Summarised<MigrationActivities> {
  return proxyActivities<MigrationActivities>({
    ...MANY_CALLS,
    taskQueue: BULK_TASK_QUEUE,
    startToCloseTimeout: '30 minutes',
    retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '5 minutes' },
    summary,
  });
}

/** As migrations. After some tries the workflow shows why it waits. */
export function reconcileActivities(
  summary: string,
): Pick<ReconcileActivities, 'reconcileChunk' | 'giveUpReconciliation'> {
  return proxyActivities<ReconcileActivities>({
    ...MANY_CALLS,
    taskQueue: BULK_TASK_QUEUE,
    startToCloseTimeout: '1 hour',
    summary,
  });
}

/** Looks into our own database for some minutes; it must not wait behind what it starts. */
export function nightActivities(summary: string): Pick<ReconcileActivities, 'startDueReconciliations'> {
  return proxyActivities<ReconcileActivities>({
    ...OWN_STORE,
    startToCloseTimeout: '15 minutes',
    heartbeatTimeout: '30 seconds',
    summary,
  });
}

export function fleetActivities(summary: string): Summarised<FleetActivities> {
  return proxyActivities<FleetActivities>({ ...OWN_STORE, startToCloseTimeout: '2 minutes', summary });
}
