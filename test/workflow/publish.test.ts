import { type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import {
  pausePublishing,
  publishNow,
  resumePublishing,
  wakePublisher,
  workflowIds,
} from '../../workflows/messages';
import { playScene, refusalOf, type Scene } from '../support/workflow/environment';
import { FakeActivities } from '../support/workflow/fake-activities';
import { anEntityLifecycle, ENTITY } from '../support/workflow/inputs';
import { waitUntil } from '../support/wait-until';

const HOUR = 3_600_000;

jest.setTimeout(90_000);

/** A publisher that has looked once whether something waits, and sleeps. */
async function aSleepingPublisher({ start }: Scene, fakes: FakeActivities): Promise<WorkflowHandle> {
  const handle = await start('publishChanges', workflowIds.publish(ENTITY), { entityId: ENTITY });
  await waitUntil('the first look', () => fakes.drains.length === 1);
  return handle;
}

const drainsAre = (fakes: FakeActivities, count: number) =>
  waitUntil(`drain ${count}`, () => fakes.drains.length >= count);

/** Drains fail with this as long as `failing` says so. */
function failWhile(fakes: FakeActivities, failing: () => boolean, type: string): void {
  fakes.drain = () => {
    if (failing()) throw ApplicationFailure.nonRetryable('Concur says no.', type);
    return Promise.resolve({});
  };
}

test('a new publisher looks once whether something waits, then sleeps without a timer', () => {
  const fakes = new FakeActivities();
  return playScene(fakes, async (scene) => {
    const handle = await aSleepingPublisher(scene, fakes);
    await scene.skip(30 * 24 * HOUR);
    const { events } = await handle.fetchHistory();
    expect(events?.some((event) => event.timerStartedEventAttributes != null)).toBe(false);
    expect(fakes.drains).toHaveLength(1);
    await handle.signal(wakePublisher);
    await drainsAre(fakes, 2);
  });
});

test('a thousand wake-ups during a drain are one drain after it', () => {
  const fakes = new FakeActivities();
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  fakes.drain = async () => {
    if (fakes.drains.length === 1) await held;
    return { published: 500 };
  };
  return playScene(
    fakes,
    async (scene) => {
      const handle = await aSleepingPublisher(scene, fakes);
      for (let batch = 0; batch < 20; batch += 1) {
        await Promise.all(Array.from({ length: 50 }, () => handle.signal(wakePublisher)));
      }
      release();
      await drainsAre(fakes, 2);
      await scene.skip(HOUR);
      expect(fakes.drains).toHaveLength(2);
    },
    { cached: true },
  );
});

test('what one drain leaves over, the next takes at once; what somebody else holds, after a few seconds', () => {
  const fakes = new FakeActivities();
  const outcomes = [{ published: 500, remaining: 20 }, { published: 10, leased: 10 }, { published: 10 }];
  fakes.drain = () => Promise.resolve(outcomes[fakes.drains.length - 1] ?? {});
  return playScene(fakes, async (scene) => {
    await aSleepingPublisher(scene, fakes);
    await drainsAre(fakes, 2);
    await scene.skip(HOUR);
    await drainsAre(fakes, 3);
    const [first = 0, second = 0, third = 0] = fakes.drains;
    expect(second - first).toBeLessThan(third - second);
    expect(third - second).toBeGreaterThanOrEqual(4_900);
    expect(fakes.drains).toHaveLength(3);
  });
});

test('while Concur is down it backs off ever longer, and drains when Concur is back', () => {
  const fakes = new FakeActivities();
  failWhile(fakes, () => fakes.drains.length <= 6, 'ConcurUnavailable');
  return playScene(fakes, async (scene) => {
    await aSleepingPublisher(scene, fakes);
    await scene.skip(HOUR);
    await drainsAre(fakes, 7);
    const waits = fakes.drains.slice(1).map((at, index) => at - (fakes.drains[index] ?? 0));
    for (const [index, wait] of waits.entries()) {
      const planned = 2_000 * 2 ** index;
      expect(wait).toBeGreaterThanOrEqual(planned - 100);
    }
    expect(Math.max(...waits)).toBeLessThan(300_000);
    await scene.skip(HOUR);
    expect(fakes.drains).toHaveLength(7);
  });
});

test('a new change does not wait for the end of a back-off', () => {
  const fakes = new FakeActivities();
  failWhile(fakes, () => fakes.drains.length === 1, 'ConcurThrottled');
  return playScene(fakes, async (scene) => {
    const handle = await aSleepingPublisher(scene, fakes);
    // No time is skipped: the drain can only come from the signal, or after the back-off of two seconds.
    await handle.signal(wakePublisher);
    await drainsAre(fakes, 2);
  });
});

test('it parks when Concur no longer lets us in, asks once for a token, and drains when it is resumed', () => {
  const fakes = new FakeActivities();
  let lost = true;
  failWhile(fakes, () => lost, 'ReauthorisationRequired');
  return playScene(fakes, async (scene) => {
    await scene.start('entityLifecycle', workflowIds.lifecycle(ENTITY), anEntityLifecycle());
    await waitUntil('the lifecycle is active', () => fakes.calls.includes('startLoops'));
    const handle = await aSleepingPublisher(scene, fakes);
    await waitUntil('people are asked', () => fakes.kinds.includes('needs-reauthorisation'));
    await handle.signal(wakePublisher);
    await scene.skip(HOUR);
    expect(fakes.drains).toHaveLength(1);
    expect(fakes.kinds.filter((kind) => kind === 'needs-reauthorisation')).toHaveLength(1);
    lost = false;
    await handle.signal(resumePublishing);
    await drainsAre(fakes, 2);
  });
});

test('while paused changes wait and a publish on request is refused; resumed, it drains', () => {
  const fakes = new FakeActivities();
  return playScene(fakes, async (scene) => {
    const handle = await aSleepingPublisher(scene, fakes);
    await handle.signal(pausePublishing);
    await handle.signal(wakePublisher);
    const refusal = await refusalOf(handle.executeUpdate(publishNow, { args: [{ requestId: 'r1' }] }));
    expect(refusal.type).toBe('wrong-stage');
    await scene.skip(HOUR);
    expect(fakes.drains).toHaveLength(1);
    await handle.signal(resumePublishing);
    await drainsAre(fakes, 2);
    await handle.executeUpdate(publishNow, { args: [{ requestId: 'r2' }] });
    await drainsAre(fakes, 3);
  });
});
