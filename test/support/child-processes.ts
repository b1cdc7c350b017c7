import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A TypeScript file of this folder running in a process of its own. */
export interface TypeScriptChild {
  readonly process: ChildProcess;
  readonly pid: number;
  /** The next line it prints on standard output, as JSON; fails if it ends without one. */
  nextJson(): Promise<unknown>;
  /** Sends a signal and waits for the end. */
  end(signal: NodeJS.Signals): Promise<void>;
  /** Everything it wrote to standard error so far. */
  errors(): string;
}

const running = new Set<ChildProcess>();

/** Kills the children that a failed test left behind: for afterEach. */
export async function killRemaining(): Promise<void> {
  for (const child of running) {
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  }
}

/** Runs `test/support/<file>` with `args`; its environment is `env` alone. */
export function runTypeScript(
  file: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): TypeScriptChild {
  const runner = join(__dirname, 'run-ts.mjs');
  const child = spawn(process.execPath, [runner, join(__dirname, file), ...args], {
    env,
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('close', () => running.delete(child));
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const closed = once(child, 'close');
  if (child.pid === undefined) throw new Error('the child process could not be started');
  return {
    process: child,
    pid: child.pid,
    async nextJson() {
      const line = await lines.next();
      if (line.done === true) throw new Error(`the child ended without an answer: ${errors}`);
      return JSON.parse(line.value) as unknown;
    },
    async end(signal) {
      child.kill(signal);
      await closed;
    },
    errors: () => errors,
  };
}
