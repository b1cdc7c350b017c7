import {
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  setHandler,
  workflowInfo,
} from '@temporalio/workflow';
import { syncActivities } from './activity-types';
import { refusal, type Trouble, troubleOf } from './failures';
import {
  authorisationLost,
  FAILURES,
  pausePublishing,
  type PublishInput,
  publishNow,
  type PublishState,
  publishState,
  resumePublishing,
  wakePublisher,
} from './messages';
import { lostFor, parksAfterMany, standstillFor } from './standstill';
import { tellLifecycle } from './tell-lifecycle';
import { instant } from './words';

const FIRST_BACKOFF_MS = 1_000;
const LONGEST_BACKOFF_MS = 300_000;
/** Somebody else holds a traveller: look again when it may be through. */
const LEASED_WAIT_MS = 5_000;
const MAX_FAILURES = 20;

/**
 * The perpetual publish of one entity: woken by a signal, it drains what is dirty and sleeps without a timer.
 * What is dirty stands in SQL, so a lost signal loses nothing (docs/architecture.md, "Waking").
 */
export async function publishChanges(input: PublishInput): Promise<void> {
  const loop = new PublishLoop(input);
  loop.listen();
  for (;;) {
    await loop.waitForWork();
    await loop.drain();
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof publishChanges>({ ...input, state: loop.state });
    }
  }
}

class PublishLoop {
  state: PublishState;
  private lastTrouble: Trouble | undefined;
  private lastDone: string | undefined;

  constructor(private readonly input: PublishInput) {
    // A new loop looks once whether something waits.
    this.state = input.state ?? { paused: false, woken: true, failures: 0, published: 0 };
  }

  listen(): void {
    setHandler(publishState, () => this.state);
    setHandler(wakePublisher, () => this.change({ woken: true }));
    setHandler(publishNow, () => this.change({ woken: true }), {
      validator: (_request) => {
        if (this.state.paused)
          throw refusal(FAILURES.wrongStage, 'Publishing is paused. Resume the entity first.');
      },
    });
    setHandler(pausePublishing, () => this.change({ paused: true }));
    setHandler(resumePublishing, () =>
      this.change({ paused: false, parked: undefined, failures: 0, woken: true }),
    );
  }

  private change(change: Partial<PublishState>): void {
    this.state = { ...this.state, ...change };
  }

  async waitForWork(): Promise<void> {
    this.show();
    await condition(() => this.state.woken && !this.state.paused && this.state.parked === undefined);
  }

  async drain(): Promise<void> {
    this.change({ woken: false });
    try {
      const result = await syncActivities('Publish what changed').publishDirty({
        entityId: this.input.entityId,
      });
      this.lastTrouble = undefined;
      this.lastDone = `${instant(Date.now())}: ${result.published} published, ${result.quarantined} quarantined`;
      this.change({ failures: 0, published: this.state.published + result.published });
      if (result.remaining > 0) this.change({ woken: true });
      else if (result.leased > 0)
        await this.lookAgainIn(LEASED_WAIT_MS, 'Somebody else is publishing a traveller');
    } catch (error) {
      if (isCancellation(error)) throw error;
      await this.failed(troubleOf(error));
    }
  }

  private async failed(trouble: Trouble): Promise<void> {
    this.lastTrouble = trouble;
    const failures = this.state.failures + 1;
    this.change({ failures });
    const standstill = standstillFor(trouble);
    if (standstill !== undefined || (failures >= MAX_FAILURES && parksAfterMany(trouble))) {
      this.change({ parked: trouble.cause, woken: true });
      if (standstill === undefined) return;
      return tellLifecycle(this.input.entityId, authorisationLost, lostFor(standstill, trouble));
    }
    const wait = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures);
    await this.lookAgainIn(wait, `Back off after a failure (${trouble.cause})`);
  }

  /** A new change need not wait for the end of a back-off caused by an old one. */
  private async lookAgainIn(wait: number, summary: string): Promise<void> {
    this.show();
    await condition(() => this.state.woken, wait, { summary });
    this.change({ woken: true });
  }

  private show(): void {
    const lines = [`Publishes changes of **${this.input.entityId}** to Concur as they come`, ''];
    if (this.state.paused) lines.push('- **Paused**: changes wait in the hub');
    if (this.state.parked !== undefined)
      lines.push(`- **Parked** (${this.state.parked}): changes wait in the hub`);
    lines.push(`- Published so far: ${this.state.published}`);
    if (this.lastDone !== undefined) lines.push(`- Last drain: ${this.lastDone}`);
    if (this.lastTrouble !== undefined) lines.push('', `> ${this.lastTrouble.message}`);
    setCurrentDetails(lines.join('\n'));
  }
}
