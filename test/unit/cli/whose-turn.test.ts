import { noopMetricMeter } from '@temporalio/common';
import { pino } from 'pino';
import { createEntityActivities } from '../../../activities/entities';
import { type ActivityDeps } from '../../../activities';
import { type Trouble } from '../../../workflows/failures';
import { type LifecycleState } from '../../../workflows/messages';
import { afterFailedExchange, atStandstill, type Standstill } from '../../../workflows/standstill';
import { lifecycleDetails, nextStep } from '../../../workflows/words';
import { classifyTokenError } from '../../../concur';
import { type Bench, aBench, call, json } from '../api/support';
import { anEntity } from '../../support/builders';
import { run } from './harness';
import { QUIET_ENGINE } from '../../support/quiet-engine';
import { createMetricsRecorder } from '../../../workers/metrics/recorder';

let bench: Bench;
beforeAll(async () => {
  bench = await aBench();
});
afterAll(() => bench.close());

/** What the workflow shows, as the activity puts it into SQL. */
async function project(entityId: string, state: LifecycleState): Promise<void> {
  const nothing = () => Promise.resolve();
  const deps: ActivityDeps = {
    store: bench.store,
    engine: QUIET_ENGINE,
    concur: () => {
      throw new Error('nobody asks Concur');
    },
    clock: { now: () => bench.clock.now(), sleep: nothing },
    random: { next: () => 0, bytes: (count) => new Uint8Array(count) },
    ids: { next: () => `event-of-${entityId}` },
    settings: {
      engine: { overlapSeconds: 120, concurrency: 1, byTravelConfig: true, leaseMs: 60_000 },
      pollMinutes: [5],
      pollSpreadSeconds: 0,
      callJournalDays: 14,
      reconciliationDays: 30,
    },
    log: pino({ level: 'silent' }),
    metrics: createMetricsRecorder(noopMetricMeter),
  };
  const { stage, problem, stopped } = state;
  await createEntityActivities(deps).projectStage({
    entityId,
    stage,
    waitingFor: state.waitingFor ?? nextStep(entityId, state, bench.clock.now().getTime()),
    ...(problem === undefined ? {} : { problem }),
    ...(stopped === undefined ? {} : { stopped: true }),
  });
}

const messageOf = (code: number) => classifyTokenError(400, JSON.stringify({ code })).error.message;
const ACTIVE: LifecycleState = { stage: 'active', migrated: true, paused: false, strategy: 'publish' };
const stopped = (kind: Standstill, code: number): LifecycleState => ({
  ...ACTIVE,
  ...atStandstill(kind, messageOf(code)),
});
const failed = (cause: Trouble['cause'], code: number): LifecycleState => {
  const message = messageOf(code);
  const waitingFor = afterFailedExchange({ cause, code: 'any', message });
  return { ...ACTIVE, stage: 'exchanging', problem: message, waitingFor };
};

test.each<[string, LifecycleState, RegExp, RegExp]>([
  ['a new request token', stopped('authorisation', 108), /^Support: ask Concur for a new request/, /108/],
  ['Concur', stopped('access', 53), /^Concur has to act \(code 53: the company is not enabled/, /53/],
  ['the client company', stopped('access', 14), /^The client company has to act \(code 14: .*locked/, /14/],
  ['Concur, where it lives', stopped('access', 16), /^Concur has to act: no data centre/, /16/],
  ['the operator', stopped('configuration', 64), /^Operator: Our settings are wrong \(code 64: /, /64/],
  ['Concur, at an exchange', failed('access', 123), /^Concur has to act \(code 123: .*resume/, /123/],
  ['the operator, at an exchange', failed('configuration', 61), /^Operator: .*code 61: .*resume/, /61/],
  ['somebody who looks', failed('data', 999), /^Operator: Concur refused a token .*resume/, /999/],
  ['support, after an outage', failed('concur-down', 134), /^Support: .*resume/, /no tokens right now/],
])(
  'the API, the command and the Temporal UI say in the same words that it is the turn of %s',
  async (_who, state, turn, problem) => {
    const { id } = anEntity();
    await bench.store.entities.create(anEntity().with({ id }), { now: bench.clock.now() });
    await project(id, state);
    const entity = json(await call(bench, `GET /v1/entities/${id}`));
    expect(entity).toMatchObject({ stage: state.stage, health: 'failing' });
    expect(entity['healthReason']).toMatch(problem);
    expect(entity['waitingFor']).toMatch(turn);
    const { stdout } = await run(['entity', 'show', id], {
      routes: { [`GET /v1/entities/${id}`]: { body: entity } },
    });
    expect(stdout).toMatch(/failing/);
    for (const text of [entity['waitingFor'], entity['healthReason']]) expect(stdout).toContain(text);
    const details = lifecycleDetails(id, state, bench.clock.now().getTime());
    for (const text of [entity['waitingFor'], entity['healthReason']]) expect(details).toContain(text);
  },
);

test('scopes that were not granted are named with what they cost, by the API, the command and the Temporal UI', async () => {
  const { id } = anEntity();
  await bench.store.entities.create(anEntity().with({ id }), { now: bench.clock.now() });
  await bench.store.entities.setState(id, { scopes: ['TRVPRF', 'TSAI', 'openid'] });
  const entity = json(await call(bench, `GET /v1/entities/${id}`));
  const scopeLosses = [
    { scope: 'PASSV', loss: 'passports and visas' },
    { scope: 'EMERG', loss: 'emergency contacts' },
    { scope: 'UNUTX', loss: 'unused tickets' },
  ];
  expect(entity['scopeLosses']).toEqual(expect.arrayContaining(scopeLosses));
  expect(entity['missingScopes']).toEqual(expect.arrayContaining(['PASSV', 'EMERG', 'UNUTX']));
  expect(entity['missingScopes']).not.toContain('TSAI');
  const { stdout } = await run(['entity', 'show', id], {
    routes: { [`GET /v1/entities/${id}`]: { body: entity } },
  });
  const details = lifecycleDetails(id, { ...ACTIVE, scopeLosses }, bench.clock.now().getTime());
  for (const { scope, loss } of scopeLosses) {
    expect(stdout).toContain(`${scope}: ${loss}`);
    expect(details).toContain(`${scope} (${loss})`);
  }
});
