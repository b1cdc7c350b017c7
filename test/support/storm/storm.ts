import { type RunningSandbox, startSandbox, type TokenRequests } from '../../../sandbox';
import { type TypeScriptChild } from '../child-processes';
import { connectedEntity, make, startCaller } from './caller';
import { type Done } from './protocol';

const MINUTE_MS = 60_000;
/** The access token lives for 60 minutes. */
const EXPIRY_MS = 61 * MINUTE_MS;
/** Longer than a refresh lease: the clocks of two machines need not agree. */
const SKEW_MS = 4 * MINUTE_MS;
/** Every so many rounds Concur's port is closed for a moment. */
const REFUSE_EVERY = 20;
const REFUSED_MS = 150;

/** Share of the token requests that meet each fault; a quarter of them together. */
export const STORM_FAULTS = {
  http500: 0.04,
  http503: 0.04,
  http429: 0.01,
  resetBefore: 0.05,
  slow: 0.05,
  slowAnswer: 0.03,
  resetAfter: 0.03,
  truncated: 0.02,
} as const;

export interface StormOptions {
  readonly databaseUrl: string;
  readonly expiries: number;
  readonly processes: number;
  /** At the same time, over all processes. */
  readonly calls: number;
  /** Told now and then how far it is. */
  readonly onRound?: (round: number) => void;
}

export interface StormReport {
  readonly expiries: number;
  readonly processes: number;
  readonly callsAtOnce: number;
  readonly calls: number;
  readonly succeeded: number;
  /** Codes of calls that did not succeed in the end. */
  readonly failed: readonly string[];
  /** Attempts that failed and were made again, by code. */
  readonly repeated: Readonly<Record<string, number>>;
  /** Rounds that began while Concur's port was closed. */
  readonly refusedRounds: number;
  /** As the simulated Concur counted them. */
  readonly tokenRequests: TokenRequests;
  /** Token requests by what was answered: `ok`, a status, a reset. */
  readonly answers: Readonly<Record<string, number>>;
  readonly violations: number;
  /** After the last round, one more renewal with the stored refresh token. */
  readonly aliveAtTheEnd: boolean;
  readonly roundMs: { readonly median: number; readonly p95: number; readonly max: number };
  readonly seconds: number;
}

/**
 * Lets the access token expire again and again while several processes with the product's own way to Concur
 * make calls at the same time: on one PostgreSQL, over HTTP, with a refresh token that rotates with grace and a
 * token endpoint that fails in every way.
 */
export async function runStorm(options: StormOptions): Promise<StormReport> {
  const running = await startSandbox();
  const children: TypeScriptChild[] = [];
  try {
    const { setUp, renew, close, companyUuid } = await connectedEntity(
      running,
      options.databaseUrl,
      'with-grace',
    );
    try {
      for (let n = 0; n < options.processes; n += 1) {
        children.push(await startCaller(setUp));
      }
      const { admin } = running.sandbox;
      admin.reset(['observations']);
      admin.setFaults({ rates: { refresh: STORM_FAULTS }, slowMs: 300, retryAfterSeconds: 1 });
      const begun = performance.now();
      const { dones, roundMs, refusedRounds } = await rounds(options, running, children);
      const seconds = Math.round((performance.now() - begun) / 100) / 10;
      const tokenRequests = admin.tokenRequests[companyUuid] ?? NO_REQUESTS;
      const answers = admin.counters.refresh ?? {};
      admin.reset(['faults']);
      return {
        expiries: options.expiries,
        processes: options.processes,
        callsAtOnce: options.calls,
        calls: options.calls * options.expiries,
        succeeded: dones.reduce((sum, done) => sum + done.succeeded, 0),
        failed: dones.flatMap(({ failed }) => failed),
        repeated: summed(dones.map(({ repeated }) => repeated)),
        refusedRounds,
        tokenRequests,
        answers,
        violations: admin.violations.length,
        aliveAtTheEnd: await renew(),
        roundMs: spread(roundMs),
        seconds,
      };
    } finally {
      await close();
    }
  } finally {
    for (const child of children) await child.end('SIGKILL');
    await running.stop();
  }
}

/** What the report says against the storm; nothing when all is well. */
export function complaints(report: StormReport): string[] {
  const { tokenRequests, answers } = report;
  // Granted, but the answer never arrived: with grace the same refresh token is traded once more.
  const lost = (answers['reset-after'] ?? 0) + (answers['truncated'] ?? 0);
  const wrong: readonly (readonly [boolean, string])[] = [
    [report.succeeded !== report.calls, `${report.calls - report.succeeded} calls did not succeed`],
    [tokenRequests.mostAtOnce !== 1, `${tokenRequests.mostAtOnce} token requests at once`],
    [answers['ok'] !== report.expiries, `${answers['ok'] ?? 0} refreshes for ${report.expiries} expiries`],
    [tokenRequests.refreshes !== report.expiries + lost, `${tokenRequests.refreshes} grants, ${lost} lost`],
    [!report.aliveAtTheEnd, 'the connection is lost'],
    [report.violations > 0, `${report.violations} violations`],
  ];
  return wrong.flatMap(([is, words]) => (is ? [words] : []));
}

const NO_REQUESTS: TokenRequests = { requests: 0, refreshes: 0, mostAtOnce: 0 };

async function rounds(
  { expiries, calls, processes, onRound }: StormOptions,
  { sandbox, port, port2 }: RunningSandbox,
  children: readonly TypeScriptChild[],
) {
  const dones: Done[] = [];
  const roundMs: number[] = [];
  let refusedRounds = 0;
  let clockAheadMs = 0;
  for (let round = 1; round <= expiries; round += 1) {
    sandbox.admin.setBehaviour({ rejectedTokenStatus: round % 2 === 0 ? 401 : 403 });
    sandbox.admin.setClock({ advanceMs: EXPIRY_MS });
    // In two rounds of three the processes see the expiry coming; in the third Concur's word is the first they hear.
    if (round % 3 !== 0) clockAheadMs += EXPIRY_MS;
    const refused = round % REFUSE_EVERY === 0;
    if (refused) await sandbox.close();
    const begun = performance.now();
    const orders = children.map((child, n) =>
      make(child, { calls: calls / processes, clockAheadMs: clockAheadMs + n * SKEW_MS }),
    );
    if (refused) {
      refusedRounds += 1;
      await new Promise((resolve) => setTimeout(resolve, REFUSED_MS));
      await sandbox.listen({ port, port2 });
    }
    dones.push(...(await Promise.all(orders)));
    roundMs.push(performance.now() - begun);
    onRound?.(round);
  }
  return { dones, roundMs, refusedRounds };
}

function summed(counts: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const count of counts) {
    for (const [name, n] of Object.entries(count)) sums[name] = (sums[name] ?? 0) + n;
  }
  return sums;
}

function spread(values: readonly number[]): StormReport['roundMs'] {
  const sorted = [...values].sort((one, other) => one - other);
  const at = (share: number): number =>
    Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return { median: at(0.5), p95: at(0.95), max: at(1) };
}
