import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import { defineSearchAttributeKey, SearchAttributeType } from '@temporalio/common';
import { type ScopeLoss } from '../profile';
import {
  type MigrationCounts,
  type MigrationStateName,
  type Preparation,
  type ReconciliationView,
  type Stage,
  type Strategy,
} from '../hub/types';
import { type SupportDay } from '../sync/model/support-hours';

/** Workflow ids: one entity has one lifecycle, one poller, one publisher, and numbered migrations. */
export const workflowIds = {
  lifecycle: (entityId: string) => `entity-${entityId}`,
  poll: (entityId: string) => `poll-${entityId}`,
  publish: (entityId: string) => `publish-${entityId}`,
  migration: (entityId: string, number: number) => `migration-${entityId}-${number}`,
  reconciliation: (entityId: string, number: number) => `reconcile-${entityId}-${number}`,
  fleet: 'fleet-maintenance',
  night: 'fleet-reconciliation',
} as const;

/** Task queues: light work, and work that runs for long over many travellers. */
export const TASK_QUEUE = 'concordance';
export const BULK_TASK_QUEUE = 'concordance-bulk';

/** Search attributes, so that the Temporal UI can be filtered; registered by the local server and by docs/operations. */
export const searchAttributes = {
  entity: defineSearchAttributeKey('ConcordanceEntity', SearchAttributeType.KEYWORD),
  stage: defineSearchAttributeKey('ConcordanceStage', SearchAttributeType.KEYWORD),
  health: defineSearchAttributeKey('ConcordanceHealth', SearchAttributeType.KEYWORD),
  strategy: defineSearchAttributeKey('ConcordanceStrategy', SearchAttributeType.KEYWORD),
  refreshTokenExpiry: defineSearchAttributeKey('ConcordanceRefreshTokenExpiry', SearchAttributeType.DATETIME),
  quarantined: defineSearchAttributeKey('ConcordanceQuarantined', SearchAttributeType.INT),
} as const;

/** Types of errors that update validators and activities fail with. */
export const FAILURES = {
  windowClosed: 'request-token-expired',
  wrongStage: 'wrong-stage',
  planChanged: 'plan-changed',
} as const;

/** The window in which Concur's request token may be handed in. Instants in milliseconds since the epoch. */
export interface TokenWindow {
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Support's hours around its end, worked out by whoever opened it: a replay must not ask for time zones. */
  readonly support?: SupportDay | undefined;
}

/** A request token that lies in the vault; the token itself never enters a workflow. */
export interface TokenReceipt extends TokenWindow {
  readonly credentialId: string;
}

/** What the lifecycle remembers; one plain JSON object, passed through continueAsNew. */
export interface LifecycleState {
  readonly stage: Stage;
  readonly strategy?: Strategy | undefined;
  /** The step before the request token that is under way, where somebody noted it. */
  readonly preparation?: Preparation | undefined;
  readonly window?: TokenWindow | undefined;
  readonly receipt?: TokenReceipt | undefined;
  /** True once a migration completed: a new token then resumes instead of migrating again. */
  readonly migrated: boolean;
  /** Number of the migration that is waited for. */
  readonly migration?: number | undefined;
  readonly paused: boolean;
  readonly offboard?: { readonly erase: boolean } | undefined;
  /** Why the connection needs a person, in words. */
  readonly problem?: string | undefined;
  readonly waitingFor?: string | undefined;
  readonly refreshTokenExpiresAt?: number | undefined;
  /** When the refresh token is renewed next. */
  readonly nextRefreshAt?: number | undefined;
  /** Days left of which people were told last; absent as long as the refresh token lives longer than that. */
  readonly expiryTold?: number | undefined;
  /** Both directions stand still for a reason that no new request token ends; see standstill.ts. */
  readonly stopped?: 'access' | 'configuration' | undefined;
  /** The standstill that people were told of last, so that a try that fails alike is no news. */
  readonly stopTold?: string | undefined;
  /** Scopes that the grant lacks, and what they cost. */
  readonly scopeLosses?: readonly ScopeLoss[] | undefined;
}

export interface LifecycleInput {
  readonly entityId: string;
  /** Minutes before the end of the window at which somebody is reminded. */
  readonly reminderMinutes: readonly number[];
  /** How often the refresh token is renewed, minutes; 0: never. */
  readonly refreshIntervalMinutes: number;
  readonly state: LifecycleState;
}

/** What the lifecycle goes by and a person decides; absent stays, `null` takes back. */
export interface LifecycleSettings {
  /** Of the first migration. */
  readonly strategy?: Strategy | null | undefined;
  readonly preparation?: Preparation | null | undefined;
}

export const openWindow = defineUpdate<void, [TokenWindow]>('openWindow');
export const tokenReceived = defineUpdate<void, [TokenReceipt]>('tokenReceived');
export const changeSettings = defineUpdate<void, [LifecycleSettings]>('changeSettings');
export const pauseEntity = defineUpdate<void, []>('pause');
export const resumeEntity = defineUpdate<void, []>('resume');
export const offboardEntity = defineUpdate<void, [{ erase: boolean }]>('offboard');
export const lifecycleState = defineQuery<LifecycleState>('state');
/** From the migration, at its end. */
export const migrationFinished =
  defineSignal<[{ number: number; state: MigrationStateName }]>('migrationFinished');
/** From a loop that Concur no longer lets in; without a cause a new request token is needed. */
export const authorisationLost =
  defineSignal<[{ reason: string; cause?: 'access' | 'configuration' }]>('authorisationLost');

/** Why a loop does not run as it should. */
export type LoopTrouble = 'authorisation' | 'access' | 'configuration' | 'concur-down' | 'data';

/** When an entity is polled. */
export interface PollRhythm {
  /** Minutes of the hour, UTC. */
  readonly minutes: readonly number[];
  readonly spreadSeconds: number;
}

export interface PollInput extends PollRhythm {
  readonly entityId: string;
  readonly state?: PollState;
}

export interface PollState {
  readonly paused: boolean;
  readonly parked?: LoopTrouble | undefined;
  readonly request?: PollRequest | undefined;
  readonly failures: number;
  readonly polls: number;
}

export interface PollRequest {
  readonly requestId: string;
  /** ISO instant of Concur's clock to read again from. */
  readonly since?: string;
}

export const pollNow = defineUpdate<void, [PollRequest]>('pollNow');
/** The entity's settings have changed: the running wait is counted anew. */
export const changeRhythm = defineSignal<[PollRhythm]>('changeRhythm');
export const pausePolling = defineSignal('pausePolling');
export const resumePolling = defineSignal('resumePolling');
export const pollState = defineQuery<PollState & { readonly nextPollAt?: number }>('state');

export interface PublishInput {
  readonly entityId: string;
  readonly state?: PublishState;
}

export interface PublishState {
  readonly paused: boolean;
  readonly parked?: LoopTrouble | undefined;
  readonly woken: boolean;
  readonly failures: number;
  readonly published: number;
}

/** Something is dirty. Coalesced by `entities.wake`: only the writer that set the flag signals. */
export const wakePublisher = defineSignal('wake');
/** The same with an answer, for a person who asks for it. */
export const publishNow = defineUpdate<void, [{ requestId: string }]>('publishNow');
export const pausePublishing = defineSignal('pausePublishing');
export const resumePublishing = defineSignal('resumePublishing');
export const publishState = defineQuery<PublishState>('state');

export interface MigrationInput {
  readonly entityId: string;
  readonly number: number;
  readonly strategy: Strategy;
  readonly progress?: MigrationProgress;
}

export interface MigrationProgress {
  readonly state: MigrationStateName;
  readonly digest?: string | undefined;
  /** Where planning or verifying goes on. */
  readonly after?: string | undefined;
  readonly approved: boolean;
  readonly counts?: MigrationCounts | undefined;
  readonly end?: 'rejected' | 'cancelled' | undefined;
}

export const approveMigration = defineUpdate<void, [{ digest: string; step?: string }]>('approve');
export const rejectMigration = defineUpdate<void, []>('reject');
export const cancelMigration = defineUpdate<void, []>('cancel');
export const migrationProgress = defineQuery<MigrationProgress>('progress');

/** All else stands in SQL. */
export interface ReconcileInput {
  readonly entityId: string;
  readonly number: number;
  /** Failures in a row. */
  readonly failures?: number;
}

/** Undefined before the first chunk. */
export const reconciliationView = defineQuery<ReconciliationView | undefined>('progress');

export interface NightInput {
  /** Milliseconds since the epoch; absent: now. */
  readonly beganAt?: number;
  readonly started?: number;
}
