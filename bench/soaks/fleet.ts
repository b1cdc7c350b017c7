import { setTimeout as sleep } from 'node:timers/promises';
import { type Client } from '@temporalio/client';
import {
  connectClient,
  ensureFleetSchedule,
  ensureSearchAttributes,
  SEARCH_ATTRIBUTE_TYPES,
  TemporalEngine,
} from '../../client';
import { parseKeyRing } from '../../hub';
import { settingsSchema } from '../../config/settings';
import { testPostgres, testTemporalServer } from '../../test/support/local-servers';
import { startInputs } from '../../workers/start-inputs';
import { countActions, each } from '../fleet/actions';
import { type Finished } from '../fleet/protocol';
import { planSlots, type SlotPlan } from '../fleet/slots';
import { WorkerChild } from '../fleet/worker-child';
import { BenchFailure } from '../lib/bench';
import { type Soak, type SoakReport } from '../lib/soak';
import { quantile } from '../lib/stats';
import { type BenchWorld, openWorld } from '../lib/world';

const ENTITIES = 1_000;
const LOOK_EVERY_MS = 1_000;
const TOLD_EVERY_MS = 15_000;
/** How long after the last turn polls are still waited for. */
const PATIENCE_MS = 120_000;
const MIB = 1024 * 1024;

/** docs/performance.md */
const TARGETS = { rssMiB: 1_024, actionsPerIdlePoll: 2.02 } as const;
/** Seconds of the 99th percentile, up to so many entities. */
const LAG_TARGETS = [
  { entities: 1_000, seconds: 5 },
  { entities: Infinity, seconds: 60 },
] as const;

/** Entities that all are active, each connected to a company of its own, polled by the product's own loops. */
export const fleet: Soak = {
  name: 'fleet',
  title: 'A fleet of entities over real slots: lag behind the turn, memory of the worker, Temporal actions',
  times: 3,
  async run({ times: slots, entities = ENTITIES, say, atTheEnd }) {
    const postgres = await testPostgres();
    atTheEnd(() => postgres.stop());
    const world = await openWorld(await postgres.createDatabase());
    atTheEnd(() => world.close());
    const server = await testTemporalServer({ searchAttributes: SEARCH_ATTRIBUTE_TYPES });
    atTheEnd(() => server.stop());
    const ids = await connectAll(world, entities, say);

    const plan = planSlots(entities, slots, Date.now());
    const environment = { ...world.environment, POLL_MINUTES: plan.minutes.join(',') };
    const { address, namespace } = server;
    const { databaseUrl } = world;
    const worker = await WorkerChild.start({ databaseUrl, address, namespace, environment });
    atTheEnd(() => worker.end());
    const ring = parseKeyRing(world.environment['ENCRYPTION_KEYS'] ?? '');
    const keys = { activeId: ring.activeId, key: (id: string) => ring.key(id, 'temporal-payloads') };
    const client = await connectClient({ address, namespace }, keys);
    atTheEnd(() => client.connection.close());
    await ensureSearchAttributes(client);
    await ensureFleetSchedule(client);
    const engine = new TemporalEngine(client, startInputs(world.store, settingsSchema.parse(environment)));
    // As of an entity that has polled before: the first poll has a turn to be measured by as well.
    await each(ids, async (id) => {
      await world.store.entities.setState(id, { nextPollAt: new Date(plan.firstAt) });
    });
    const startedIn = await startAll(client, engine, ids, plan, say);
    await allPolled(worker, entities * slots, plan, say);
    const finished = await worker.finish();
    const actions = await countActions(client, ids, finished.pollSeconds);
    return judged({ entities, slots, plan, startedIn, finished, actions, rssBytes: worker.rssBytes });
  },
};

async function connectAll(
  world: BenchWorld,
  entities: number,
  say: (line: string) => void,
): Promise<string[]> {
  const numbers = Array.from({ length: entities }, (_none, index) => index);
  const ids: string[] = [];
  await each(numbers, async () => {
    const companyUuid = await world.newCompany();
    await world.sandbox.ask({ kind: 'seed', companyUuid, count: 1, jobTitle: 'Unchanged' });
    ids.push((await world.connect(companyUuid)).id);
    if (ids.length % 1_000 === 0) say(`${ids.length} of ${entities} entities are connected`);
  });
  return ids.sort();
}

/** By their lifecycles, which start the loops. @returns seconds @throws BenchFailure when the first slot came before */
async function startAll(
  client: Client,
  engine: TemporalEngine,
  ids: readonly string[],
  plan: SlotPlan,
  say: (line: string) => void,
): Promise<number> {
  const began = Date.now();
  await each(ids, (id) => engine.startLifecycle(id));
  const query = `WorkflowType = 'pollConcur' AND ExecutionStatus = 'Running'`;
  for (;;) {
    const { count } = await client.workflow.count(query);
    if (count === ids.length) break;
    if (Date.now() > plan.firstAt)
      throw new BenchFailure(`only ${count} of ${ids.length} loops were started by the first slot`);
    await sleep(LOOK_EVERY_MS);
  }
  const seconds = (Date.now() - began) / 1_000;
  say(`${ids.length} loops started in ${seconds.toFixed(1)} s; slots at minutes ${plan.minutes.join(', ')}`);
  return seconds;
}

/** Waits for so many polls, at most a while after the last one's turn. */
async function allPolled(
  worker: WorkerChild,
  expected: number,
  plan: SlotPlan,
  say: (line: string) => void,
): Promise<void> {
  const deadline = plan.lastTurnAt + PATIENCE_MS;
  for (let told = 0; ;) {
    worker.demandAlive();
    const { polls = {}, rssBytes = 0 } = worker.latest ?? {};
    const done = Object.values(polls).reduce((sum, count) => sum + count, 0);
    if (Date.now() - told > TOLD_EVERY_MS) {
      say(`${done} of ${expected} polls, RSS ${(rssBytes / MIB).toFixed(0)} MiB`);
      told = Date.now();
    }
    if (done >= expected || Date.now() > deadline) return;
    await sleep(LOOK_EVERY_MS);
  }
}

interface Measured {
  readonly entities: number;
  readonly slots: number;
  readonly plan: SlotPlan;
  readonly startedIn: number;
  readonly finished: Finished;
  readonly actions: Awaited<ReturnType<typeof countActions>>;
  readonly rssBytes: readonly number[];
}

function judged({ entities, slots, plan, startedIn, finished, actions, rssBytes }: Measured): SoakReport {
  const { lagSeconds, polls, pollSeconds, rssPeakBytes, cpuSeconds } = finished;
  const expected = entities * slots;
  const ok = polls['ok'] ?? 0;
  const failed = Object.values(polls).reduce((sum, count) => sum + count, 0) - ok;
  const lag = { ...spread(lagSeconds), samples: lagSeconds.length };
  const rss = { ...inMiB(spread(rssBytes)), peak: rssPeakBytes / MIB };
  const lagTarget = LAG_TARGETS.find((target) => entities <= target.entities)?.seconds ?? 0;
  const verdicts = [
    verdict('p99 of the lag, seconds', lag.p99, lagTarget),
    verdict('most memory of the worker, MiB', rss.peak, TARGETS.rssMiB),
    verdict(
      'Temporal actions per idle poll without the sweep',
      actions.perPoll.total - actions.perPoll.sweep,
      TARGETS.actionsPerIdlePoll,
    ),
    // The share of a sweep is not that of a fleet where few share it.
    ...(entities < ENTITIES
      ? []
      : [verdict('Temporal actions per idle poll', actions.perPoll.total, TARGETS.actionsPerIdlePoll)]),
  ];
  const complaints = verdicts
    .filter(({ met }) => !met)
    .map(({ what, value, target }) => `${what}: ${value.toFixed(3)}, the target is ${target}`);
  if (ok !== expected) complaints.push(`${ok} of ${expected} polls went well, ${failed} failed`);
  if (lagSeconds.length < ok)
    complaints.push(`only ${lagSeconds.length} of ${ok} polls had a turn to be measured by`);
  const { minutes, distanceMinutes, spreadSeconds } = plan;
  const figures = {
    entities,
    slots: { count: slots, minutes, distanceMinutes, spreadSeconds },
    loopsStartedInSeconds: startedIn,
    polls: { expected, ok, failed, byOutcome: polls },
    lagSeconds: lag,
    pollSeconds: spread(pollSeconds),
    rssMiB: rss,
    workerCpuSecondsPerPoll: cpuSeconds / Math.max(1, ok),
    actions,
    verdicts,
  };
  return { figures, complaints };
}

function verdict(what: string, value: number, target: number) {
  // Without a sample there is nothing that meets a target.
  return { what, value, target, met: value <= target };
}

function spread(samples: readonly number[]) {
  const at = (q: number): number => (samples.length === 0 ? NaN : quantile(samples, q));
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}

function inMiB({ p50, p95, p99, max }: ReturnType<typeof spread>) {
  return { p50: p50 / MIB, p95: p95 / MIB, p99: p99 / MIB, max: max / MIB };
}
