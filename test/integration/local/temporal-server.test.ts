import { Client, Connection } from '@temporalio/client';
import { cpSync, mkdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import {
  claimDataDir,
  type DataDirClaim,
  findTemporalCli,
  freePort,
  identify,
  type LocalTemporal,
  type LocalTemporalOptions,
  runLocalTemporal,
} from '../../../workers/local';
import { endAllOn, someSettings } from '../../support/local/starts';
import { failureOf } from '../../support/local/failure-of';
import { useSharedFolder } from '../../support/local/temporary-folder';

// One folder: each test finds what the one before left.
const folder = useSharedFolder(endAllOn);
const searchAttributes = {
  ConcordanceEntity: 'Keyword',
  ConcordanceCount: 'Int',
  ConcordanceExpiry: 'Datetime',
} as const;
let claim: DataDirClaim;
const lines: string[] = [];

/** Gets the program before the clock of any test runs; at most once on a machine. */
beforeAll(async () => {
  claim = await claimDataDir(folder());
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  await findTemporalCli({ settings: { TEMPORAL_CLI_PATH: undefined }, env: process.env, log });
}, 600_000);
beforeEach(() => (lines.length = 0));

async function run(changed: Partial<LocalTemporalOptions> = {}): Promise<LocalTemporal> {
  return await runLocalTemporal({
    settings: someSettings(folder()),
    claim,
    env: process.env,
    log: (line) => void lines.push(line),
    ui: false,
    searchAttributes,
    ...changed,
  });
}

async function withClient<T>(server: LocalTemporal, work: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address: server.address });
  try {
    return await work(new Client({ connection }));
  } finally {
    await connection.close();
  }
}

it('answers with its search attributes in place, and serves the UI', async () => {
  const server = await run({ ui: true, codecEndpoint: 'http://127.0.0.1:8080/codec' });
  const attributes = await withClient(server, (client) =>
    client.connection.operatorService.listSearchAttributes({ namespace: 'default' }),
  );
  expect(Object.keys(attributes.customAttributes)).toEqual(
    expect.arrayContaining(Object.keys(searchAttributes)),
  );
  const settings = await fetch(`${server.uiUrl}/api/v1/settings`);
  expect(await settings.json()).toMatchObject({ Codec: { Endpoint: 'http://127.0.0.1:8080/codec' } });
  await server.stop();
});

it('keeps workflows over a restart, on the same address, with search attributes that are there already', async () => {
  const first = await run();
  await withClient(first, (client) =>
    client.workflow.start('anything', { taskQueue: 'nobody-listens', workflowId: 'kept' }),
  );
  await first.stop();
  const second = await run();
  expect(second).toMatchObject({ address: first.address, adopted: false });
  const description = await withClient(second, (client) => client.workflow.getHandle('kept').describe());
  expect(description.status.name).toBe('RUNNING');
  await second.stop();
});

it('is adopted when it has the wanted options, and started anew when they changed', async () => {
  const first = await run();
  expect(await run()).toMatchObject({ pid: first.pid, adopted: true });
  const changed = await run({ dynamicConfig: { 'limit.historyCount.suggestContinueAsNew': '50' } });
  expect(changed).toMatchObject({ address: first.address, adopted: false });
  expect(identify(first.pid)).toBeUndefined();
  await changed.stop();
});

it('is ended and started anew when it does not answer', async () => {
  const first = await run();
  process.kill(first.pid, 'SIGSTOP');
  const second = await run();
  expect(second).toMatchObject({ address: first.address, adopted: false });
  expect(identify(first.pid)).toBeUndefined();
  expect(lines.join('\n')).toContain(`(pid ${first.pid}) does not answer`);
  await second.stop();
});

it('is neither adopted nor ended by a start on a copy of its folder', async () => {
  const original = await run();
  const copy = join(folder(), 'copy');
  mkdirSync(copy);
  for (const name of ['run.json', 'temporal.db']) cpSync(join(folder(), name), join(copy, name));
  const other = await run({ claim: await claimDataDir(copy) });
  expect(other.adopted).toBe(false);
  expect(other.address).not.toBe(original.address);
  expect(identify(original.pid)).toBeDefined();
  await other.stop();
  await original.stop();
});

it.each(['TEMPORAL_PORT', 'TEMPORAL_UI_PORT'] as const)(
  'names %s in one line when that port is busy',
  async (name) => {
    const stranger = createServer().listen(0, '127.0.0.1');
    await once(stranger, 'listening');
    const address = stranger.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    const refusal = await failureOf(run({ ui: true, settings: someSettings(folder(), { [name]: port }) }));
    expect(refusal.code).toBe('port-in-use');
    expect(refusal.message).toMatch(new RegExp(`^${name}: port ${port} is in use[^\n]*$`));
    stranger.close();
    await once(stranger, 'close');
  },
);

it('is no conflict for itself: a fixed port on which our own server survived is adopted', async () => {
  const settings = someSettings(folder(), { TEMPORAL_PORT: await freePort() });
  const first = await run({ settings });
  expect(await run({ settings })).toMatchObject({ pid: first.pid, adopted: true });
  await first.stop();
});

it('tells in one line why it did not come up', async () => {
  const wrong = { Bad: 'Nonsense' } as unknown as typeof searchAttributes;
  const failure = await failureOf(run({ searchAttributes: wrong }));
  expect(failure.code).toBe('server-ended');
  expect(failure.message).toMatch(/^[^\n]*Nonsense[^\n]*$/);
});
