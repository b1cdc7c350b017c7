import { type History } from '@temporalio/common/lib/proto-utils';
import { workflowIds } from '../../workflows/messages';
import { waitUntil } from '../support/wait-until';
import { playScene } from '../support/workflow/environment';
import { FakeActivities } from '../support/workflow/fake-activities';
import { aPoll, ENTITY } from '../support/workflow/inputs';
import { actionsOf, historiesOf, totalOf } from '../support/workflow/temporal-actions';

jest.setTimeout(150_000);

const HOUR = 3_600_000;
/** A run holds some 370 idle polls, then the server suggests another one. */
const HOURS = 100;
const POLLS = 4 * HOURS;
/** docs/performance.md */
const MOST_PER_POLL = 2.02;

/** All runs of a loop that nobody disturbs, the first one first; the server's clock is skipped. */
function idleLoop(): Promise<History[]> {
  const fakes = new FakeActivities();
  return playScene(
    fakes,
    async ({ start, skip, client }) => {
      await start('pollConcur', workflowIds.poll(ENTITY), aPoll());
      await skip(HOURS * HOUR);
      await waitUntil('all polls', () => fakes.pulls.length >= POLLS);
      return historiesOf(client, workflowIds.poll(ENTITY));
    },
    { cached: true, deadlineMs: 140_000 },
  );
}

test('an idle poll costs one timer and one activity, at most 2.02 Temporal actions with every new run', async () => {
  const runs = await idleLoop();
  expect(runs.length).toBeGreaterThan(1);
  const all = runs.map(actionsOf);
  for (const [index, { timers, activities, ...rest }] of all.entries()) {
    // The last timer of all waits for the poll that comes next.
    expect(timers).toBe(index === runs.length - 1 ? activities + 1 : activities);
    expect(rest).toEqual({ starts: 1, signals: 0, updates: 0, upserts: 1 });
  }
  const polls = all.reduce((sum, { activities }) => sum + activities, 0);
  expect(polls).toBe(POLLS);
  const actions = all.reduce((sum, each) => sum + totalOf(each), 0);
  expect(actions / polls).toBeLessThanOrEqual(MOST_PER_POLL);
});
