import { type ChildProcess, spawn } from 'node:child_process';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { waitUntil } from '../wait-until';

/** How a command ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export type CommandEvent = Readonly<Record<string, unknown>>;

/** One `concordance …` as a user runs it: the built command in a process of its own. */
export interface RunningCommand {
  readonly pid: number;
  /**
   * Waits for `{"event": name}` among the lines of JSON; fails with the last output when it does not come, at
   * once when the command ends or says that the tour cannot go on.
   */
  event(name: string, timeoutMs: number): Promise<CommandEvent>;
  /** Waits for the end. */
  ended(timeoutMs: number): Promise<Ended>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals, timeoutMs?: number): Promise<Ended>;
  stdout(): string;
  stderr(): string;
  /** The last lines of both, for messages. */
  readonly tail: () => string;
}

const MAIN = resolve(__dirname, '../../../dist/cli/main.js');
const TAIL_CHARACTERS = 3_000;
/** The start stays up then, to be looked at. */
const TOUR_FAILED = 'The tour cannot go on';
const STOP_MS = 60_000;

const running = new Set<ChildProcess>();

/** Kills the commands that a failed test left behind, and waits until they are gone. */
export async function killCommands(): Promise<void> {
  for (const child of running) {
    child.kill('SIGKILL');
    await waitUntil(`the end of ${child.pid ?? 0}`, () => !running.has(child));
  }
}

/** The environment of a command: where programs are, free ports, and nothing of whoever runs the tests. */
export function cleanEnvironment(folder: string): Record<string, string> {
  const inherited = ['PATH', 'HOME', 'XDG_CACHE_HOME'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(inherited),
    DATA_DIR: dataDirOf(folder),
    API_PORT: '0',
    TEMPORAL_PORT: '0',
    TEMPORAL_UI_PORT: '0',
  };
}

export function dataDirOf(folder: string): string {
  return join(folder, 'data');
}

/**
 * @param folder where it runs (no `.env` there); its data lie in `folder/data`
 * @param extra environment beside the clean one
 * @param main the built command, or what runs its sources
 */
export function runCommand(
  folder: string,
  args: readonly string[],
  extra: Readonly<Record<string, string>> = {},
  main: string = MAIN,
): RunningCommand {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: folder,
    env: { ...cleanEnvironment(folder), ...extra },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const { pid } = child;
  if (pid === undefined) throw new Error(`${MAIN} could not be started`);
  running.add(child);
  let stdout = '';
  let stderr = '';
  let ended: Ended | undefined;
  const events: CommandEvent[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  createInterface({ input: child.stdout }).on('line', (line) => {
    if (!line.startsWith('{')) return;
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) events.push(Object.fromEntries(Object.entries(value)));
  });
  child.once('close', (code, signal) => {
    running.delete(child);
    ended = { code, signal };
  });
  const tail = (): string =>
    [
      `\n--- standard output of \`concordance ${args.join(' ')}\` (end)`,
      stdout.slice(-TAIL_CHARACTERS),
      '--- standard error (end)',
      stderr.slice(-TAIL_CHARACTERS),
      ended === undefined ? '--- it runs' : `--- it ended with ${ended.code ?? ended.signal ?? '?'}`,
    ].join('\n');
  /** With the output behind the message, or nobody can tell why. */
  const orTail = async <T>(work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : String(error)}${tail()}`);
    }
  };
  const command: RunningCommand = {
    pid,
    async event(name, timeoutMs) {
      const find = (): CommandEvent | undefined => events.find(({ event }) => event === name);
      await orTail(
        waitUntil(
          `event ${name}`,
          () => {
            if (find() !== undefined) return true;
            if (ended !== undefined) throw new Error(`ended before event ${name}`);
            if (stderr.includes(TOUR_FAILED)) throw new Error(`no event ${name}: the tour has failed`);
            return false;
          },
          timeoutMs,
        ),
      );
      return find() ?? {};
    },
    async ended(timeoutMs) {
      await orTail(waitUntil('the end of the command', () => ended !== undefined, timeoutMs));
      return ended ?? { code: null, signal: null };
    },
    end(signal, timeoutMs = STOP_MS) {
      child.kill(signal);
      return command.ended(timeoutMs);
    },
    stdout: () => stdout,
    stderr: () => stderr,
    tail,
  };
  return command;
}
