import { type MigrationActivities } from '../../../activities/migrations';
import { type MigrationCounts } from '../../../hub/types';

const PER_CHUNK = 25;

/** A migration of so many travellers, twenty-five a chunk, without a store or Concur behind it. */
export class FakeMigration {
  travellers = 60;
  digest = 'digest-1';
  /** Called within each chunk of the execution, so that a test can do something in the middle of one. */
  duringChunk: (done: number) => Promise<void> = () => Promise.resolve();
  /** Called for each chunk of the plan. */
  plan: () => Promise<void> = () => Promise.resolve();
  /** How the migration was closed, if it was. */
  closed: 'completed' | 'rejected' | 'cancelled' | undefined;
  /** Where planning and verifying began, chunk by chunk. */
  readonly planned: (string | undefined)[] = [];
  private done = 0;
  private verified = 0;

  constructor(private readonly note: (name: string) => Promise<void>) {}

  private get counts(): MigrationCounts {
    return {
      create: this.travellers,
      update: 0,
      bind: 0,
      unchanged: 0,
      refused: 0,
      done: this.done,
      quarantined: 0,
      needsApproval: 0,
      skipped: 0,
    };
  }

  get activities(): MigrationActivities {
    return {
      planChunk: async ({ after }) => {
        await this.note('planChunk');
        await this.plan();
        this.planned.push(after);
        const next = Number(after ?? 0) + PER_CHUNK;
        return { counts: this.counts, ...(next < this.travellers ? { next: String(next) } : {}) };
      },
      finishPlan: async () => {
        await this.note('finishPlan');
        return { digest: this.digest };
      },
      beginExecution: () => this.note('beginExecution'),
      executeChunk: async () => {
        await this.note('executeChunk');
        await this.duringChunk(this.done);
        const finished = Math.min(PER_CHUNK, this.travellers - this.done);
        this.done += finished;
        return { finished, open: this.travellers - this.done, counts: this.counts };
      },
      beginVerification: () => this.note('beginVerification'),
      verifyChunk: async () => {
        await this.note('verifyChunk');
        this.verified += PER_CHUNK;
        return this.verified < this.travellers ? { next: String(this.verified) } : {};
      },
      completeMigration: async () => {
        await this.note('completeMigration');
        this.closed = 'completed';
      },
      closeMigration: async ({ state }) => {
        await this.note('closeMigration');
        this.closed = state;
      },
    };
  }
}
