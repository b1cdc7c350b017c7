import { MockActivityEnvironment } from '@temporalio/testing';
import { noopMetricMeter } from '@temporalio/common';
import { pino } from 'pino';
import { type ActivityDeps } from '../../../activities';
import { createReconcileActivities } from '../../../activities/reconcile';
import { type HubDatabase } from '../../../hub';
import { type EngineWorld, engineWorld, SETTINGS } from '../../support/engine/world';
import { pgliteDatabase } from '../../support/hub/stores';
import { QUIET_ENGINE } from '../../support/quiet-engine';
import { createMetricsRecorder } from '../../../workers/metrics/recorder';

let db: HubDatabase;
beforeAll(async () => {
  db = await pgliteDatabase();
});
afterAll(() => db.destroy());

function activitiesOf({ store, deps }: EngineWorld, started: string[]) {
  const parts: ActivityDeps = {
    ...{ store, clock: deps.clock, random: deps.random, ids: deps.ids },
    engine: {
      ...QUIET_ENGINE,
      startReconciliation: (entityId, number) => Promise.resolve(void started.push(`${entityId} ${number}`)),
    },
    concur: () => {
      throw new Error('the night asks SQL only');
    },
    settings: {
      engine: SETTINGS,
      pollMinutes: [5],
      pollSpreadSeconds: 0,
      callJournalDays: 14,
      reconciliationDays: 30,
    },
    log: pino({ level: 'silent' }),
    metrics: createMetricsRecorder(noopMetricMeter),
  };
  return createReconcileActivities(parts);
}

test('a night starts what is due, no more than a few at a time, and leaves out who is paused', async () => {
  const first = await engineWorld(db);
  const ids = [first.entityId];
  for (let n = 0; n < 5; n += 1) ids.push((await engineWorld(db)).entityId);
  const [paused = ''] = ids;
  await first.store.entities.setState(paused, { stage: 'paused' });
  const started: string[] = [];
  const since = first.clock.now().getTime();
  first.clock.advance(1_000);
  const night = activitiesOf(first, started).startDueReconciliations;
  const result = await new MockActivityEnvironment().run(night, { since });
  // Nobody ends them here, so that the fifth waits.
  expect(started).toEqual(ids.slice(1, 5).map((id) => `${id} 1`));
  expect(result).toMatchObject({ started: 4, due: 1, leftOut: { paused: 1 } });
});
