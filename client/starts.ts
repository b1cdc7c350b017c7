import {
  type Client,
  type SignalDefinition,
  WithStartWorkflowOperation,
  WorkflowExecutionAlreadyStartedError,
} from '@temporalio/client';
import { WorkflowIdConflictPolicy, WorkflowIdReusePolicy } from '@temporalio/common';
import {
  type LifecycleInput,
  type MigrationInput,
  type PollInput,
  type PublishInput,
  type ReconcileInput,
  searchAttributes,
  TASK_QUEUE,
  workflowIds,
} from '../workflows/messages';

type LifecycleWorkflow = (input: LifecycleInput) => Promise<void>;
type PollWorkflow = (input: PollInput) => Promise<void>;
type PublishWorkflow = (input: PublishInput) => Promise<void>;
type MigrationWorkflow = (input: MigrationInput) => Promise<void>;
type ReconcileWorkflow = (input: ReconcileInput) => Promise<void>;

const HEALTH_TIMEOUT_MS = 2_000;

const EXISTING = {
  taskQueue: TASK_QUEUE,
  workflowIdConflictPolicy: WorkflowIdConflictPolicy.USE_EXISTING,
  workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE,
} as const;

const ofEntity = (entityId: string) => [{ key: searchAttributes.entity, value: entityId }];

/**
 * Tasks of each entity get their share of the workers where the server has fairness on (docs/operations.md,
 * "Temporal"): the thousand chunks of one do not delay the one task of another.
 */
const fairly = (entityId: string) => ({ priority: { fairnessKey: entityId } });

/** How each workflow is started: its id, its summary and its search attributes. */
export class Starts {
  constructor(private readonly client: Client) {}

  private lifecycleOptions(input: LifecycleInput) {
    return {
      ...EXISTING,
      workflowId: workflowIds.lifecycle(input.entityId),
      ...fairly(input.entityId),
      args: [input] as [LifecycleInput],
      staticSummary: `Connection of ${input.entityId}: token, migration, keep-alive`,
      typedSearchAttributes: [
        ...ofEntity(input.entityId),
        { key: searchAttributes.stage, value: input.state.stage },
      ],
    };
  }

  private pollOptions(input: PollInput) {
    return {
      ...EXISTING,
      workflowId: workflowIds.poll(input.entityId),
      ...fairly(input.entityId),
      args: [input] as [PollInput],
      staticSummary: `Polls Concur for ${input.entityId} (Concur → hub)`,
      typedSearchAttributes: ofEntity(input.entityId),
    };
  }

  private publishOptions(entityId: string) {
    return {
      ...EXISTING,
      workflowId: workflowIds.publish(entityId),
      ...fairly(entityId),
      args: [{ entityId }] as [PublishInput],
      staticSummary: `Publishes changes of ${entityId} (hub → Concur)`,
      typedSearchAttributes: ofEntity(entityId),
    };
  }

  /**
   * Never again once it has ended well: who read "open" in SQL a moment before its end would execute it twice.
   * One that was terminated while SQL says it is not over goes on.
   */
  private migrationOptions(input: MigrationInput) {
    return {
      ...EXISTING,
      workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
      workflowId: workflowIds.migration(input.entityId, input.number),
      ...fairly(input.entityId),
      args: [input] as [MigrationInput],
      staticSummary: `Migration ${input.number} of ${input.entityId}, strategy ${input.strategy}`,
      typedSearchAttributes: [
        ...ofEntity(input.entityId),
        { key: searchAttributes.strategy, value: input.strategy },
      ],
    };
  }

  lifecycle(input: LifecycleInput): WithStartWorkflowOperation<LifecycleWorkflow> {
    return new WithStartWorkflowOperation<LifecycleWorkflow>('entityLifecycle', this.lifecycleOptions(input));
  }

  poll(input: PollInput): WithStartWorkflowOperation<PollWorkflow> {
    return new WithStartWorkflowOperation<PollWorkflow>('pollConcur', this.pollOptions(input));
  }

  publish(entityId: string): WithStartWorkflowOperation<PublishWorkflow> {
    return new WithStartWorkflowOperation<PublishWorkflow>('publishChanges', this.publishOptions(entityId));
  }

  migration(input: MigrationInput): WithStartWorkflowOperation<MigrationWorkflow> {
    return new WithStartWorkflowOperation<MigrationWorkflow>(
      'migrateTravellers',
      this.migrationOptions(input),
    );
  }

  async startLifecycle(input: LifecycleInput): Promise<void> {
    await this.client.workflow.start<LifecycleWorkflow>('entityLifecycle', this.lifecycleOptions(input));
  }

  async startPoll(input: PollInput, signal?: SignalDefinition): Promise<void> {
    const options = this.pollOptions(input);
    if (signal === undefined) await this.client.workflow.start<PollWorkflow>('pollConcur', options);
    else await this.client.workflow.signalWithStart<PollWorkflow>('pollConcur', { ...options, signal });
  }

  async startPublish(entityId: string, signal: SignalDefinition): Promise<void> {
    await this.client.workflow.signalWithStart<PublishWorkflow>('publishChanges', {
      ...this.publishOptions(entityId),
      signal,
    });
  }

  async startMigration(input: MigrationInput): Promise<void> {
    try {
      await this.client.workflow.start<MigrationWorkflow>('migrateTravellers', this.migrationOptions(input));
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }

  /** Never again once it has ended well, as a migration: what is over in SQL is over. */
  async startReconciliation(input: ReconcileInput): Promise<void> {
    const { entityId, number } = input;
    try {
      await this.client.workflow.start<ReconcileWorkflow>('reconcileEntity', {
        ...EXISTING,
        workflowIdReusePolicy: WorkflowIdReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
        workflowId: workflowIds.reconciliation(entityId, number),
        args: [input],
        staticSummary: `Reconciliation ${number} of ${entityId}: both sides are compared`,
        typedSearchAttributes: ofEntity(entityId),
      });
    } catch (error) {
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }

  /** Whether the server answers, and whether any worker has polled our queue lately. */
  async health(): Promise<{ temporal: boolean; worker: boolean }> {
    try {
      const { pollers } = await this.client.connection.withDeadline(Date.now() + HEALTH_TIMEOUT_MS, () =>
        this.client.workflowService.describeTaskQueue({
          namespace: this.client.options.namespace,
          taskQueue: { name: TASK_QUEUE },
          taskQueueType: 1,
        }),
      );
      return { temporal: true, worker: pollers.length > 0 };
    } catch {
      // Any failure means the same to the caller: Temporal is not usable at the moment.
      return { temporal: false, worker: false };
    }
  }
}
