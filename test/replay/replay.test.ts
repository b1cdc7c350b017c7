import { DeterminismViolationError } from '@temporalio/workflow';
import * as workflows from '../../workflows';
import {
  type RecordedHistory,
  recordedHistories,
  replayErrors,
  silenceRuntime,
} from '../support/replay/replay';
import { scenarios } from '../support/replay/scenarios';
import { STAGES, stagesOf, typeOf } from '../support/replay/stages';
import { testBundle } from '../support/workflow/bundle';

jest.setTimeout(60_000);

const histories = recordedHistories();

beforeAll(silenceRuntime);

test('every scenario is recorded', () => {
  expect(histories.map(({ name }) => name)).toEqual(Object.keys(scenarios).sort());
});

test('every workflow is recorded in every stage that it goes through', async () => {
  expect(Object.keys(STAGES).sort()).toEqual(Object.keys(workflows).sort());
  for (const [type, expected] of Object.entries(STAGES)) {
    const recorded = histories.filter(({ history }) => typeOf(history) === type);
    const stages = await Promise.all(recorded.map(({ history }) => stagesOf(history)));
    const missing = expected.filter((stage) => !stages.some((each) => each.has(stage)));
    expect({ type, missing }).toEqual({ type, missing: [] });
  }
});

test('payloads of recorded histories are sealed', () => {
  for (const { history } of histories) {
    const payloads = (history.events ?? []).flatMap((event) => [
      ...(event.workflowExecutionStartedEventAttributes?.input?.payloads ?? []),
      ...(event.activityTaskScheduledEventAttributes?.input?.payloads ?? []),
      ...(event.activityTaskCompletedEventAttributes?.result?.payloads ?? []),
    ]);
    const encodings = payloads.map(({ metadata }) =>
      new TextDecoder().decode(metadata?.['encoding'] ?? new Uint8Array()),
    );
    expect(new Set(encodings)).toEqual(new Set(['binary/encrypted']));
  }
});

test('the workflows do again exactly what they did in every recorded history', async () => {
  expect(await replayErrors(await testBundle(), histories)).toEqual({});
});

test('a workflow that does something else first is noticed', async () => {
  const reordered = await testBundle(require.resolve('../support/replay/reordered-workflows'));
  const errors = await replayErrors(reordered, histories);
  const changed = histories.filter(({ history }) => typeOf(history) === 'publishChanges');
  expect(Object.keys(errors).sort()).toEqual(changed.map(({ name }) => name));
  for (const error of Object.values(errors)) expect(error).toBeInstanceOf(DeterminismViolationError);
});

test('a history in which another activity was scheduled is noticed, whichever it is', async () => {
  const errors = await replayErrors(await testBundle(), histories.map(tampered));
  expect(Object.keys(errors).sort()).toEqual(histories.map(({ name }) => name));
  for (const error of Object.values(errors)) expect(error).toBeInstanceOf(DeterminismViolationError);
});

/** The last activity that was scheduled becomes another one. */
function tampered({ name, history }: RecordedHistory): RecordedHistory {
  const events = [...(history.events ?? [])];
  const index = events.findLastIndex((event) => event.activityTaskScheduledEventAttributes != null);
  const event = events[index];
  const attributes = event?.activityTaskScheduledEventAttributes;
  if (attributes == null) throw new Error(`${name} schedules no activity`);
  const activityType = { name: 'somethingElse' };
  events[index] = { ...event, activityTaskScheduledEventAttributes: { ...attributes, activityType } };
  return { name, history: { ...history, events } };
}
