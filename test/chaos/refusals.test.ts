import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, readRunState } from '../../workers/local';
import { text } from '../support/chaos/clients';
import { type CommandEvent, dataDirOf, runCommand, type RunningCommand } from '../support/chaos/command';
import { useChaosFolder } from '../support/chaos/folder';
import { expectNothingLeft, killServersOf } from '../support/chaos/processes';

const START_MS = 120_000;
/** A refusal may come only after PostgreSQL is up and down again. */
const REFUSAL_MS = 90_000;
const STACK_TRACE = /^ {4}at /m;

const folder = useChaosFolder();
let start: RunningCommand;
let ready: CommandEvent;

/** A start that runs and holds its ports and its folder. */
beforeAll(async () => {
  start = runCommand(folder(), ['start', '--sandbox', '--json']);
  ready = await start.event('ready', START_MS);
}, START_MS);

let count = 0;

interface Refused {
  readonly code: number | null;
  /** What stands on standard error. */
  readonly lines: readonly string[];
}

/** Runs a start that must not work, on a folder of its own, and sees to it that nothing of it is left. */
async function refused(extra: Readonly<Record<string, string>>): Promise<Refused> {
  count += 1;
  const own = join(folder(), `refused-${count}`);
  mkdirSync(own);
  const command = runCommand(own, ['start', '--sandbox'], extra);
  try {
    const { code } = await command.ended(REFUSAL_MS);
    expect(command.stdout() + command.stderr()).not.toMatch(STACK_TRACE);
    await expectNothingLeft(dataDirOf(own));
    expect(existsSync(join(dataDirOf(own), 'start.lock'))).toBe(false);
    const { start: owner, temporal, postgres } = readRunState(dataDirOf(own));
    expect([owner, temporal?.pid, postgres?.pid]).toEqual([undefined, undefined, undefined]);
    return { code, lines: linesOf(command.stderr()) };
  } finally {
    await killServersOf(dataDirOf(own));
  }
}

function linesOf(output: string): string[] {
  return output.split('\n').filter((line) => line.trim() !== '');
}

/** One line, beginning with the setting, that says what is wrong and what to do. */
function inOneLine(...words: readonly string[]): Refused {
  const [setting = '', ...rest] = words;
  const all = rest.map((word) => `(?=.*${word})`).join('');
  const line: unknown = expect.stringMatching(new RegExp(`^${setting}\\b${all}`));
  return { code: 1, lines: [line as string] };
}

const portOf = (url: string): string => new URL(url).port;

it('refuses a setting that cannot be used, and says where to look what is allowed', async () => {
  expect(await refused({ API_PORT: 'abc' })).toEqual(
    inOneLine('API_PORT', 'Correct it', 'docs/configuration.md'),
  );
});

it(
  'refuses a busy API port before anything is started',
  async () => {
    const port = portOf(text(ready, 'api'));
    expect(await refused({ API_PORT: port })).toEqual(
      inOneLine('API_PORT', `port ${port} is in use`, 'set API_PORT to another port'),
    );
  },
  REFUSAL_MS,
);

it(
  'refuses a busy port for Temporal',
  async () => {
    const port = portOf(`http://${text(ready, 'temporalAddress')}`);
    expect(await refused({ TEMPORAL_PORT: port })).toEqual(
      inOneLine('TEMPORAL_PORT', `port ${port} is in use`, 'set TEMPORAL_PORT to another port'),
    );
  },
  REFUSAL_MS,
);

it(
  'refuses a busy port for the Temporal UI',
  async () => {
    const port = portOf(text(ready, 'temporalUi'));
    expect(await refused({ TEMPORAL_UI_PORT: port })).toEqual(
      inOneLine('TEMPORAL_UI_PORT', `port ${port} is in use`, 'set TEMPORAL_UI_PORT to another port'),
    );
  },
  REFUSAL_MS,
);

it(
  'refuses a program for Temporal that is not there',
  async () => {
    expect(await refused({ TEMPORAL_CLI_PATH: '/nowhere' })).toEqual(
      inOneLine('TEMPORAL_CLI_PATH', '/nowhere', 'Correct|Set|set'),
    );
  },
  REFUSAL_MS,
);

it(
  'refuses a Temporal that cannot be reached',
  async () => {
    const { code, lines } = await refused({ TEMPORAL_ADDRESS: '127.0.0.1:1' });
    expect({ code, lines }).toEqual({
      code: 1,
      lines: [expect.stringMatching(/127\.0\.0\.1:1\b.*correct TEMPORAL_ADDRESS/)],
    });
  },
  REFUSAL_MS,
);

it('refuses a worker alone where no server is named and no start runs', async () => {
  const own = join(folder(), 'alone');
  mkdirSync(own);
  const command = runCommand(own, ['worker'], { API_PORT: String(await freePort()) });
  const { code } = await command.ended(REFUSAL_MS);
  expect({ code, lines: linesOf(command.stderr()) }).toEqual(
    inOneLine('DATABASE_URL and TEMPORAL_ADDRESS', 'must be set'),
  );
});

it(
  'refuses a second start on the same data folder, and the first one goes on as if nothing had been',
  async () => {
    const second = runCommand(folder(), ['start', '--sandbox']);
    const { code } = await second.ended(REFUSAL_MS);
    expect({ code, lines: linesOf(second.stderr()) }).toEqual(
      inOneLine('DATA_DIR', `in use by another start \\(pid ${start.pid}\\)`, 'set DATA_DIR to another'),
    );
    expect(second.stdout()).not.toMatch(STACK_TRACE);

    const health: unknown = await (await fetch(`${text(ready, 'api')}/health/ready`)).json();
    expect(health).toMatchObject({ store: true, temporal: true, worker: true });
    expect(readRunState(dataDirOf(folder())).start?.pid).toBe(start.pid);
    expect((await start.end('SIGTERM')).code).toBe(0);
    await expectNothingLeft(dataDirOf(folder()));
  },
  REFUSAL_MS,
);
