import { type EntityActivities, type EventInput, type StageProjection } from '../../../activities/entities';
import { type FleetActivities } from '../../../activities/fleet';
import { type MigrationActivities } from '../../../activities/migrations';
import { type ReconcileActivities } from '../../../activities/reconcile';
import {
  type PublishOutcome,
  type PullInput,
  type PullOutcome,
  type SyncActivities,
} from '../../../activities/sync';
import { type Granted, type TokenActivities } from '../../../activities/tokens';
import { FakeMigration } from './fake-migration';
import { FakeReconciliation } from './fake-reconciliation';

type Activities = EntityActivities &
  TokenActivities &
  SyncActivities &
  MigrationActivities &
  ReconcileActivities &
  FleetActivities;

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
  /** Names of activities, in the order of their attempts. */
  readonly calls: string[] = [];
  readonly pulls: { input: PullInput; at: number }[] = [];
  /** The server's time of every drain. */
  readonly drains: number[] = [];
  /** Where each entity's loops were left. */
  readonly loops = new Map<string, 'running' | 'parked'>();
  readonly migration = new FakeMigration((name) => this.note(name));
  readonly reconciliation = new FakeReconciliation((name) => this.note(name));

  project: (projection: StageProjection) => Promise<void> = () => Promise.resolve();
  openMigration: () => Promise<void> = () => Promise.resolve();
  exchange: (input: { entityId: string; credentialId: string }) => Promise<Granted> = () =>
    Promise.resolve({});
  refresh: (input: { entityId: string }) => Promise<Granted> = () => Promise.resolve({});
  expiry: () => Promise<Granted> = () => Promise.resolve({});
  pull: (input: PullInput) => Promise<Partial<PullOutcome>> = () => Promise.resolve({});
  stop: (input: { entityId: string }) => Promise<void> = () => Promise.resolve();
  drain: () => Promise<Partial<PublishOutcome>> = () => Promise.resolve({});

  /** The server's clock, set by the scene: activities run in real time, workflows in skipped time. */
  now: () => Promise<number> = () => Promise.resolve(0);

  constructor(private rhythm = { minutes: [5, 20, 35, 50], spreadSeconds: 0 }) {}

  /** The entity's settings from now on. */
  follow(rhythm: { minutes: number[]; spreadSeconds: number }): void {
    this.rhythm = rhythm;
  }

  private note(name: string): Promise<void> {
    this.calls.push(name);
    return Promise.resolve();
  }

  get activities(): Activities {
    return {
      projectStage: (projection) => {
        this.stages.push(projection);
        return this.project(projection);
      },
      recordEvent: (event) => {
        this.events.push(event);
        return Promise.resolve();
      },
      openMigration: async () => {
        await this.note('openMigration');
        await this.openMigration();
        return 1;
      },
      startLoops: ({ entityId }) => {
        this.loops.set(entityId, 'running');
        return this.note('startLoops');
      },
      pauseLoops: ({ entityId }) => {
        this.loops.set(entityId, 'parked');
        return this.note('pauseLoops');
      },
      stopLoops: async (input) => {
        await this.note('stopLoops');
        return this.stop(input);
      },
      disconnect: () => this.note('disconnect'),
      exchangeRequestToken: async (input) => {
        await this.note('exchangeRequestToken');
        return this.exchange(input);
      },
      refreshTokens: async (input) => {
        await this.note('refreshTokens');
        return this.refresh(input);
      },
      refreshTokenExpiry: async () => {
        await this.note('refreshTokenExpiry');
        return this.expiry();
      },
      pullChanges: async (input) => {
        await this.note('pullChanges');
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
        await this.note('publishDirty');
        this.drains.push(await this.now());
        return { published: 0, quarantined: 0, remaining: 0, leased: 0, ...(await this.drain()) };
      },
      sweepFleet: async () => {
        await this.note('sweepFleet');
        return { delivered: 1, woken: 2, restarted: 1, lifecycles: 3, migrations: 1, reconciliations: 0 };
      },
      ...this.migration.activities,
      ...this.reconciliation.activities,
    };
  }

  count(name: keyof Activities): number {
    return this.calls.filter((call) => call === name).length;
  }

  /** The projection is what people see. */
  get stage(): string | undefined {
    return this.stages.at(-1)?.stage;
  }

  get waitingFor(): string | undefined {
    return this.stages.at(-1)?.waitingFor;
  }

  get kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }
}
