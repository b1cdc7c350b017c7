import {
  condition,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  uuid4,
} from '@temporalio/workflow';
import { entityActivities } from './activity-types';
import { refusal } from './failures';
import {
  authorisationLost,
  FAILURES,
  type LifecycleInput,
  type LifecycleState,
  lifecycleState,
  migrationFinished,
  offboardEntity,
  openWindow,
  pauseEntity,
  resumeEntity,
  searchAttributes,
  setStrategy,
  type TokenReceipt,
  tokenReceived,
} from './messages';
import { atStandstill, nextTryAfter } from './standstill';
import { instant, lifecycleDetails, nextStep } from './words';

const MINUTE_MS = 60_000;
const TAKES_TOKEN = new Set(['requested', 'awaiting-request-token', 'needs-reauthorisation']);
const CAN_PAUSE = new Set(['active', 'paused']);

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

  /** Handlers are set before the first await, so that no early message is lost. */
  listen(): void {
    setHandler(lifecycleState, () => this.state);
    setHandler(
      openWindow,
      (window) => {
        const stage = 'awaiting-request-token';
        this.change({ stage, window, receipt: undefined, waitingFor: undefined });
      },
      {
        validator: (_window) =>
          this.requireStage(TAKES_TOKEN, 'a window for a request token opens only before the exchange'),
      },
    );
    setHandler(tokenReceived, (receipt) => this.acceptToken(receipt), {
      validator: (receipt: TokenReceipt) => {
        if (this.state.receipt?.credentialId === receipt.credentialId) return;
        this.requireStage(TAKES_TOKEN, 'no request token is expected in this stage');
        if (Date.now() >= receipt.expiresAt) {
          throw refusal(
            FAILURES.windowClosed,
            `The request token expired at ${instant(receipt.expiresAt)}. Ask Concur for a new one and open a new window.`,
          );
        }
      },
    });
    setHandler(setStrategy, (strategy) => this.change({ strategy, waitingFor: undefined }), {
      validator: (_strategy) => {
        if (this.state.migrated)
          throw refusal(FAILURES.wrongStage, 'The first migration is already completed.');
      },
    });
    setHandler(pauseEntity, () => this.change({ paused: true }), {
      validator: () => this.requireStage(CAN_PAUSE, 'only an active entity can be paused'),
    });
    setHandler(
      resumeEntity,
      () => {
        this.retryAsked = true;
        this.change({ paused: false });
      },
      {
        validator: () => {
          if (this.state.stage !== 'needs-reauthorisation' || this.state.stopped !== undefined) return;
          throw refusal(FAILURES.wrongStage, 'Resuming does not help: a new request token is needed.');
        },
      },
    );
    setHandler(offboardEntity, (offboard) => this.change({ offboard }));
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
        const interval = this.input.refreshIntervalMinutes * MINUTE_MS;
        this.change({ nextRefreshAt: Date.now() + nextTryAfter(cause, interval) });
      }
    });
  }

  private acceptToken(receipt: NonNullable<LifecycleState['receipt']>): void {
    if (this.state.receipt?.credentialId === receipt.credentialId) return;
    const { issuedAt, expiresAt } = receipt;
    this.change({
      stage: 'exchanging',
      receipt,
      window: { issuedAt, expiresAt },
      problem: undefined,
      waitingFor: undefined,
    });
  }

  private requireStage(stages: ReadonlySet<string>, otherwise: string): void {
    if (stages.has(this.state.stage)) return;
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
    setCurrentDetails(lifecycleDetails(this.entityId, state));
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
      waitingFor: state.waitingFor ?? nextStep(state),
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
