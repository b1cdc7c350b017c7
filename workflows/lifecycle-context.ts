import {
  condition,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  uuid4,
} from '@temporalio/workflow';
import { type LifecycleCommand, takesCommand } from '../sync/model/lifecycle-stages';
import { entityActivities } from './activity-types';
import { refusal } from './failures';
import {
  authorisationLost,
  changeSettings,
  FAILURES,
  type LifecycleInput,
  type LifecycleSettings,
  type LifecycleState,
  lifecycleState,
  migrationFinished,
  offboardEntity,
  openWindow,
  pauseEntity,
  resumeEntity,
  searchAttributes,
  type TokenReceipt,
  tokenReceived,
} from './messages';
import { atStandstill, nextTryAfter } from './standstill';
import { instant, lifecycleDetails, nextStep } from './words';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** The entity's state together with its message handlers and its projections. */
export class LifecycleContext {
  readonly entityId: string;
  state: LifecycleState;
  /** Set by `resume` while something waits for a person; the step that waits clears it. */
  retryAsked = false;

  constructor(readonly input: LifecycleInput) {
    this.entityId = input.entityId;
    this.state = input.state;
  }

  /** Whether the refresh token is renewed for its own sake: REFRESH_INTERVAL_MINUTES is not 0. */
  get isKeptAlive(): boolean {
    return this.input.refreshIntervalMinutes > 0;
  }

  /** Milliseconds between two renewals; where there are none, between two tries after people were asked to act. */
  get renewalInterval(): number {
    return this.isKeptAlive ? this.input.refreshIntervalMinutes * MINUTE_MS : DAY_MS;
  }

  /** Handlers are set before the first await, so that no early message is lost. */
  listen(): void {
    setHandler(lifecycleState, () => this.state);
    setHandler(
      openWindow,
      (window) => {
        const stage = 'awaiting-request-token';
        this.change({
          stage,
          window,
          preparation: undefined,
          receipt: undefined,
          waitingFor: undefined,
        });
      },
      {
        validator: (_window) =>
          this.requireStage('open-window', 'a window for a request token opens only before the exchange'),
      },
    );
    setHandler(tokenReceived, (receipt) => this.acceptToken(receipt), {
      validator: (receipt: TokenReceipt) => {
        if (this.state.receipt?.credentialId === receipt.credentialId) return;
        this.requireStage('hand-in-token', 'no request token is expected in this stage');
        if (Date.now() >= receipt.expiresAt) {
          throw refusal(
            FAILURES.windowClosed,
            `The request token expired at ${instant(receipt.expiresAt)}. Ask Concur for a new one and open a new window.`,
          );
        }
      },
    });
    setHandler(changeSettings, (settings) => this.applySettings(settings), {
      validator: (settings: LifecycleSettings) => this.checkSettings(settings),
    });
    setHandler(pauseEntity, () => this.change({ paused: true }), {
      validator: () => this.requireStage('pause', 'only an active entity can be paused'),
    });
    setHandler(
      resumeEntity,
      () => {
        this.retryAsked = true;
        this.change({ paused: false });
      },
      {
        validator: () => {
          // Paused, but not yet shown as such.
          if (this.state.paused) return;
          this.requireStage('resume', 'there is nothing that waits to be resumed');
          if (this.state.stage === 'needs-reauthorisation' && this.state.stopped === undefined)
            throw refusal(FAILURES.wrongStage, 'Resuming does not help: a new request token is needed.');
        },
      },
    );
    setHandler(offboardEntity, (offboard) => this.change({ offboard }), {
      validator: (_offboard) => {
        this.requireStage('offboard', 'it cannot be offboarded again');
        if (this.state.offboard !== undefined)
          throw refusal(FAILURES.wrongStage, 'The entity is being offboarded already.');
      },
    });
    setHandler(migrationFinished, ({ number, state }) => {
      if (state === 'completed') this.change({ migrated: true, migration: undefined });
      else if (this.state.stage === 'migrating' && (this.state.migration ?? number) === number) {
        const waitingFor = `Support: migration ${number} was ${state}. Plan another one when ready.`;
        this.change({ migration: undefined, waitingFor });
      }
    });
    setHandler(authorisationLost, ({ reason, cause }) => {
      if (this.state.stage !== 'active' && this.state.stage !== 'paused') return;
      this.retryAsked = false;
      this.change(atStandstill(cause ?? 'authorisation', reason));
      if (cause === 'configuration') {
        this.change({ nextRefreshAt: Date.now() + nextTryAfter(cause, this.renewalInterval) });
      }
    });
  }

  private acceptToken(receipt: NonNullable<LifecycleState['receipt']>): void {
    if (this.state.receipt?.credentialId === receipt.credentialId) return;
    const { credentialId: _, ...window } = receipt;
    this.change({
      stage: 'exchanging',
      receipt,
      window,
      preparation: undefined,
      problem: undefined,
      waitingFor: undefined,
    });
  }

  private checkSettings({ strategy, preparation }: LifecycleSettings): void {
    if (preparation !== undefined)
      this.requireStage(
        'note-preparation',
        'the steps before a request token are noted while none is expected',
      );
    if (strategy === undefined) return;
    this.requireStage(
      'change-strategy',
      'the strategy of the first migration is chosen before it is completed',
    );
    const { migrated, migration } = this.state;
    if (migrated) throw refusal(FAILURES.wrongStage, 'The first migration is already completed.');
    if (migration !== undefined) {
      throw refusal(
        FAILURES.wrongStage,
        `Migration ${migration} is open with another strategy. Reject or cancel it first.`,
      );
    }
  }

  /** What was waited for is said anew, if it was about what has changed. */
  private applySettings({ strategy, preparation }: LifecycleSettings): void {
    if (preparation !== undefined) {
      this.change({ preparation: preparation ?? undefined, waitingFor: undefined });
    }
    if (strategy !== undefined) {
      this.change({ strategy: strategy ?? undefined });
      if (this.state.stage === 'migrating') this.change({ waitingFor: undefined });
    }
  }

  private requireStage(command: LifecycleCommand, otherwise: string): void {
    if (takesCommand(this.state.stage, command)) return;
    throw refusal(FAILURES.wrongStage, `The entity is ${this.state.stage}: ${otherwise}.`);
  }

  /** Replaces parts of the state; `undefined` removes. */
  change(change: Partial<LifecycleState>): void {
    this.state = { ...this.state, ...change };
  }

  /** Waits until `ready`, an offboarding, or the instant. False when the time ran out. */
  async until(ready: () => boolean, at?: number, summary?: string): Promise<boolean> {
    const done = () => this.state.offboard !== undefined || ready();
    if (at === undefined) {
      await condition(done);
      return true;
    }
    if (done()) return true;
    return condition(done, Math.max(1, at - Date.now()), summary === undefined ? {} : { summary });
  }

  /** Makes the stage visible: in SQL, in the search attributes and in the details of the Temporal UI. */
  async show(): Promise<void> {
    const { state } = this;
    const now = Date.now();
    setCurrentDetails(lifecycleDetails(this.entityId, state, now));
    upsertSearchAttributes([
      { key: searchAttributes.stage, value: state.stage },
      { key: searchAttributes.health, value: state.problem === undefined ? 'ok' : 'failing' },
      { key: searchAttributes.strategy, value: state.strategy ?? null },
      {
        key: searchAttributes.refreshTokenExpiry,
        value: state.refreshTokenExpiresAt === undefined ? null : new Date(state.refreshTokenExpiresAt),
      },
    ]);
    await entityActivities(`Show stage ${state.stage}`).projectStage({
      entityId: this.entityId,
      stage: state.stage,
      waitingFor: state.waitingFor ?? nextStep(this.entityId, state, now),
      ...(state.problem === undefined ? {} : { problem: state.problem }),
      ...(state.window === undefined ? {} : { window: state.window }),
      ...(state.stopped === undefined ? {} : { stopped: true }),
    });
  }

  /** An event for people: reminders, expiries, stage changes. Without personal data. */
  async tell(kind: string, message: string, dueAt?: number): Promise<void> {
    await entityActivities(`Event ${kind}`).recordEvent({
      id: eventId(),
      entityId: this.entityId,
      kind,
      message,
      at: Date.now(),
      ...(dueAt === undefined ? {} : { dueAt }),
    });
  }
}

/** Lists of events are ordered by id: a UUID of version 7, which sorts by time. */
function eventId(): string {
  const stamp = Date.now().toString(16).padStart(12, '0');
  return `${stamp.slice(0, 8)}-${stamp.slice(8)}-7${uuid4().slice(15)}`;
}
