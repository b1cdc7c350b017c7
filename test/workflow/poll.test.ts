import { ApplicationFailure } from '@temporalio/common';
import { type PollInput, pollNow, resumePolling } from '../../workflows/messages';
import { openTestBed, withWorker, type WorkflowTestBed } from '../support/workflow/environment';
import { FakeActivities } from '../support/workflow/fake-activities';

const HOUR = 60 * 60_000;
const DAY = 24 * HOUR;

let bed: WorkflowTestBed;
beforeAll(async () => {
  bed = await openTestBed();
});
afterAll(() => bed.close());

let loops = 0;

type Poll = (input: PollInput) => Promise<void>;

async function pollFor(minutes: number[], duration: number, fakes: FakeActivities, long = false) {
  const scene = async (taskQueue: string) => {
    loops += 1;
    const handle = await bed.env.client.workflow.start<Poll>('pollConcur', {
      taskQueue,
      workflowId: `poll-scene-${process.pid}-${loops}`,
      args: [{ entityId: 'scene', minutes, spreadSeconds: 0 }],
    });
    const start = await bed.env.currentTimeMs();
    try {
      await bed.env.sleep(duration);
      return { start, end: await bed.env.currentTimeMs(), handle };
    } finally {
      await handle.terminate('end of the scene');
    }
  };
  return withWorker(bed, fakes, scene, { long });
}

const fakesAt = (minutes: number[]) =>
  new FakeActivities(() => bed.env.currentTimeMs(), { minutes, spreadSeconds: 0 });

/** The activity notes the server's time a few milliseconds after the timer fired. */
const slotOf = (at: number) => Math.floor(at / 60_000) * 60_000;

function expectedSlots(start: number, end: number, minutes: readonly number[]): number[] {
  const slots: number[] = [];
  for (let time = Math.floor(start / 60_000) * 60_000; time <= end; time += 60_000) {
    if (time > start && minutes.includes(new Date(time).getUTCMinutes())) slots.push(time);
  }
  return slots;
}

test.each([
  ['at 05, 20, 35 and 50', [5, 20, 35, 50]],
  ['at POLL_MINUTES=10 only', [10]],
])(
  'over two simulated days polls happen exactly %s',
  async (_words, minutes) => {
    const fakes = fakesAt(minutes);
    const { start, end } = await pollFor(minutes, 2 * DAY, fakes, true);
    const polled = fakes.pulls.map(({ at }) => slotOf(at));
    expect(polled).toEqual(expectedSlots(start, end, minutes).slice(0, polled.length));
    expect(polled.length).toBeGreaterThanOrEqual(48 * minutes.length - 1);
    expect(Math.max(...fakes.pulls.map(({ at }) => at - slotOf(at)))).toBeLessThan(30_000);
  },
  240_000,
);

test('a poll that fails because Concur is down is tried again at the next slot', async () => {
  const fakes = fakesAt([5, 20, 35, 50]);
  let failures = 0;
  fakes.pull = () => {
    failures += 1;
    if (failures === 1)
      throw ApplicationFailure.nonRetryable('Concur is out of service.', 'ConcurUnavailable');
    return Promise.resolve({});
  };
  await pollFor([5, 20, 35, 50], HOUR, fakes);
  expect(fakes.pulls.length).toBeGreaterThanOrEqual(3);
});

test('a poll can be asked for at once, and polling stops when Concur no longer lets us in until it is resumed', async () => {
  const fakes = fakesAt([5, 20, 35, 50]);
  let lost = true;
  fakes.pull = () => {
    if (lost) throw ApplicationFailure.nonRetryable('Authorise again.', 'ReauthorisationRequired');
    return Promise.resolve({});
  };
  await withWorker(bed, fakes, async (taskQueue) => {
    // The loop tells the entity's lifecycle; here somebody listens under that id.
    const lifecycle = await bed.env.client.workflow.start('entityLifecycle', {
      taskQueue,
      workflowId: 'entity-parked',
      args: [
        {
          entityId: 'parked',
          reminderMinutes: [],
          refreshIntervalMinutes: 1440,
          state: { stage: 'active', migrated: true, paused: false },
        },
      ],
    });
    const handle = await bed.env.client.workflow.start<Poll>('pollConcur', {
      taskQueue,
      workflowId: 'poll-parked',
      args: [{ entityId: 'parked', minutes: [5, 20, 35, 50], spreadSeconds: 0 }],
    });
    try {
      await handle.executeUpdate(pollNow, { args: [{ requestId: 'r1' }] });
      await bed.env.sleep(2 * HOUR);
      expect(fakes.pulls).toHaveLength(1);
      expect(fakes.kinds).toContain('needs-reauthorisation');
      lost = false;
      await handle.signal(resumePolling);
      await bed.env.sleep(HOUR);
      expect(fakes.pulls.length).toBeGreaterThanOrEqual(4);
    } finally {
      await handle.terminate('end of the scene');
      await lifecycle.terminate('end of the scene');
    }
  });
});
