import { noopMetricMeter } from '@temporalio/common';
import { pino } from 'pino';
import { createFleetActivities } from '../../../activities/fleet';
import { type ActivityDeps } from '../../../activities';
import { type Delivery, type StoredRequest } from '../../../client';
import { type HubDatabase, type HubStore } from '../../../hub';
import { anEntity, minutesAfter, T0 } from '../../support/builders';
import { pgliteDatabase, storeOn } from '../../support/hub/stores';
import { QUIET_ENGINE } from '../../support/quiet-engine';
import { createMetricsRecorder } from '../../../workers/metrics/recorder';

let db: HubDatabase;
let store: HubStore;
beforeAll(async () => {
  db = await pgliteDatabase();
  store = storeOn(db);
});
afterAll(() => db.destroy());

/** Sweeps once, a minute after everything; says what the Temporal side was asked for. */
async function sweep(delivery: (stored: StoredRequest) => Delivery = () => ({ status: 'delivered' })) {
  const [migrations, lifecycles, notified]: [string[], string[], unknown[]] = [[], [], []];
  const reconciliations: string[] = [];
  const nothing = () => Promise.resolve();
  const deps: ActivityDeps = {
    store,
    engine: {
      ...QUIET_ENGINE,
      deliver: (stored) => Promise.resolve(delivery(stored)),
      startReconciliation: (entityId, number) =>
        Promise.resolve(void reconciliations.push(`${entityId} ${number}`)),
      startMigration: (entityId, number) => Promise.resolve(void migrations.push(`${entityId} ${number}`)),
      startLifecycle: (entityId) => Promise.resolve(void lifecycles.push(entityId)),
    },
    concur: () => {
      throw new Error('the sweep asks SQL only');
    },
    clock: { now: () => minutesAfter(1), sleep: nothing },
    random: { next: () => 0, bytes: (count) => new Uint8Array(count) },
    ids: { next: () => 'never asked for' },
    settings: {
      engine: { overlapSeconds: 120, concurrency: 1, byTravelConfig: true, leaseMs: 60_000 },
      pollMinutes: [5],
      pollSpreadSeconds: 0,
      callJournalDays: 14,
      reconciliationDays: 30,
    },
    log: pino({ level: 'silent' }),
    metrics: createMetricsRecorder(noopMetricMeter),
    notify: (event) => Promise.resolve(void notified.push(event)),
  };
  const swept = await createFleetActivities(deps).sweepFleet();
  return { swept, migrations, lifecycles, notified, reconciliations };
}

async function entityWith(kind: string, payload: Record<string, unknown>) {
  const definition = anEntity();
  await store.entities.create(definition, { now: T0 });
  const id = `${definition.id}-request`;
  await store.requests.create({ id, entityId: definition.id, kind, payload }, { now: T0 });
  return { entityId: definition.id, requestId: id };
}

const REASON = 'The entity is exchanging: only an active entity can be paused.';
const refuses = (): Delivery => ({ status: 'refused', code: 'wrong-stage', message: REASON });

describe('a command that its workflow refuses after it was accepted', () => {
  it('is told of with the entity, with the request and to the webhook, and is not delivered again', async () => {
    const { entityId, requestId } = await entityWith('pause', {});
    const { swept, notified } = await sweep(refuses);
    expect(swept.delivered).toBe(1);
    expect(await store.requests.get(requestId)).toMatchObject({
      deliveredAt: minutesAfter(1),
      refusal: { code: 'wrong-stage', reason: REASON },
    });
    const { items } = await store.events.list({ entityId, limit: 10 });
    expect(items).toEqual([
      {
        id: requestId,
        entityId,
        at: minutesAfter(1),
        kind: 'request-refused',
        message: `The command "pause" that was accepted earlier was not carried out (wrong-stage): ${REASON}`,
      },
    ]);
    expect(notified).toEqual([{ ...items[0], at: minutesAfter(1).toISOString() }]);
    expect((await sweep(refuses)).swept.delivered).toBe(0);
  });

  it('leaves nothing of a request token, so that it can be handed in again', async () => {
    const instants = { issuedAt: T0, expiresAt: minutesAfter(720) };
    const { entityId } = await entityWith('token-received', {
      credentialId: 'c1',
      issuedAt: T0.getTime(),
      expiresAt: minutesAfter(720).getTime(),
    });
    await store.credentials.putRequestToken(entityId, 'c1', 'rt-made-up', { ...instants, now: T0 });
    await sweep(refuses);
    expect(await store.credentials.takeRequestToken(entityId, 'c1')).toBeUndefined();
    const again = { ...instants, now: minutesAfter(2) };
    expect(await store.credentials.putRequestToken(entityId, 'c2', 'rt-made-up', again)).toEqual({
      stored: true,
      id: 'c2',
    });
  });
});

it('looks after every migration that is not over, and after none of an entity that leaves', async () => {
  const states = [
    'planning',
    'awaiting-approval',
    'executing',
    'verifying',
    'completed',
    'cancelled',
  ] as const;
  const expected: string[] = [];
  for (const state of states) {
    const definition = anEntity();
    await store.entities.create(definition, { now: T0 });
    const { number } = await store.migrations.create(definition.id, 'publish', { now: T0 });
    await store.migrations.updateMigration(definition.id, number, { state });
    if (state !== 'completed' && state !== 'cancelled') expected.push(`${definition.id} ${number}`);
  }
  const leaving = anEntity();
  await store.entities.create(leaving, { now: T0 });
  await store.migrations.create(leaving.id, 'publish', { now: T0 });
  await store.entities.setState(leaving.id, { stage: 'offboarding' });
  const { swept, migrations } = await sweep();
  expect(migrations).toEqual(expected);
  expect(swept.migrations).toBe(expected.length);
});
