import { type Command } from 'commander';
import { createProgram } from '../../../cli/program';
import { EXAMPLES } from './examples';
import { Captured, fakeApi, FakeClock, KEY, run } from './harness';

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
  ...['list', 'show', 'retry', 'dismiss'].map((name) => `quarantine ${name}`),
  ...['list', 'restore'].map((name) => `conflicts ${name}`),
  ...['reconcile', 'reconciliation list', 'reconciliation show'],
  ...['create', 'list', 'revoke'].map((name) => `apikey ${name}`),
  ...['calls list', 'support-case', 'keys rotate', 'agency show', 'agency set'],
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
    [['entity', 'set', 'acme', 'pollingOn=perhaps']],
    [['agency', 'set', 'strategy=merge']],
    [['token', 'submit', 'acme', 'the-token-itself']],
    [['token', 'expect', 'acme', '--issued-at', 'yesterday']],
    [['migration', 'plan', 'acme']],
    [['migration', 'plan', 'acme', '--strategy', 'hope']],
    [['migration', 'show', 'acme', 'first']],
    [['migration', 'approve', 'acme']],
    [['sync', 'poll', 'acme', '--since', 'always']],
    [['quarantine', 'retry']],
    [['quarantine', 'retry', '--entity', 'acme']],
    [['quarantine', 'retry', 'record-1', '--code', 'W003']],
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
