import { type Command } from 'commander';
import { createProgram } from '../../../cli/program';
import { ALL_EQUAL, aMigration, anEntity, aRecord, accepted, DIGEST, page, REPORT } from './answers';
import { Captured, fakeApi, FakeClock, KEY, run, type Routes } from './harness';

const ONE = aMigration({ state: 'completed', report: ALL_EQUAL }, { done: 3 });
const ITEM = { travellerId: 't-1', action: 'create', xml: '<ProfileResponse/>' };

interface Example {
  readonly args: readonly string[];
  readonly routes: Routes;
  readonly stdin?: string;
  readonly code?: number;
}

/** Every command that speaks to the API, with the answers it needs. */
const EXAMPLES: readonly Example[] = [
  {
    args: ['entity', 'add', 'acme', '--name', 'Acme', '--company-uuid', '8f', '--travel-config', '1000'],
    routes: { 'POST /v1/entities': { status: 201, body: anEntity() } },
  },
  { args: ['entity', 'list'], routes: { 'GET /v1/entities': page(anEntity()) } },
  { args: ['entity', 'show', 'acme'], routes: { 'GET /v1/entities/acme': { body: anEntity() } } },
  {
    args: ['entity', 'set', 'acme', 'name=Other'],
    routes: { 'PATCH /v1/entities/acme': { body: anEntity() } },
  },
  {
    args: ['entity', 'pause', 'acme'],
    routes: {
      'POST /v1/entities/acme/pause': accepted,
      'GET /v1/entities/acme': [{ body: anEntity() }, { body: anEntity({ stage: 'paused' }) }],
    },
  },
  {
    args: ['entity', 'resume', 'acme'],
    routes: { 'POST /v1/entities/acme/resume': accepted, 'GET /v1/entities/acme': { body: anEntity() } },
  },
  {
    args: ['entity', 'offboard', 'acme', '--erase'],
    routes: {
      'POST /v1/entities/acme/offboard': accepted,
      'GET /v1/entities/acme': [
        { body: anEntity({ stage: 'offboarding' }) },
        { body: anEntity({ stage: 'offboarded' }) },
      ],
    },
  },
  { args: ['entity', 'case', 'acme'], routes: { 'GET /v1/entities/acme': { body: anEntity() } } },
  {
    args: ['token', 'expect', 'acme'],
    routes: {
      'POST /v1/entities/acme/request-token/window': {
        status: 202,
        body: { requestId: 'r', pending: false, requestTokenExpiresAt: '2026-08-01T12:00:00.000Z' },
      },
    },
  },
  {
    args: ['token', 'submit', 'acme'],
    stdin: 'secret-token\n',
    routes: {
      'POST /v1/entities/acme/request-token': accepted,
      'GET /v1/events': page(),
      'GET /v1/entities/acme': [
        { body: anEntity({ stage: 'exchanging' }) },
        { body: anEntity({ stage: 'migrating' }) },
      ],
    },
  },
  {
    args: ['migration', 'plan', 'acme', '--strategy', 'publish'],
    routes: {
      'POST /v1/entities/acme/migrations': {
        status: 201,
        body: { number: 1, requestId: 'r', pending: false },
      },
      'GET /v1/entities/acme/migrations/1': [
        { body: aMigration({ state: 'planning' }) },
        { body: aMigration() },
      ],
    },
  },
  { args: ['migration', 'show', 'acme'], routes: { 'GET /v1/entities/acme/migrations': page(ONE) } },
  {
    args: ['migration', 'approve', 'acme', '1', '--digest', DIGEST],
    routes: {
      'POST /v1/entities/acme/migrations/1/approve': accepted,
      'GET /v1/entities/acme/migrations/1': [
        { body: aMigration() },
        { body: aMigration({ state: 'executing' }, { done: 1 }) },
        { body: aMigration({ state: 'verifying' }, { done: 3 }) },
        { body: ONE },
      ],
    },
  },
  {
    args: ['migration', 'reject', 'acme', '1'],
    routes: {
      'POST /v1/entities/acme/migrations/1/reject': accepted,
      'GET /v1/entities/acme/migrations/1': [
        { body: aMigration() },
        { body: aMigration({ state: 'rejected' }) },
      ],
    },
  },
  {
    args: ['migration', 'cancel', 'acme', '1'],
    routes: {
      'POST /v1/entities/acme/migrations/1/cancel': accepted,
      'GET /v1/entities/acme/migrations/1': [
        { body: aMigration() },
        { body: aMigration({ state: 'cancelled' }) },
      ],
    },
  },
  {
    args: ['migration', 'items', 'acme', '1', '--attention'],
    routes: {
      'GET /v1/entities/acme/migrations/1': { body: ONE },
      'GET /v1/entities/acme/migrations/1/items': page(ITEM, {
        ...ITEM,
        withheld: [{ field: 'General/CostCenter', code: 'W002', reason: 'is longer than 25 characters' }],
      }),
    },
  },
  {
    args: ['migration', 'xml', 'acme', '1', 't-1'],
    routes: { 'GET /v1/entities/acme/migrations/1/items/t-1': { body: ITEM } },
  },
  {
    args: ['migration', 'report', 'acme', '1'],
    code: 3,
    routes: { 'GET /v1/entities/acme/migrations/1': { body: { ...ONE, report: REPORT } } },
  },
  {
    args: ['traveller', 'show', 'acme', 't-1'],
    routes: {
      'GET /v1/entities/acme/travellers/t-1': {
        body: {
          id: 't-1',
          username: 'a@example.test',
          general: { lastName: '田中' },
          sync: { state: 'synced', warnings: [] },
        },
      },
    },
  },
  {
    args: ['sync', 'poll', 'acme'],
    routes: {
      'POST /v1/entities/acme/poll': accepted,
      'GET /v1/entities/acme': [
        { body: anEntity() },
        {
          body: anEntity({
            lastPoll: { requestId: 'r-1', startedAt: '2026-08-01T00:00:00Z', finishedAt: null },
          }),
        },
        {
          body: anEntity({
            lastPoll: {
              requestId: 'r-1',
              startedAt: '2026-08-01T00:00:00Z',
              finishedAt: '2026-08-01T00:00:01Z',
              seen: 4,
              changed: 1,
              quarantined: 0,
            },
          }),
        },
      ],
    },
  },
  {
    args: ['sync', 'publish', 'acme'],
    routes: { 'POST /v1/entities/acme/publish': accepted, 'GET /v1/entities/acme': { body: anEntity() } },
  },
  { args: ['quarantine', 'list'], routes: { 'GET /v1/quarantine': page(aRecord()) } },
  {
    args: ['quarantine', 'retry', 'q-1'],
    routes: {
      'POST /v1/quarantine/q-1/retry': accepted,
      'GET /v1/quarantine/q-1': [
        { body: aRecord() },
        { body: aRecord({ resolvedAt: '2026-08-01T00:00:02Z' }) },
      ],
    },
  },
  { args: ['quarantine', 'dismiss', 'q-1'], routes: { 'POST /v1/quarantine/q-1/dismiss': accepted } },
  {
    args: ['events', 'list'],
    routes: {
      'GET /v1/events': page({
        id: 'e-1',
        entityId: 'acme',
        at: '2026-08-01T00:00:00Z',
        kind: 'connected',
        message: 'Open.',
        dueAt: null,
      }),
    },
  },
  {
    args: ['apikey', 'create', '--scope', 'read', '--name', 'crm'],
    routes: {
      'POST /v1/api-keys': {
        status: 201,
        body: { id: 'k-1', name: 'crm', scopes: ['read'], key: 'cnc_new' },
      },
    },
  },
  {
    args: ['apikey', 'list'],
    routes: { 'GET /v1/api-keys': page({ id: 'k-1', name: 'crm', scopes: ['read'] }) },
  },
  { args: ['apikey', 'revoke', 'k-1'], routes: { 'DELETE /v1/api-keys/k-1': { status: 204 } } },
  {
    args: ['calls', 'list'],
    routes: {
      'GET /v1/calls': page({
        ...{ id: 'c-1', entityId: 'acme', at: '2026-08-01T00:00:00Z', function: 'readProfile' },
        ...{ method: 'GET', route: '/r', status: 200, durationMs: 12, correlationId: 'theirs-1' },
      }),
    },
  },
  {
    args: ['support-case', 'theirs-1'],
    routes: {
      'GET /v1/calls': page({
        ...{
          id: 'c-1',
          entityId: 'acme',
          at: '2026-08-01T00:00:00Z',
          method: 'GET',
          route: '/r',
          durationMs: 1,
        },
      }),
      'GET /v1/calls/c-1/support-case': {
        body: { callId: 'c-1', bodies: 'not-kept', text: 'Company: Acme' },
      },
    },
  },
  {
    args: ['keys', 'rotate'],
    routes: {
      'POST /v1/keys/rotate': { body: { rotated: 1, remaining: 0, activeKeyId: 'k2', unreadable: [] } },
    },
  },
  {
    args: ['status'],
    routes: {
      'GET /v1/status': { body: { version: '1', temporal: true } },
      'GET /v1/entities': page(anEntity()),
    },
  },
];

describe.each(EXAMPLES)('concordance $args', ({ args, routes, stdin, code = 0 }) => {
  const options = { routes, ...(stdin === undefined ? {} : { stdin }) };

  it('prints one JSON document and nothing else with --json', async () => {
    const ran = await run([...args, '--json'], options);
    expect(ran.code).toBe(code);
    expect(() => void JSON.parse(ran.stdout)).not.toThrow();
  });

  it('speaks to people without it, and sends the key', async () => {
    const ran = await run(args, options);
    expect(ran.code).toBe(code);
    expect(ran.stdout.trim()).not.toBe('');
    expect(ran.stdout).not.toContain('\u001b[');
    expect(ran.asked.every(({ headers }) => headers['authorization'] === `Bearer ${KEY}`)).toBe(true);
  });
});

function leaves(command: Command): Command[] {
  return command.commands.length === 0 ? [command] : command.commands.flatMap(leaves);
}

function fullName(command: Command): string {
  return command.parent === null ? '' : `${fullName(command.parent)} ${command.name()}`.trim();
}

function aProgram(): Command {
  const stream = new Captured();
  const clock = new FakeClock();
  return createProgram({
    env: {},
    folder: '/',
    stdin: process.stdin,
    stdout: stream,
    stderr: stream,
    clock,
    onSignal: () => () => undefined,
    forceExit: () => undefined,
    loadParts: () => Promise.reject(new Error('no parts')),
    loadProbes: () => Promise.reject(new Error('no probes')),
  }).program;
}

const COMMANDS = [
  ...['start', 'worker', 'api', 'sandbox', 'sandbox token', 'doctor', 'status'],
  ...['add', 'list', 'show', 'set', 'pause', 'resume', 'offboard', 'case'].map((name) => `entity ${name}`),
  ...['token expect', 'token submit', 'traveller show', 'sync poll', 'sync publish', 'events list'],
  ...['plan', 'show', 'approve', 'reject', 'cancel', 'items', 'xml', 'report'].map(
    (name) => `migration ${name}`,
  ),
  ...['list', 'retry', 'dismiss'].map((name) => `quarantine ${name}`),
  ...['create', 'list', 'revoke'].map((name) => `apikey ${name}`),
  ...['calls list', 'support-case', 'keys rotate'],
];

describe('the program', () => {
  it('has exactly the commands of this release', () => {
    const program = aProgram();
    const names = [...leaves(program).map(fullName), 'sandbox'];
    expect(names.sort()).toEqual([...COMMANDS].sort());
  });

  it('tries each of them here, except those that run parts', () => {
    const tried = new Set(
      EXAMPLES.map(({ args }) => COMMANDS.find((name) => `${args.join(' ')} `.startsWith(`${name} `))),
    );
    const own = ['start', 'worker', 'api', 'sandbox', 'sandbox token', 'doctor'];
    expect(COMMANDS.filter((name) => !tried.has(name))).toEqual(own);
  });

  it.each(COMMANDS)('%s: help says what it does and shows an example of itself', async (name) => {
    const ran = await run([...name.split(' '), '--help']);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/Examples?:\n {2}\$ concordance /);
    expect(ran.stdout).toContain(`$ concordance ${name}`);
    expect(ran.stdout).toContain('--json');
    expect(Math.max(...ran.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(112);
  });

  it.each([
    [[]],
    [['bogus']],
    [['entity']],
    [['entity', 'bogus']],
    [['entity', 'show']],
    [['entity', 'show', 'a', 'b']],
    [['entity', 'add', 'acme']],
    [['entity', 'set', 'acme', 'nonsense']],
    [['entity', 'set', 'acme', 'colour=blue']],
    [['entity', 'set', 'acme', 'pollMinutes=five']],
    [['entity', 'set', 'acme', 'toString=1']],
    [['token', 'submit', 'acme', 'the-token-itself']],
    [['token', 'expect', 'acme', '--issued-at', 'yesterday']],
    [['migration', 'plan', 'acme']],
    [['migration', 'plan', 'acme', '--strategy', 'hope']],
    [['migration', 'show', 'acme', 'first']],
    [['migration', 'approve', 'acme']],
    [['sync', 'poll', 'acme', '--since', 'always']],
    [['apikey', 'create']],
    [['apikey', 'create', '--scope', 'root']],
    [['events', 'list', '--limit', '0']],
    [['start', '--demo']],
    [['start', '--sandbox', '--demo', '--strategy', 'merge']],
    [['start', '--strategy', 'publish']],
  ])('%j is wrong usage: exit 2, nothing on standard output, no request', async (args) => {
    const ran = await run(args);
    expect({ code: ran.code, stdout: ran.stdout, asked: ran.asked }).toEqual({
      code: 2,
      stdout: '',
      asked: [],
    });
    expect(ran.stderr).not.toBe('');
  });

  it('prints the request token of the sandbox', async () => {
    const routes = {
      'POST /_admin/tokens': {
        status: 201,
        body: { requestToken: 'sim-1', expiresAt: '2026-08-01T12:00:00Z' },
      },
    };
    const started = await fakeApi(routes);
    const ran = await run(['sandbox', 'token', '8f1c'], { env: { SANDBOX_PORT: String(started.port) } });
    await started.close();
    expect([ran.code, ran.stdout]).toEqual([0, 'sim-1\n']);
  });
});
