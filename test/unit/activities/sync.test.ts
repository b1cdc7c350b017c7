import { MockActivityEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import { type ActivityDeps } from '../../../activities';
import { createSyncActivities } from '../../../activities/sync';
import { type HubDatabase } from '../../../hub';
import { aTraveller } from '../../support/builders';
import { type EngineWorld, engineWorld, SETTINGS } from '../../support/engine/world';
import { pgliteDatabase } from '../../support/hub/stores';
import { keepingMeter } from '../../support/keeping-meter';
import { QUIET_ENGINE } from '../../support/quiet-engine';
import { pollOffsetMs } from '../../../sync/model/poll-slots';
import { workflowIds } from '../../../workflows/messages';

let db: HubDatabase;
beforeAll(async () => {
  db = await pgliteDatabase();
});
afterAll(() => db.destroy());

/** The activities of an entity's two loops, and what they count. */
async function scene(pollSpreadSeconds = 0) {
  const world = await engineWorld(db);
  const { recorder, of } = keepingMeter();
  const unasked = (): never => {
    throw new Error('nobody asks for that');
  };
  const { profiles, connection } = { profiles: world.deps.concur, connection: world.connection };
  const deps: ActivityDeps = {
    ...world.deps,
    store: world.store,
    engine: QUIET_ENGINE,
    concur: () => ({ ...unused(unasked), profiles, connection }),
    settings: {
      engine: SETTINGS,
      pollMinutes: [5, 20],
      pollSpreadSeconds,
      callJournalDays: 14,
      reconciliationDays: 30,
    },
    log: pino({ level: 'silent' }),
    metrics: recorder,
  };
  const activities = createSyncActivities(deps);
  const env = new MockActivityEnvironment();
  const { entityId } = world;
  const poll = (requestId?: string) =>
    env.run(activities.pullChanges, { entityId, ...(requestId === undefined ? {} : { requestId }) });
  const drain = () => env.run(activities.publishDirty, { entityId });
  return { world, of, poll, drain };
}

function unused(unasked: () => never) {
  return {
    cards: { readCards: unasked, cardsToSend: unasked, writeCards: unasked },
    users: { findUser: unasked },
  };
}

/** A minute of the virtual clock's hour. */
function advanceTo({ clock }: EngineWorld, minute: number, seconds: number): void {
  const hour = new Date(clock.now());
  hour.setUTCMinutes(minute, seconds, 0);
  const wait = hour.getTime() - clock.now().getTime();
  clock.advance(wait >= 0 ? wait : wait + 3_600_000);
}

describe('the loops of an entity are counted', () => {
  it('each poll once, with its lag behind the slot where it had one', async () => {
    const { world, of, poll } = await scene();
    await poll('asked-for');
    expect(of('concordance_poll_lag')).toEqual([]);
    advanceTo(world, 5, 3);
    const begun = world.clock.now().getTime();
    await poll();
    const [lag] = of('concordance_poll_lag');
    expect(lag?.value).toBeGreaterThanOrEqual(3);
    expect(lag?.value).toBeLessThanOrEqual(3 + (world.clock.now().getTime() - begun) / 1_000);
    // Somebody woke the loop before its turn.
    await poll();
    expect(of('concordance_poll_lag')).toHaveLength(1);
    expect(of('concordance_polls').map(({ outcome }) => outcome)).toEqual(['ok', 'ok', 'ok']);
  });

  it('behind its turn, which is the place in the spread where the loop polls', async () => {
    const spreadSeconds = 840;
    const { world, of, poll } = await scene(spreadSeconds);
    await poll('asked-for');
    const place = pollOffsetMs(workflowIds.poll(world.entityId), spreadSeconds);
    advanceTo(world, 5, 0);
    world.clock.advance(place + 2_000);
    await poll();
    // Asked for between a slot and its place: the turn of that slot is still to come.
    advanceTo(world, 5, 0);
    world.clock.advance(place / 2);
    await poll('asked-for-again');
    world.clock.advance(place / 2 + 1_000);
    await poll();
    const lags = of('concordance_poll_lag').map(({ value }) => Math.floor(value));
    expect(lags).toEqual([2, 1]);
  });

  it('a poll that fails by the class of its failure, without rows', async () => {
    const { world, of, poll } = await scene();
    world.sandbox.admin.addScript([{ function: 'summary', action: { kind: 'respond', status: 503 } }]);
    await expect(poll()).rejects.toThrow(/Concur/);
    expect(of('concordance_polls')).toEqual([{ value: 1, outcome: 'retry' }]);
    expect(of('concordance_profiles_pulled')).toEqual([]);
  });

  it('each change that arrives, with the time since it was made', async () => {
    const { world, of, drain } = await scene();
    const { store, entityId, clock } = world;
    await store.travellers.upsert({ entityId, ...aTraveller() }, { now: clock.now() });
    clock.advance(4_000);
    await drain();
    const [latency] = of('concordance_publish_latency');
    expect(latency?.value).toBeGreaterThanOrEqual(4);
    expect(of('concordance_travellers_published')[0]).toEqual({ value: 1, result: 'written' });
    await drain();
    expect(of('concordance_publish_latency')).toHaveLength(1);
  });
});
