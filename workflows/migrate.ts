import {
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  setHandler,
  sleep,
  workflowInfo,
} from '@temporalio/workflow';
import { migrationActivities, syncActivities } from './activity-types';
import { refusal, troubleOf } from './failures';
import {
  approveMigration,
  BULK_TASK_QUEUE,
  cancelMigration,
  FAILURES,
  migrationFinished,
  type MigrationInput,
  migrationProgress,
  type MigrationProgress,
  rejectMigration,
} from './messages';
import { migrationDetails } from './migration-words';
import { tellLifecycle } from './tell-lifecycle';

const PLAN_CHUNK = 100;
const EXECUTE_CHUNK = 25;
const VERIFY_CHUNK = 100;
/** Travellers of a killed worker become free when their leases end. */
const HELD_WAIT = '10 seconds';
const TROUBLE_WAIT = '5 minutes';

/**
 * The day a company goes live: plan → approval → execution in chunks → verification → report. Every chunk
 * commits before the next begins, so it goes on where it stood (docs/architecture.md, workflows).
 */
export async function migrateTravellers(input: MigrationInput): Promise<void> {
  const migration = new MigrationRun(input);
  migration.listen();
  while (!migration.isOver) {
    await migration.step();
    if (workflowInfo().continueAsNewSuggested && !migration.isOver) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof migrateTravellers>({ ...input, progress: migration.progress });
    }
  }
  await migration.tellLifecycle();
  await condition(allHandlersFinished);
}

const OVER = new Set(['completed', 'rejected', 'cancelled', 'failed']);

class MigrationRun {
  progress: MigrationProgress;
  private readonly ref: { entityId: string; number: number };
  private trouble: string | undefined;
  /** SQL shows the closed plan a moment before we know of it: who decides in between waits for that moment. */
  private closingPlan = false;

  constructor(private readonly input: MigrationInput) {
    this.ref = { entityId: input.entityId, number: input.number };
    this.progress = input.progress ?? { state: 'planning', approved: false };
  }

  get isOver(): boolean {
    return OVER.has(this.progress.state);
  }

  listen(): void {
    setHandler(migrationProgress, () => this.progress);
    setHandler(
      approveMigration,
      async ({ digest }) => {
        await condition(() => !this.closingPlan);
        this.requireDecidable(digest);
        this.change({ approved: true });
      },
      {
        validator: ({ digest }: { digest: string }) =>
          this.closingPlan ? undefined : this.requireDecidable(digest),
      },
    );
    setHandler(
      rejectMigration,
      async () => {
        await condition(() => !this.closingPlan);
        this.requireDecidable(this.progress.digest);
        this.change({ end: 'rejected' });
      },
      {
        validator: () => (this.closingPlan ? undefined : this.requireDecidable(this.progress.digest)),
      },
    );
    setHandler(cancelMigration, () => this.change({ end: 'cancelled' }), {
      validator: () => {
        if (this.isOver)
          throw refusal(FAILURES.wrongStage, `The migration is already ${this.progress.state}.`);
      },
    });
  }

  private requireDecidable(digest: string | undefined): void {
    const { state, approved } = this.progress;
    if (state !== 'awaiting-approval' || approved) {
      throw refusal(FAILURES.wrongStage, `The migration is ${state}: there is nothing to decide.`);
    }
    if (digest !== this.progress.digest) {
      throw refusal(
        FAILURES.planChanged,
        'The plan is not the one you have seen. Look at it again and approve its digest.',
      );
    }
  }

  private change(change: Partial<MigrationProgress>): void {
    this.progress = { ...this.progress, ...change };
  }

  /** One chunk of the present phase; trouble that is not about one traveller waits and tries again. */
  async step(): Promise<void> {
    this.show();
    try {
      await (this.progress.end === undefined ? this.work() : this.end(this.progress.end));
      this.trouble = undefined;
    } catch (error) {
      if (isCancellation(error)) throw error;
      this.trouble = troubleOf(error).message;
      this.show();
      const before = this.progress;
      await condition(() => this.progress !== before, TROUBLE_WAIT, {
        summary: 'Wait before the next attempt',
      });
    }
  }

  private work(): Promise<void> {
    switch (this.progress.state) {
      case 'planning':
        return this.input.strategy === 'none' ? this.readEverything() : this.plan();
      case 'awaiting-approval':
        return this.awaitApproval();
      case 'executing':
        return this.execute();
      case 'verifying':
        return this.verify();
      case 'awaiting-final-approval':
      case 'completed':
      case 'rejected':
      case 'cancelled':
      case 'failed':
        return Promise.resolve();
    }
  }

  /** Strategy `none`: nothing is written; travellers and bases come from the first pull. */
  private async readEverything(): Promise<void> {
    await syncActivities('Read all profiles from Concur', {
      taskQueue: BULK_TASK_QUEUE,
    }).pullChanges({ entityId: this.input.entityId });
    await migrationActivities('Complete').completeMigration(this.ref);
    this.change({ state: 'completed' });
  }

  private async plan(): Promise<void> {
    const { after } = this.progress;
    const work = migrationActivities(
      after === undefined ? 'Plan: first travellers' : 'Plan: next travellers',
    );
    const chunk = await work.planChunk({
      ...this.ref,
      limit: PLAN_CHUNK,
      ...(after === undefined ? {} : { after }),
    });
    this.change({ counts: chunk.counts });
    if (chunk.next !== undefined) return this.change({ after: chunk.next });
    this.closingPlan = true;
    try {
      const { digest } = await migrationActivities('Close the plan').finishPlan(this.ref);
      this.change({ state: 'awaiting-approval', digest, after: undefined });
    } finally {
      this.closingPlan = false;
    }
  }

  private async awaitApproval(): Promise<void> {
    await condition(() => this.progress.approved || this.progress.end !== undefined);
    if (this.progress.end !== undefined) return;
    await migrationActivities('Begin the execution').beginExecution(this.ref);
    this.change({ state: 'executing' });
  }

  private async execute(): Promise<void> {
    const chunk = await migrationActivities('Publish the next travellers').executeChunk({
      ...this.ref,
      limit: EXECUTE_CHUNK,
    });
    this.change({ counts: chunk.counts });
    if (chunk.open === 0) {
      await migrationActivities('Begin the verification').beginVerification(this.ref);
      return this.change({ state: 'verifying' });
    }
    if (chunk.finished === 0)
      await sleep(HELD_WAIT, { summary: 'The next travellers are held by somebody else' });
  }

  private async verify(): Promise<void> {
    const chunk = await migrationActivities('Verify the next travellers').verifyChunk({
      ...this.ref,
      limit: VERIFY_CHUNK,
    });
    if (chunk.next !== undefined) return;
    await migrationActivities('Complete').completeMigration(this.ref);
    this.change({ state: 'completed' });
  }

  private async end(state: 'rejected' | 'cancelled'): Promise<void> {
    await migrationActivities(`Close as ${state}`).closeMigration({ ...this.ref, state });
    this.change({ state, end: undefined });
  }

  async tellLifecycle(): Promise<void> {
    this.show();
    const { entityId, number } = this.input;
    await tellLifecycle(entityId, migrationFinished, { number, state: this.progress.state });
  }

  private show(): void {
    setCurrentDetails(migrationDetails(this.input, this.progress, this.trouble));
  }
}
