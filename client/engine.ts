import {
  type Client,
  WorkflowExecutionAlreadyStartedError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
} from '@temporalio/client';
import { ApplicationFailure, type SignalDefinition, type UpdateDefinition } from '@temporalio/common';
import {
  approveMigration,
  cancelMigration,
  changeRhythm,
  changeSettings,
  type LifecycleInput,
  type LifecycleSettings,
  type MigrationInput,
  offboardEntity,
  openWindow,
  pauseEntity,
  pausePolling,
  pausePublishing,
  type PollInput,
  pollNow,
  publishNow,
  rejectMigration,
  resumeEntity,
  resumePolling,
  resumePublishing,
  type TokenWindow,
  tokenReceived,
  wakePublisher,
  workflowIds,
} from '../workflows/messages';
import { type Delivery, type StoredRequest, type WorkflowEngine } from './requests';
import { Starts } from './starts';

/** At most this long does a caller wait for Temporal; then the sweep delivers. */
const DELIVERY_TIMEOUT_MS = 5_000;

/** Which directions an entity has; `active`: its stage lets them run at all. */
export interface LoopSwitches {
  readonly active: boolean;
  readonly poll: boolean;
  readonly publish: boolean;
}

/** What the engine must know to start workflows; read from SQL when it is needed. */
export interface StartInputs {
  lifecycle(entityId: string): Promise<LifecycleInput>;
  poll(entityId: string): Promise<PollInput>;
  /** Which loops are switched on. */
  switches(entityId: string): Promise<LoopSwitches>;
  /** Undefined once it is over, and for an entity that leaves. */
  migration(entityId: string, number: number): Promise<MigrationInput | undefined>;
}

/** Starting, pausing and ending the workflows of an entity; what activities may do. */
export interface LoopControl {
  /** Starts or resumes what is switched on, and pauses the rest. */
  startLoops(entityId: string): Promise<void>;
  pauseLoops(entityId: string): Promise<void>;
  stopLoops(entityId: string): Promise<void>;
  /** Ends a migration between two of its steps, without closing its row. */
  stopMigration(entityId: string, number: number): Promise<void>;
  startMigration(entityId: string, number: number): Promise<void>;
  startReconciliation(entityId: string, number: number): Promise<void>;
  startLifecycle(entityId: string): Promise<void>;
  restartPoll(entityId: string): Promise<void>;
}

/** The Temporal side of every caller. All calls are idempotent and bounded in time. */
export class TemporalEngine implements WorkflowEngine, LoopControl {
  private readonly starts: Starts;

  constructor(
    private readonly client: Client,
    private readonly inputs: StartInputs,
  ) {
    this.starts = new Starts(client);
  }

  async deliver(stored: StoredRequest): Promise<Delivery> {
    try {
      await this.bounded(() => this.send(stored));
      return { status: 'delivered' };
    } catch (error) {
      return deliveryOf(error);
    }
  }

  private bounded<T>(work: () => Promise<T>): Promise<T> {
    return this.client.connection.withDeadline(Date.now() + DELIVERY_TIMEOUT_MS, work);
  }

  private async send({ id, entityId, request }: StoredRequest): Promise<void> {
    switch (request.kind) {
      case 'start-lifecycle':
        return this.startLifecycle(entityId);
      case 'open-window':
        return this.toLifecycle(entityId, id, openWindow, [windowOf(request)]);
      case 'token-received': {
        const receipt = { ...windowOf(request), credentialId: request.credentialId };
        return this.toLifecycle(entityId, id, tokenReceived, [receipt]);
      }
      case 'change-settings': {
        const { state } = await this.inputs.lifecycle(entityId);
        const settings: LifecycleSettings = Object.fromEntries(
          request.names.map((name) => [name, state[name] ?? null]),
        );
        return this.toLifecycle(entityId, id, changeSettings, [settings]);
      }
      case 'pause':
        return this.toLifecycle(entityId, id, pauseEntity, []);
      case 'resume':
        return this.toLifecycle(entityId, id, resumeEntity, []);
      case 'offboard':
        return this.toLifecycle(entityId, id, offboardEntity, [{ erase: request.erase }]);
      case 'poll': {
        const poll = { requestId: id, ...(request.since === undefined ? {} : { since: request.since }) };
        const start = this.starts.poll(await this.inputs.poll(entityId));
        return this.client.workflow.executeUpdateWithStart(pollNow, {
          updateId: id,
          args: [poll],
          startWorkflowOperation: start,
        });
      }
      case 'change-poll-minutes': {
        const { minutes, spreadSeconds } = await this.inputs.poll(entityId);
        const loop = this.client.workflow.getHandle(workflowIds.poll(entityId));
        // A loop that does not run reads SQL when it starts.
        return ifRunning(loop.signal(changeRhythm, { minutes, spreadSeconds }));
      }
      case 'change-switches': {
        const { active } = await this.inputs.switches(entityId);
        // Otherwise nothing runs, and the loops read SQL when they are started.
        return active ? this.startLoops(entityId) : undefined;
      }
      case 'publish':
        return this.client.workflow.executeUpdateWithStart(publishNow, {
          updateId: id,
          args: [{ requestId: id }],
          startWorkflowOperation: this.starts.publish(entityId),
        });
      case 'start-migration':
        return this.startMigration(entityId, request.number);
      case 'start-reconciliation':
        return this.startReconciliation(entityId, request.number);
      case 'approve-migration': {
        const { digest, step } = request;
        const args: [{ digest: string; step?: string }] = [
          { digest, ...(step === undefined ? {} : { step }) },
        ];
        return this.toMigration(entityId, request.number, id, approveMigration, args);
      }
      case 'reject-migration':
        return this.toMigration(entityId, request.number, id, rejectMigration, []);
      case 'cancel-migration':
        return this.toMigration(entityId, request.number, id, cancelMigration, []);
    }
  }

  /** The lifecycle is started when it is missing, from what SQL knows of the entity. */
  private async toLifecycle<Args extends unknown[]>(
    entityId: string,
    updateId: string,
    update: UpdateDefinition<void, Args>,
    args: Args,
  ): Promise<void> {
    const startWorkflowOperation = this.starts.lifecycle(await this.inputs.lifecycle(entityId));
    await this.client.workflow.executeUpdateWithStart(update, { updateId, args, startWorkflowOperation });
  }

  /** One that Temporal does not know although SQL says it is not over is started where SQL says it stands. */
  private async toMigration<Args extends unknown[]>(
    entityId: string,
    number: number,
    updateId: string,
    update: UpdateDefinition<void, Args>,
    args: Args,
  ): Promise<void> {
    const { workflow } = this.client;
    try {
      // Without a start first: an Update that has arrived already is then known, also when all is over.
      const running = workflow.getHandle(workflowIds.migration(entityId, number));
      const [decision] = args;
      if (decision === undefined) await running.executeUpdate<void, []>(update.name, { updateId });
      else await running.executeUpdate<void, [unknown]>(update.name, { updateId, args: [decision] });
    } catch (error) {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      const input = await this.inputs.migration(entityId, number);
      if (input === undefined) throw error;
      const startWorkflowOperation = this.starts.migration(input);
      try {
        await workflow.executeUpdateWithStart(update, { updateId, args, startWorkflowOperation });
      } catch (failure) {
        // It ended in between: there is nothing to decide, and nothing was delivered.
        throw failure instanceof WorkflowExecutionAlreadyStartedError ? error : failure;
      }
    }
  }

  async wakePublisher(entityId: string): Promise<boolean> {
    try {
      await this.bounded(() =>
        this.client.workflow.getHandle(workflowIds.publish(entityId)).signal(wakePublisher),
      );
      return true;
    } catch {
      // Not running yet, or Temporal is away: what is dirty stands in SQL and the sweep wakes it.
      return false;
    }
  }

  async health(): Promise<{ temporal: boolean; worker: boolean }> {
    return this.starts.health();
  }

  async startLifecycle(entityId: string): Promise<void> {
    await this.starts.startLifecycle(await this.inputs.lifecycle(entityId));
  }

  async startMigration(entityId: string, number: number): Promise<void> {
    const input = await this.inputs.migration(entityId, number);
    if (input !== undefined) await this.starts.startMigration(input);
  }

  async startReconciliation(entityId: string, number: number): Promise<void> {
    await this.starts.startReconciliation({ entityId, number });
  }

  async startLoops(entityId: string): Promise<void> {
    const { poll, publish } = await this.inputs.switches(entityId);
    if (poll) await this.starts.startPoll(await this.inputs.poll(entityId), resumePolling);
    else await this.signalIfRunning(workflowIds.poll(entityId), pausePolling);
    if (publish) await this.starts.startPublish(entityId, resumePublishing);
    else await this.signalIfRunning(workflowIds.publish(entityId), pausePublishing);
  }

  async restartPoll(entityId: string): Promise<void> {
    await this.starts.startPoll(await this.inputs.poll(entityId));
  }

  async pauseLoops(entityId: string): Promise<void> {
    await this.signalIfRunning(workflowIds.poll(entityId), pausePolling);
    await this.signalIfRunning(workflowIds.publish(entityId), pausePublishing);
  }

  private signalIfRunning(workflowId: string, signal: SignalDefinition): Promise<void> {
    return ifRunning(this.client.workflow.getHandle(workflowId).signal(signal));
  }

  async stopLoops(entityId: string): Promise<void> {
    const { workflow } = this.client;
    await ifRunning(workflow.getHandle(workflowIds.poll(entityId)).cancel());
    await ifRunning(workflow.getHandle(workflowIds.publish(entityId)).cancel());
  }

  async stopMigration(entityId: string, number: number): Promise<void> {
    await ifRunning(this.client.workflow.getHandle(workflowIds.migration(entityId, number)).cancel());
  }
}

function windowOf({ issuedAt, expiresAt, support }: TokenWindow): TokenWindow {
  return { issuedAt, expiresAt, ...(support === undefined ? {} : { support }) };
}

async function ifRunning(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

function deliveryOf(error: unknown): Delivery {
  if (error instanceof WorkflowExecutionAlreadyStartedError) return { status: 'delivered' };
  if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure) {
    const { type, message } = error.cause;
    return { status: 'refused', code: type ?? 'refused', message };
  }
  if (error instanceof WorkflowNotFoundError) {
    return {
      status: 'refused',
      code: 'wrong-stage',
      message: 'It is already over: there is nothing to decide.',
    };
  }
  return { status: 'pending', message: 'Temporal or the worker did not answer in time.' };
}
