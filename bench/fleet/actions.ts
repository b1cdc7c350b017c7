import { type Client } from '@temporalio/client';
import {
  actionsOf,
  historiesOf,
  PER_SCHEDULED_START,
  type TemporalActions,
  totalOf,
} from '../../test/support/workflow/temporal-actions';
import { workflowIds } from '../../workflows/messages';
import { quantile } from '../lib/stats';

/** Temporal's default of `limit.historyCount.suggestContinueAsNew`. */
const EVENTS_PER_RUN = 4_096;
const AT_ONCE = 8;
const MOST_HISTORIES = 1_000;
/** Four slots an hour, one sweep a minute: the settings' defaults. */
const SWEEPS_PER_POLL = 15;
/** activities/alive.ts */
const HEARTBEAT_SECONDS = 10;

/** Temporal actions of idle polls, from the histories of their loops; see docs/performance.md for what counts. */
export interface PollActions {
  readonly histories: number;
  readonly polls: number;
  readonly counted: TemporalActions;
  readonly eventsPerPoll: number;
  /** A poll's share of each. */
  readonly perPoll: {
    readonly timersAndActivities: number;
    /** Signals, updates and search attributes after the first poll. */
    readonly other: number;
    readonly heartbeats: number;
    /** Continuing as new, and the search attributes that each run writes once. */
    readonly newRuns: number;
    /** One sweep a minute over this fleet, Schedule included, at four slots an hour. */
    readonly sweep: number;
    readonly total: number;
  };
  readonly sweeps: number;
  readonly actionsPerSweep: number;
}

export async function countActions(
  client: Client,
  entityIds: readonly string[],
  pollSeconds: readonly number[],
): Promise<PollActions> {
  const every = Math.ceil(entityIds.length / MOST_HISTORIES);
  const chosen = entityIds.filter((_id, index) => index % every === 0);
  const sum = { starts: 0, timers: 0, activities: 0, signals: 0, updates: 0, upserts: 0 };
  const recurring = { timersAndActivities: 0, other: 0 };
  const eventsPerPoll: number[] = [];
  let newRunCosts = 0;
  await each(chosen, async (id) => {
    const [history, ...later] = await historiesOf(client, workflowIds.poll(id));
    if (history === undefined || later.length > 0) throw new Error(`${id}: one run was expected`);
    const actions = actionsOf(history);
    for (const name of ['starts', 'timers', 'activities', 'signals', 'updates', 'upserts'] as const)
      sum[name] += actions[name];
    const ends = (history.events ?? []).flatMap((event, index) =>
      event.activityTaskCompletedEventAttributes == null ? [] : [index],
    );
    const [first = 0] = ends;
    // With one poll alone what began the loop counts as well: rather too much than too little.
    if (ends.length > 1) eventsPerPoll.push(((ends.at(-1) ?? 0) - first) / (ends.length - 1));
    else eventsPerPoll.push(history.events?.length ?? 0);
    // Once per run, and the one timer that waits for a poll yet to come. The loop was started with a signal.
    const waiting = actions.timers > actions.activities ? 1 : 0;
    const once = Math.min(1, actions.upserts);
    newRunCosts += actions.starts + once;
    recurring.timersAndActivities += actions.timers - waiting + actions.activities;
    recurring.other +=
      actions.signals - Math.min(1, actions.signals) + actions.updates + actions.upserts - once;
  });
  const sweeps = await sweepActions(client);
  const polls = Math.max(1, sum.activities);
  const usual = eventsPerPoll.length === 0 ? NaN : quantile(eventsPerPoll, 0.5);
  const beats = pollSeconds.reduce((all, seconds) => all + Math.floor(seconds / HEARTBEAT_SECONDS), 0);
  const shares = {
    timersAndActivities: recurring.timersAndActivities / polls,
    other: recurring.other / polls,
    heartbeats: beats / Math.max(1, pollSeconds.length),
    newRuns: (newRunCosts / Math.max(1, chosen.length)) * (usual / EVENTS_PER_RUN),
    sweep: (sweeps.each * SWEEPS_PER_POLL) / entityIds.length,
  };
  const { timersAndActivities, other, heartbeats, newRuns, sweep } = shares;
  const total = timersAndActivities + other + heartbeats + newRuns + sweep;
  return {
    histories: chosen.length,
    polls: sum.activities,
    counted: sum,
    eventsPerPoll: usual,
    perPoll: { ...shares, total },
    sweeps: sweeps.count,
    actionsPerSweep: sweeps.each,
  };
}

/** @returns how many sweeps there were, and what one costs with its Schedule's share */
async function sweepActions(client: Client): Promise<{ count: number; each: number }> {
  let count = 0;
  let total = 0;
  for await (const { workflowId, runId, status } of client.workflow.list({
    query: `WorkflowType = 'maintainFleet'`,
  })) {
    if (status.name === 'RUNNING') continue;
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    total += totalOf(actionsOf(history)) + PER_SCHEDULED_START;
    count += 1;
  }
  return { count, each: count === 0 ? 0 : total / count };
}

/** Does something with each, some at once. */
export async function each<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const queue = items.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of queue) await work(item);
    }),
  );
}
