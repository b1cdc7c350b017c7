import {
  allHandlersFinished,
  condition,
  continueAsNew,
  isCancellation,
  setCurrentDetails,
  setHandler,
  upsertSearchAttributes,
  workflowInfo,
} from '@temporalio/workflow';
import { type EntityCounts } from '../hub/contract';
import { type Health } from '../hub/types';
import { nextPollSlot, pollOffsetMs } from '../sync/model/poll-slots';
import { syncActivities } from './activity-types';
import { type Trouble, troubleOf } from './failures';
import {
  authorisationLost,
  changeRhythm,
  FAILURES,
  pausePolling,
  type PollInput,
  pollNow,
  type PollRequest,
  type PollState,
  pollState,
  resumePolling,
  searchAttributes,
} from './messages';
import { refusal } from './failures';
import { lostFor, parksAfterMany, standstillFor } from './standstill';
import { tellLifecycle } from './tell-lifecycle';
import { instant } from './words';

/** Unknown failures are tried this often in a row, then somebody has to look. */
const MAX_FAILURES = 20;

/**
 * The perpetual pull of one entity: waits for the next slot (05, 20, 35 and 50 of every hour unless the
 * entity says otherwise), pulls, again (docs/concur.md §8). One timer and one activity per idle poll. It
 * never fails: trouble is shown, backed off from, retried at the next slot or parked.
 */
export async function pollConcur(input: PollInput): Promise<void> {
  const loop = new PollLoop(input);
  loop.listen();
  for (;;) {
    await loop.waitForTurn();
    await loop.poll();
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof pollConcur>({ ...loop.input, state: loop.state });
    }
  }
}

class PollLoop {
  state: PollState;
  private nextPollAt: number | undefined;
  private lastTrouble: Trouble | undefined;
  private lastDone: string | undefined;
  private counts: EntityCounts | undefined;
  private shownAttributes = '';

  constructor(public input: PollInput) {
    this.state = input.state ?? { paused: false, failures: 0, polls: 0 };
  }

  listen(): void {
    setHandler(pollState, () => ({
      ...this.state,
      ...(this.nextPollAt === undefined ? {} : { nextPollAt: this.nextPollAt }),
    }));
    setHandler(changeRhythm, ({ minutes, spreadSeconds }) => {
      this.input = { ...this.input, minutes, spreadSeconds };
    });
    setHandler(pausePolling, () => this.change({ paused: true }));
    setHandler(resumePolling, () => this.change({ paused: false, parked: undefined, failures: 0 }));
    setHandler(pollNow, (request) => this.change({ request }), {
      validator: (_request) => {
        if (this.state.paused)
          throw refusal(FAILURES.wrongStage, 'Polling is paused. Resume the entity first.');
      },
    });
  }

  private change(change: Partial<PollState>): void {
    this.state = { ...this.state, ...change };
  }

  /**
   * Until the next slot, or until somebody asks for a poll now; longer while paused or parked. A change of
   * the rhythm counts the wait anew.
   */
  async waitForTurn(): Promise<void> {
    for (;;) {
      const rhythm = this.input;
      if (this.state.request !== undefined && !this.state.paused) return;
      if (this.state.paused || this.state.parked !== undefined) {
        this.nextPollAt = undefined;
        this.show();
        const before = this.state;
        await condition(() => this.state !== before || this.input !== rhythm);
        continue;
      }
      // A slot whose place in the spread is yet to come is not over.
      const offset = pollOffsetMs(workflowInfo().workflowId, this.input.spreadSeconds);
      this.nextPollAt = nextPollSlot(Date.now() - offset, this.input.minutes) + offset;
      this.show();
      const disturbed = () => this.state.request !== undefined || this.state.paused || this.input !== rhythm;
      const wait = Math.max(1, this.nextPollAt - Date.now());
      if (!(await condition(disturbed, wait, { summary: `Next poll at ${instant(this.nextPollAt)}` })))
        return;
    }
  }

  async poll(): Promise<void> {
    const request = this.state.request;
    const rhythm = this.input;
    this.change({ request: undefined });
    try {
      const result = await this.pull(request);
      // What was changed during the pull is newer than what the pull has read.
      if (this.input === rhythm) {
        this.input = { ...rhythm, minutes: result.minutes, spreadSeconds: result.spreadSeconds };
      }
      this.lastDone = `${instant(Date.now())}: ${result.seen} seen, ${result.changed} changed, ${result.quarantined} quarantined`;
      this.lastTrouble = undefined;
      this.counts = result.counts;
      this.showAttributes(result.health, result.counts.quarantined);
      this.change({ failures: 0, parked: undefined, polls: this.state.polls + 1 });
    } catch (error) {
      if (isCancellation(error)) throw error;
      await this.failed(troubleOf(error));
    }
  }

  private pull(request: PollRequest | undefined) {
    const summary = request === undefined ? 'Poll Concur' : 'Poll Concur, on request';
    return syncActivities(summary).pullChanges({
      entityId: this.input.entityId,
      ...(request === undefined ? {} : request),
    });
  }

  /** Filters of the Temporal UI; written only when they change, so that an idle poll costs no upsert. */
  private showAttributes(health: Health, quarantined: number): void {
    const shown = `${health} ${quarantined}`;
    if (shown === this.shownAttributes) return;
    this.shownAttributes = shown;
    upsertSearchAttributes([
      { key: searchAttributes.health, value: health },
      { key: searchAttributes.quarantined, value: quarantined },
    ]);
  }

  private async failed(trouble: Trouble): Promise<void> {
    this.lastTrouble = trouble;
    const standstill = standstillFor(trouble);
    const person = standstill !== undefined || trouble.cause === 'configuration';
    this.showAttributes(person ? 'failing' : 'degraded', this.counts?.quarantined ?? 0);
    const failures = this.state.failures + 1;
    const park = standstill !== undefined || (failures >= MAX_FAILURES && parksAfterMany(trouble));
    this.change({ failures, parked: park ? trouble.cause : undefined });
    if (standstill === undefined) return;
    await tellLifecycle(this.input.entityId, authorisationLost, lostFor(standstill, trouble));
  }

  private show(): void {
    const lines = [
      `Polls **${this.input.entityId}** at minutes ${this.input.minutes.join(', ')} of every hour (UTC)`,
      '',
    ];
    if (this.state.paused) lines.push('- **Paused**');
    if (this.state.parked !== undefined)
      lines.push(`- **Parked** (${this.state.parked}): resume the entity to go on`);
    if (this.nextPollAt !== undefined) lines.push(`- Next poll: ${instant(this.nextPollAt)}`);
    if (this.lastDone !== undefined) lines.push(`- Last poll: ${this.lastDone}`);
    if (this.counts !== undefined) {
      const { travellers, synced, pending, quarantined, held, inactive } = this.counts;
      lines.push(
        '',
        '| travellers | synced | pending | quarantined | held | inactive |',
        '|---:|---:|---:|---:|---:|---:|',
        `| ${travellers} | ${synced} | ${pending} | ${quarantined} | ${held} | ${inactive} |`,
      );
    }
    if (this.lastTrouble !== undefined) lines.push('', `> ${this.lastTrouble.message}`);
    setCurrentDetails(lines.join('\n'));
  }
}
