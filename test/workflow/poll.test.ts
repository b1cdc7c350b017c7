import { ApplicationFailure } from '@temporalio/common';
import {
  authorisationLost,
  changeRhythm,
  pausePolling,
  pollNow,
  pollState,
  resumePolling,
} from '../../workflows/messages';
import { runTypeScript } from '../support/child-processes';
import { playScene, refusalOf } from '../support/workflow/environment';
import { FakeActivities } from '../support/workflow/fake-activities';
import { aPoll, anEntityLifecycle } from '../support/workflow/inputs';
import { expectedSlots, pollForDays, type PollRecord } from '../support/workflow/poll-days';
import { waitUntil } from '../support/wait-until';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

jest.setTimeout(90_000);

function expectSlots({ start, end, polledAt }: PollRecord, minutes: readonly number[]): void {
  // An activity notes the server's time a moment after its timer fired.
  const slots = polledAt.map((at) => Math.floor(at / MINUTE) * MINUTE);
  expect(slots).toEqual(expectedSlots(start, end, minutes));
  expect(slots.length).toBeGreaterThanOrEqual(48 * minutes.length - 1);
  expect(Math.max(...polledAt.map((at) => at % MINUTE))).toBeLessThan(30_000);
}

test.each([
  ['05, 20, 35 and 50', [5, 20, 35, 50]],
  ['10 where POLL_MINUTES=10', [10]],
])('over two simulated days polls happen exactly at minutes %s', async (_words, minutes) => {
  expectSlots(await pollForDays(2, minutes), minutes);
});

test('a time zone of half hours changes nothing about that', async () => {
  const minutes = [5, 20, 35, 50];
  const env = { ...process.env, TZ: 'Australia/Lord_Howe' };
  const child = runTypeScript('workflow/poll-days.child.ts', ['2', ...minutes.map(String)], env);
  const { offset, record } = (await child.nextJson()) as { offset: number; record: PollRecord };
  expect([-630, -660]).toContain(offset);
  expectSlots(record, minutes);
});

test('a poll that fails because Concur is down is tried again at the next slot', () => {
  const fakes = new FakeActivities();
  fakes.pull = () => {
    if (fakes.pulls.length > 1) return Promise.resolve({});
    throw ApplicationFailure.nonRetryable('Concur is out of service.', 'ConcurUnavailable');
  };
  return playScene(fakes, async ({ start, skip, now }) => {
    await start('pollConcur', 'poll-acme', aPoll());
    const began = await now();
    await skip(HOUR);
    const ended = await now();
    await waitUntil('four polls', () => fakes.pulls.length >= 4);
    const slots = fakes.pulls.map(({ at }) => Math.floor(at / MINUTE) * MINUTE);
    expect(slots).toEqual(expectedSlots(began, ended, aPoll().minutes));
  });
});

test('an outage of Concur’s does not park the loop, however long it lasts', () => {
  const fakes = new FakeActivities();
  fakes.pull = () => {
    if (fakes.pulls.length > 25) return Promise.resolve({});
    throw ApplicationFailure.nonRetryable('Concur is out of service.', 'ConcurUnavailable');
  };
  return playScene(
    fakes,
    async ({ start, skip }) => {
      await start('pollConcur', 'poll-acme', aPoll());
      await skip(7 * HOUR);
      await waitUntil('polls after the outage', () => fakes.pulls.length > 26);
    },
    { cached: true },
  );
});

test('a poll can be asked for at once, with an instant to read again from; a paused loop refuses it', () => {
  const fakes = new FakeActivities();
  return playScene(fakes, async ({ start, skip }) => {
    const handle = await start('pollConcur', 'poll-acme', aPoll());
    const since = '2026-01-01T00:00:00.000Z';
    await handle.executeUpdate(pollNow, { args: [{ requestId: 'r1', since }] });
    await waitUntil('the poll', () => fakes.pulls.length === 1);
    expect(fakes.pulls[0]?.input).toEqual({ entityId: 'acme', requestId: 'r1', since });
    await handle.signal(pausePolling);
    const refusal = await refusalOf(handle.executeUpdate(pollNow, { args: [{ requestId: 'r2' }] }));
    expect(refusal.type).toBe('wrong-stage');
    await skip(3 * HOUR);
    expect(fakes.pulls).toHaveLength(1);
    await handle.signal(resumePolling);
    await skip(HOUR);
    await waitUntil('polls again', () => fakes.pulls.length >= 4);
  });
});

/** Minutes of the hour at which was polled. */
const minutesOf = (fakes: FakeActivities) => fakes.pulls.map(({ at }) => new Date(at).getUTCMinutes());

test('changed minutes count for the running wait, not only from the next poll on', () => {
  const fakes = new FakeActivities();
  return playScene(fakes, async ({ start, skip, now }) => {
    // So that the old slot is never the nearer one: it is in a minute that has just begun.
    const passed = new Date(await now()).getUTCMinutes();
    const soon = (passed + 20) % 60;
    fakes.follow({ minutes: [soon], spreadSeconds: 0 });
    const handle = await start('pollConcur', 'poll-acme', aPoll([passed]));
    await waitUntil('it waits', async () => (await handle.query(pollState)).nextPollAt !== undefined);
    await handle.signal(changeRhythm, { minutes: [soon], spreadSeconds: 0 });
    await skip(30 * MINUTE);
    await waitUntil('the poll', () => fakes.pulls.length === 1);
    expect(minutesOf(fakes)).toEqual([soon]);
  });
});

test('minutes that change during a poll are not overwritten by what that poll has read before', () => {
  const fakes = new FakeActivities();
  return playScene(fakes, async ({ start, skip, now }) => {
    const passed = new Date(await now()).getUTCMinutes();
    const soon = (passed + 20) % 60;
    fakes.follow({ minutes: [passed], spreadSeconds: 0 });
    const handle = await start('pollConcur', 'poll-acme', aPoll([passed]));
    fakes.pull = async () => {
      if (fakes.pulls.length === 1) await handle.signal(changeRhythm, { minutes: [soon], spreadSeconds: 0 });
      return {};
    };
    await handle.executeUpdate(pollNow, { args: [{ requestId: 'r1' }] });
    await waitUntil('the poll on request', () => fakes.pulls.length === 1);
    await skip(30 * MINUTE);
    await waitUntil('the poll', () => fakes.pulls.length === 2);
    expect(minutesOf(fakes)[1]).toBe(soon);
  });
});

test('polling stops when Concur no longer lets us in, until it is resumed; the entity is asked for a token once', () => {
  const fakes = new FakeActivities();
  let lost = true;
  fakes.pull = () => {
    if (lost) throw ApplicationFailure.nonRetryable('Authorise again.', 'ReauthorisationRequired');
    return Promise.resolve({});
  };
  return playScene(fakes, async ({ start, skip }) => {
    const lifecycle = await start('entityLifecycle', 'entity-acme', anEntityLifecycle());
    const handle = await start('pollConcur', 'poll-acme', aPoll());
    await handle.executeUpdate(pollNow, { args: [{ requestId: 'r1' }] });
    await waitUntil('people are asked', () => fakes.kinds.includes('needs-reauthorisation'));
    // The publisher met the same.
    await lifecycle.signal(authorisationLost, { reason: 'Authorise again.' });
    await skip(2 * HOUR);
    expect(fakes.pulls).toHaveLength(1);
    expect(fakes.kinds.filter((kind) => kind === 'needs-reauthorisation')).toHaveLength(1);
    lost = false;
    await handle.signal(resumePolling);
    await skip(HOUR);
    await waitUntil('polls again', () => fakes.pulls.length >= 4);
  });
});

test('a loop that loses its authorisation parks also where no lifecycle listens', () => {
  const fakes = new FakeActivities();
  let lost = true;
  fakes.pull = () => {
    if (lost) throw ApplicationFailure.nonRetryable('Authorise again.', 'ReauthorisationRequired');
    return Promise.resolve({});
  };
  return playScene(fakes, async ({ start, skip }) => {
    const handle = await start('pollConcur', 'poll-acme', aPoll());
    await handle.executeUpdate(pollNow, { args: [{ requestId: 'r1' }] });
    await skip(HOUR);
    lost = false;
    await handle.signal(resumePolling);
    await skip(HOUR);
    await waitUntil('polls again', () => fakes.pulls.length >= 4);
  });
});
