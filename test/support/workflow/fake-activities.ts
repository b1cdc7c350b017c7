import { type EntityActivities, type EventInput, type StageProjection } from '../../../activities/entities';
import { type PullInput, type PullOutcome, type SyncActivities } from '../../../activities/sync';
import { type TokenActivities } from '../../../activities/tokens';

const NO_TRAVELLERS = {
  travellers: 0,
  synced: 0,
  pending: 0,
  quarantined: 0,
  held: 0,
  inactive: 0,
  conflicts: 0,
};

/** Activities that remember what they were asked and answer what the test wants. */
export class FakeActivities {
  readonly stages: StageProjection[] = [];
  readonly events: EventInput[] = [];
  readonly calls: string[] = [];
  readonly pulls: { input: PullInput; at: number }[] = [];
  drains = 0;

  exchange: () => Promise<{ refreshTokenExpiresAt?: number }> = () => Promise.resolve({});
  refresh: () => Promise<{ refreshTokenExpiresAt?: number }> = () => Promise.resolve({});
  pull: (input: PullInput) => Promise<Partial<PullOutcome>> = () => Promise.resolve({});
  drain: () => Promise<{ published: number; quarantined: number; remaining: number; leased: number }> = () =>
    Promise.resolve({ published: 0, quarantined: 0, remaining: 0, leased: 0 });

  constructor(
    /** The test server's clock: activities run in real time, workflows in skipped time. */
    private readonly now: () => Promise<number>,
    private readonly rhythm = { minutes: [5, 20, 35, 50], spreadSeconds: 0 },
  ) {}

  get activities(): EntityActivities & TokenActivities & SyncActivities {
    const note = (name: string) => {
      this.calls.push(name);
      return Promise.resolve();
    };
    return {
      projectStage: (projection) => {
        this.stages.push(projection);
        return Promise.resolve();
      },
      recordEvent: (event) => {
        this.events.push(event);
        return Promise.resolve();
      },
      openMigration: async () => {
        await note('openMigration');
        return 1;
      },
      startLoops: () => note('startLoops'),
      pauseLoops: () => note('pauseLoops'),
      stopLoops: () => note('stopLoops'),
      disconnect: () => note('disconnect'),
      exchangeRequestToken: async () => {
        await note('exchangeRequestToken');
        return this.exchange();
      },
      refreshTokens: async () => {
        await note('refreshTokens');
        return this.refresh();
      },
      pullChanges: async (input) => {
        this.pulls.push({ input, at: await this.now() });
        return {
          seen: 0,
          changed: 0,
          quarantined: 0,
          health: 'ok',
          counts: NO_TRAVELLERS,
          ...this.rhythm,
          ...(await this.pull(input)),
        };
      },
      publishDirty: async () => {
        this.drains += 1;
        return this.drain();
      },
    };
  }

  get kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }
}
