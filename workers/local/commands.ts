import { spawn, type StdioOptions } from 'node:child_process';
import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { errorCode, reasonOf } from './errors';

export interface CommandOptions {
  env: Record<string, string>;
  timeoutMs: number;
  uid?: number;
  gid?: number;
  /** An open folder that the program finds as file descriptor 3. */
  folder?: number | undefined;
}

/** A command that did not do its work; `message` is one line fit for a list of failed attempts. */
export class CommandError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CommandError';
  }
}

/**
 * Runs a program to its end and returns what it printed on standard output.
 * @throws CommandError when it is missing, fails or takes longer than `timeoutMs`
 */
export async function runCommand(
  command: string,
  args: readonly string[],
  { env, timeoutMs, folder, ...user }: CommandOptions,
): Promise<string> {
  const stdio: StdioOptions = ['ignore', 'pipe', 'pipe', ...(folder === undefined ? [] : [folder])];
  // The root as working folder: ours may be closed to the user that the program runs as.
  const child = spawn(command, [...args], { cwd: '/', env, stdio, ...user });
  const output = { stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  // spawn()'s own time-out is never cleared for a program that cannot be started, and holds us up.
  const timer = setTimeout(() => {
    child.kill('SIGKILL');
    // What it started may live on and keep the pipes open.
    child.stdout?.destroy();
    child.stderr?.destroy();
  }, timeoutMs);
  try {
    return await new Promise((resolve, reject) => {
      child.once('error', (error) =>
        reject(new CommandError(whyNotStarted(command, error), { cause: error })),
      );
      child.once('close', (code, signal) => {
        if (code === 0) resolve(output.stdout);
        else if (child.killed) {
          reject(new CommandError(`${command} took longer than ${Math.round(timeoutMs / 1000)} s`));
        } else {
          const said = tellingLine(output.stderr) || tellingLine(output.stdout);
          reject(new CommandError(said || `${command} ended with ${signal ?? `exit code ${code ?? 0}`}`));
        }
      });
    });
  } finally {
    clearTimeout(timer);
  }
}

function whyNotStarted(command: string, error: unknown): string {
  const code = errorCode(error);
  if (code === 'ENOENT') return `${command} is not installed`;
  if (code === 'EACCES') return `${command} may not be executed`;
  return `${command}: ${reasonOf(error)}`;
}

const LONGEST_LINE = 300;
/** Causes outside the program, which what it says afterwards only follows from. */
const ROOT_CAUSES =
  /no space left|wrote only|disk is full|disk quota|read-only file system|permission denied/i;

/** The line of a program's output that says most: a cause outside it, else the last error, else the last one. */
export function tellingLine(output: string): string {
  const lines = output
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const last = (pattern: RegExp): string | undefined => lines.findLast((line) => pattern.test(line));
  return shortened(last(ROOT_CAUSES) ?? last(/error|fatal|panic/i) ?? lines.at(-1) ?? '');
}

/** Without its middle: the end of a line often holds the cause. */
function shortened(line: string): string {
  if (line.length <= LONGEST_LINE) return line;
  return `${line.slice(0, LONGEST_LINE / 2)} … ${line.slice(-LONGEST_LINE / 2)}`;
}

/** Whether `path` is a file that this process may execute. */
export async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile();
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    return false;
  }
}
