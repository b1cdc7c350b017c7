import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEMO } from '../../cli/tour/scene';
import { endProcess, identify, readRunState } from '../../workers/local';
import { apiOf, sandboxOf, text } from '../support/chaos/clients';
import { type CommandEvent, dataDirOf, runCommand, type RunningCommand } from '../support/chaos/command';
import { approve, planCompany, type Sides, untilMigration } from '../support/chaos/company';
import { useChaosFolder } from '../support/chaos/folder';
import { argumentsOf, expectNothingLeft } from '../support/chaos/processes';
import { judgeSandboxAt } from '../support/sandbox-watch/expect-violations';
import { waitUntil } from '../support/wait-until';

const COMPANY = { ...DEMO, travellers: 5 };
const START_MS = 180_000;
/** A write does not wait for Temporal at all. */
const WRITE_MS = 4_000;
/** A command waits 5 s for Temporal before it says that it is pending. */
const COMMAND_MS = 9_000;
/** The sweep runs every minute and takes what is older than 20 s; the rest is for a loaded machine. */
const HEALED_MS = 120_000;
const TEST_MS = HEALED_MS + 120_000;

const folder = useChaosFolder();
const dataDir = () => dataDirOf(folder());
let start: RunningCommand;
let ready: CommandEvent;
let sides: Sides;

/** A company in step, with everything running. */
beforeAll(async () => {
  start = runCommand(folder(), ['start', '--sandbox', '--json']);
  ready = await start.event('ready', START_MS);
  sides = { api: apiOf(ready, dataDir()), sandbox: sandboxOf(ready) };
  const plan = await planCompany(sides, COMPANY, start.tail);
  await approve(sides.api, COMPANY.entityId, plan);
  await untilMigration(sides.api, COMPANY.entityId, 'the end', START_MS, start.tail, (migration) => {
    return migration.state === 'completed';
  });
  await waitUntil('stage active', async () => {
    return (await sides.api.entity(COMPANY.entityId)).stage === 'active';
  });
}, 2 * START_MS);

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly tookMs: number;
}

/** One request, timed. */
async function ask(method: string, path: string, body?: unknown): Promise<Answer> {
  const key = readFileSync(join(dataDir(), 'api-key'), 'utf8').trim();
  const startedAt = performance.now();
  const response = await fetch(`${text(ready, 'api')}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      ...(body === undefined
        ? {}
        : { 'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(60_000),
  });
  const answer: unknown = await response.json();
  return { status: response.status, body: answer, tookMs: performance.now() - startedAt };
}

const temporalPid = (): number => {
  const pid = readRunState(dataDir()).temporal?.pid;
  if (pid === undefined) throw new Error('Temporal is not on record');
  return pid;
};
const entityPath = `/v1/entities/${COMPANY.entityId}`;

interface Accepted {
  /** What was written while Temporal was away. */
  readonly rooms: ReadonlyMap<string, string>;
  readonly pollRequest: unknown;
}

/** Everything that must work while Temporal does not. */
async function workWithoutTemporal(room: string): Promise<Accepted> {
  const rooms = new Map<string, string>();
  for (const id of ['t-0001', 't-0002', 't-0003']) {
    const { status, tookMs } = await ask('PATCH', `${entityPath}/travellers/${id}`, {
      hotel: { roomType: room },
    });
    expect(status).toBe(200);
    expect(tookMs).toBeLessThan(WRITE_MS);
    rooms.set(id, room);
  }
  const read = await ask('GET', `${entityPath}/travellers/t-0001`);
  expect(read).toMatchObject({ status: 200, body: { hotel: { roomType: room } } });

  const health = await ask('GET', '/health/ready');
  expect(health).toMatchObject({ status: 200, body: { store: true, temporal: false } });

  const poll = await ask('POST', `${entityPath}/poll`, {});
  expect(poll).toMatchObject({ status: 202, body: { pending: true } });
  expect(poll.tookMs).toBeLessThan(COMMAND_MS);
  const publish = await ask('POST', `${entityPath}/publish`, {});
  expect(publish).toMatchObject({ status: 202, body: { pending: true } });
  expect(publish.tookMs).toBeLessThan(COMMAND_MS);
  const { requestId } = poll.body as { requestId?: unknown };
  return { rooms, pollRequest: requestId };
}

/** What was written arrives in Concur, and the commands are carried out. */
async function expectHealed({ rooms, pollRequest }: Accepted): Promise<void> {
  const deadline = Date.now() + HEALED_MS;
  const left = (): number => Math.max(1_000, deadline - Date.now());
  for (const [id, room] of rooms) {
    const { concurUuid } = await sides.api.traveller(COMPANY.entityId, id);
    const arrived = async (): Promise<boolean> => {
      const { sections } = await sides.sandbox.profile(concurUuid ?? '');
      return JSON.stringify(sections['hotel']).includes(`"roomType":"${room}"`);
    };
    await orTail(waitUntil(`${id} has room ${room} in Concur`, arrived, left()));
  }
  const healthy = async (): Promise<boolean> => {
    const { body } = await ask('GET', '/health/ready');
    return JSON.stringify(body).includes('"temporal":true');
  };
  await orTail(waitUntil('Temporal is reported again', healthy, left()));
  const polled = async (): Promise<boolean> => {
    const { lastPoll } = await sides.api.entity(COMPANY.entityId);
    return lastPoll?.requestId === pollRequest && typeof lastPoll?.finishedAt === 'string';
  };
  await orTail(waitUntil(`the poll ${String(pollRequest)} is carried out`, polled, left()));
}

async function orTail(work: Promise<void>): Promise<void> {
  await work.catch((error: unknown) => {
    const log = readFileSync(join(dataDir(), 'logs', 'concordance.log'), 'utf8').slice(-3_000);
    throw new Error(
      `${error instanceof Error ? error.message : String(error)}${start.tail()}\n--- log\n${log}`,
    );
  });
}

it(
  'takes writes and commands while Temporal hangs, and carries them out when it goes on',
  async () => {
    const pid = temporalPid();
    process.kill(pid, 'SIGSTOP');
    let accepted: Accepted;
    try {
      accepted = await workWithoutTemporal('King');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await expectHealed(accepted);
  },
  TEST_MS,
);

it(
  'takes writes and commands while Temporal is gone, and carries them out when it runs again on its files',
  async () => {
    const pid = temporalPid();
    const identity = identify(pid);
    if (identity === undefined) throw new Error('Temporal does not run');
    const [command = '', ...args] = argumentsOf(pid).toString('utf8').replace(/\0$/, '').split('\0');
    expect(await endProcess(identity, [{ signal: 'SIGKILL', waitMs: 5_000 }])).toBe(true);
    const accepted = await workWithoutTemporal('Queen');

    const again: ChildProcess = spawn(command, args, { stdio: 'ignore' });
    try {
      await expectHealed(accepted);
      await judgeSandboxAt(sides.sandbox.base);
    } finally {
      // The start ends first: it does not know this server, and must end well all the same.
      const { code } = await start.end('SIGTERM');
      again.kill('SIGKILL');
      expect({ code, tail: code === 0 ? '' : start.tail() }).toEqual({ code: 0, tail: '' });
    }
    await expectNothingLeft(dataDir());
  },
  TEST_MS,
);
