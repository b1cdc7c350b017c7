import { ApplicationFailure } from '@temporalio/common';
import { reconciliationView, workflowIds } from '../../workflows/messages';
import { playScene } from '../support/workflow/environment';
import { FakeActivities } from '../support/workflow/fake-activities';
import { ENTITY } from '../support/workflow/inputs';
import { waitUntil } from '../support/wait-until';

jest.setTimeout(90_000);

const HOUR = 3_600_000;
const INPUT = { entityId: ENTITY, number: 1 };
const ID = workflowIds.reconciliation(ENTITY, 1);
const count = (fakes: FakeActivities, name: string) => fakes.calls.filter((call) => call === name).length;

test('a reconciliation goes on chunk by chunk until its report stands', () => {
  const fakes = new FakeActivities();
  fakes.reconciliation.chunks = ['here', 'there', 'repair', 'completed'];
  return playScene(fakes, async (scene) => {
    const handle = await scene.start('reconcileEntity', ID, INPUT);
    await handle.result();
    expect(count(fakes, 'reconcileChunk')).toBe(4);
    expect(await handle.query(reconciliationView)).toMatchObject({ state: 'completed' });
    expect(fakes.reconciliation.givenUp).toBeUndefined();
  });
});

test('an outage of Concur is waited for, and nothing begins anew', () => {
  const fakes = new FakeActivities();
  fakes.reconciliation.chunks = ['here', 'completed'];
  let isDown = false;
  fakes.reconciliation.beforeChunk = (done) => {
    if (isDown) throw ApplicationFailure.nonRetryable('Concur is down.', 'ConcurUnavailable');
    isDown = done === 0;
    return Promise.resolve();
  };
  return playScene(fakes, async (scene) => {
    const handle = await scene.start('reconcileEntity', ID, INPUT);
    await waitUntil('Concur is down', () => count(fakes, 'reconcileChunk') >= 2);
    await scene.skip(HOUR);
    expect(count(fakes, 'reconcileChunk')).toBeGreaterThan(5);
    isDown = false;
    await handle.result();
    expect(fakes.reconciliation.givenUp).toBeUndefined();
    expect(fakes.reconciliation.done).toBe(2);
  });
});

test('what only people can end is given up with its reason', () => {
  const fakes = new FakeActivities();
  fakes.reconciliation.beforeChunk = () => {
    throw ApplicationFailure.nonRetryable('Concur asks for a new token.', 'ReauthorisationRequired');
  };
  return playScene(fakes, async (scene) => {
    const handle = await scene.start('reconcileEntity', ID, INPUT);
    await handle.result();
    expect(count(fakes, 'reconcileChunk')).toBe(1);
    expect(fakes.reconciliation.givenUp).toBe('Concur asks for a new token.');
  });
});

test('a night starts what is due until nothing is, by the same instant', () => {
  const fakes = new FakeActivities();
  fakes.reconciliation.due = [12, 5, 0];
  return playScene(fakes, async (scene) => {
    const began = await scene.now();
    await (await scene.start('reconcileFleet', 'night', {})).result();
    const { since } = fakes.reconciliation;
    expect(since).toHaveLength(3);
    expect(new Set(since).size).toBe(1);
    expect(Math.abs(began - 12 * HOUR - (since[0] ?? 0))).toBeLessThan(60_000);
  });
});

test('a night ends in the morning, whatever is left', () => {
  const fakes = new FakeActivities();
  fakes.reconciliation.due = Array.from({ length: 50 }, () => 7);
  return playScene(fakes, async (scene) => {
    const now = await scene.now();
    await (await scene.start('reconcileFleet', 'night', { beganAt: now - 9 * HOUR, started: 3 })).result();
    expect(fakes.reconciliation.since).toEqual([now - 21 * HOUR]);
  });
});
