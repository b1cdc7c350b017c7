import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { DEMO } from '../../../cli/tour/scene';
import { SteadyRandom } from '../../../cli/tour/random';
import { approve, planCompany, untilMigration } from '../chaos/company';
import { waitUntil } from '../wait-until';
import { editInConcur, editInHub, type Person, type Truth } from './edits';
import { openGround } from './ground';
import { type Company, judge, snapshot, type Verdict } from './judge';

const violationsSchema = z.object({ violations: z.array(z.unknown()) });

/** 30 % of all calls, both directions. */
export const FAULTS = {
  http500: 0.06,
  http503: 0.04,
  http429: 0.04,
  resetBefore: 0.06,
  resetAfter: 0.06,
  truncated: 0.04,
} as const;

const MIGRATED_MS = 900_000;
const QUIET_MS = 1_200_000;
/** Between two things that happen to the installation, so that there is work to be interrupted. */
const PAUSE_MS = 12_000;
const LOOK_EVERY_MS = 10_000;
/** Between two edits of one side. */
const EDIT_EVERY_MS = 40;

export interface UpheavalOptions {
  readonly travellers: number;
  readonly workerKills: number;
  readonly temporalKills: number;
  readonly postgresKills: number;
  readonly say: (line: string) => void;
  readonly atTheEnd: (close: () => Promise<void>) => void;
}

export interface UpheavalReport extends Verdict {
  readonly editsInHub: number;
  readonly editsInConcur: number;
  readonly workerKills: number;
  readonly temporalKills: number;
  readonly postgresKills: number;
  /** From the end of edits, faults and kills until both sides are in step. */
  readonly secondsToQuiet: number;
  readonly quarantined: number;
  readonly violations: number;
}

/**
 * A company in step, then everything at once: edits on both sides, faults in a third of all calls, processes
 * that are killed. Then quiet, and a verdict.
 */
export async function runUpheaval(options: UpheavalOptions): Promise<UpheavalReport> {
  const { say } = options;
  const ground = await openGround();
  options.atTheEnd(() => ground.stop());
  const { api, sandbox } = ground;
  const company: Company = { ...DEMO, travellers: options.travellers };
  say(`${company.travellers} travellers are brought over`);
  const plan = await planCompany({ api, sandbox }, company, ground.tail);
  await approve(api, company.entityId, plan);
  await untilMigration(api, company.entityId, 'the end', MIGRATED_MS, ground.tail, ({ state }) => {
    return state === 'completed';
  });
  await waitUntil('both directions run', async () => (await api.entity(company.entityId)).stage === 'active');
  const people = await peopleOf(api, company);
  const before = await snapshot(sandbox, company);

  const truth: Truth = { hub: new Map(), concur: new Map() };
  const random = new SteadyRandom(20_261_124);
  const editing = { api, sandbox, people, truth, entityId: company.entityId, random: () => random.next() };
  const edits = { hub: 0, concur: 0 };
  let isOver = false;
  await setFaults(sandbox.base, FAULTS);
  const writers = [
    untilOver(() => editInHub(editing, (edits.hub += 1))),
    untilOver(() => editInConcur(editing, (edits.concur += 1))),
  ];
  async function untilOver(edit: () => Promise<void>): Promise<void> {
    while (!isOver) {
      await edit();
      await delay(EDIT_EVERY_MS);
    }
  }
  try {
    for (const kill of killsInOrder(options)) {
      await delay(PAUSE_MS);
      say(`${kill} is killed; ${edits.hub} edits in the hub, ${edits.concur} in Concur so far`);
      if (kill === 'worker') await ground.killWorker();
      else if (kill === 'Temporal') await ground.killTemporal();
      else await ground.killPostgres();
    }
    await delay(PAUSE_MS);
  } finally {
    isOver = true;
  }
  await Promise.all(writers);
  await setFaults(sandbox.base, {});
  say('no more edits, faults and kills');
  const quietFrom = Date.now();
  const { verdict, isQuiet } = await untilQuiet(company, people, truth, before);
  const secondsToQuiet = Math.round((Date.now() - quietFrom) / 1_000);
  const { counts } = await api.entity(company.entityId);
  const { workerKills, temporalKills, postgresKills } = options;
  return {
    ...verdict,
    ...(isQuiet ? {} : { lost: [...verdict.lost, `not in step after ${secondsToQuiet} s`] }),
    ...{ workerKills, temporalKills, postgresKills, secondsToQuiet },
    editsInHub: edits.hub,
    editsInConcur: edits.concur,
    quarantined: counts?.quarantined ?? 0,
    violations: await violationsOf(sandbox.base),
  };

  async function untilQuiet(
    ...known: [Company, readonly Person[], Truth, Awaited<ReturnType<typeof snapshot>>]
  ) {
    const deadline = Date.now() + QUIET_MS;
    for (;;) {
      const found = await judge(api, sandbox, ...known);
      const entity = await api.entity(company.entityId);
      const inStep = entity.counts?.synced === company.travellers;
      const isClean = [found.lost, found.duplicated, found.wronglyChanged].every((list) => list.length === 0);
      if ((inStep && isClean) || Date.now() > deadline) return { verdict: found, isQuiet: inStep && isClean };
      say(
        `not quiet yet: ${entity.counts?.synced ?? 0} in step, ${found.lost.length} lost, ` +
          `${found.duplicated.length} duplicated, ${found.wronglyChanged.length} wrongly changed`,
      );
      await delay(LOOK_EVERY_MS);
    }
  }
}

/** Spread over the whole, the database in the middle. */
function killsInOrder({ workerKills, temporalKills, postgresKills }: UpheavalOptions): string[] {
  const spread = (what: string, count: number) =>
    Array.from({ length: count }, (_, n) => ({ what, at: (n + 0.5) / count }));
  return [
    ...spread('worker', workerKills),
    ...spread('Temporal', temporalKills),
    ...spread('PostgreSQL', postgresKills),
  ]
    .sort((a, b) => a.at - b.at)
    .map(({ what }) => what);
}

async function peopleOf(
  api: Awaited<ReturnType<typeof openGround>>['api'],
  { entityId }: Company,
): Promise<Person[]> {
  const travellers = await api.travellers(entityId);
  return travellers.map(({ id, concurUuid }) => {
    if (typeof concurUuid !== 'string') throw new Error(`${id} is bound to no profile`);
    return { id, uuid: concurUuid };
  });
}

async function setFaults(base: string, rates: Readonly<Record<string, number>>): Promise<void> {
  const answer = await fetch(`${base}/_admin/faults`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ rates: { '*': rates }, retryAfterSeconds: 1, seed: 20_261_124 }),
  });
  if (!answer.ok) throw new Error(`the sandbox takes no faults: ${await answer.text()}`);
}

async function violationsOf(base: string): Promise<number> {
  const answer = await fetch(`${base}/_admin/violations`);
  return violationsSchema.parse(await answer.json()).violations.length;
}

/** What speaks against the report; nothing when all is well. */
export function complaints(report: UpheavalReport): string[] {
  const { lost, duplicated, wronglyChanged, quarantined, violations } = report;
  return [
    ...lost.map((words) => `lost: ${words}`),
    ...duplicated.map((words) => `duplicated: ${words}`),
    ...wronglyChanged.map((words) => `wrongly changed: ${words}`),
    ...(quarantined === 0 ? [] : [`${quarantined} travellers are still in quarantine`]),
    ...(violations === 0 ? [] : [`${violations} rules of Concur's were broken`]),
  ];
}
