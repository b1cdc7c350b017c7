import { type ChildProcess, spawn, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { tellingLine } from './commands';
import { errorCode, isLocalServerError, LocalServerError, reasonOf, unusableDataDir } from './errors';
import { identify, type ProcessIdentity } from './processes';

/** How a server is run as a child; `title` names it in messages. */
export interface ServerCommand {
  title: string;
  command: string;
  args: readonly string[];
  env: Record<string, string>;
  /** What it prints is appended here (mode 0600); the parent may end, so it is a file and not a pipe. */
  logFile: string;
  /** In a process group of its own, out of reach of Ctrl-C and of our own end. */
  detached: boolean;
  uid?: number | undefined;
  gid?: number | undefined;
  /** An open folder that the child finds as file descriptor 3. */
  folder?: number | undefined;
}

export interface ServerProcess {
  readonly identity: ProcessIdentity;
  /** Why it ended, once it did. */
  ended(): string | undefined;
  /** What it wrote to its log since this start. */
  output(): string;
}

const LARGEST_LOG_BYTES = 5 * 1024 * 1024;

/**
 * Starts a server as a child process.
 * @throws LocalServerError `server-ended` if it cannot even be executed
 */
export async function spawnServer(server: ServerCommand): Promise<ServerProcess> {
  const log = openLog(server.logFile);
  try {
    const child = spawnChild(server, log.descriptor);
    if (child.pid === undefined) {
      const [error] = (await once(child, 'error')) as [unknown];
      throw new LocalServerError('server-ended', `${server.title} cannot be executed: ${reasonOf(error)}.`);
    }
    let ended: string | undefined;
    child.once('exit', (code, signal) => {
      ended = signal === null ? `exit code ${code ?? 0}` : signal;
    });
    child.unref();
    const startedAt = identify(child.pid)?.startedAt ?? 'ended at once';
    return {
      identity: { pid: child.pid, startedAt },
      ended: () => ended,
      output: () => readFileSync(server.logFile).subarray(log.offset).toString('utf8'),
    };
  } finally {
    closeSync(log.descriptor);
  }
}

function spawnChild(server: ServerCommand, log: number): ChildProcess {
  const stdio: StdioOptions = ['ignore', log, log];
  if (server.folder !== undefined) stdio.push(server.folder);
  return spawn(server.command, [...server.args], {
    cwd: '/',
    detached: server.detached,
    env: server.env,
    stdio,
    ...(server.uid === undefined ? {} : { uid: server.uid }),
    ...(server.gid === undefined ? {} : { gid: server.gid }),
  });
}

function openLog(path: string): { descriptor: number; offset: number } {
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > LARGEST_LOG_BYTES)
      renameSync(path, `${path}.1`);
    const descriptor = openSync(path, 'a', 0o600);
    return { descriptor, offset: statSync(path).size };
  } catch (error) {
    if (errorCode(error) === undefined) throw error;
    throw unusableDataDir(path, error);
  }
}

const LOOK_EVERY_MS = 25;

/**
 * Waits until a server that was just started does its work.
 * @param notReady asked again and again what is still missing; throws if waiting is pointless
 * @throws LocalServerError `server-ended` or `server-timeout` with the gist of its log
 */
export async function waitUntilReady(
  server: Pick<ServerCommand, 'title' | 'logFile'>,
  started: ServerProcess,
  timeoutMs: number,
  notReady: () => Promise<string | undefined>,
): Promise<void> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const missing = await notReady();
    if (missing === undefined) return;
    const ended = started.ended();
    if (ended !== undefined) {
      const code = /address already in use/i.test(started.output()) ? 'port-in-use' : 'server-ended';
      throw new LocalServerError(
        code,
        `${server.title} ended while it was starting (${ended}): ${said(started)} The whole log: ${server.logFile}`,
      );
    }
    if (Date.now() > deadline) {
      throw new LocalServerError(
        'server-timeout',
        `${server.title} was not ready after ${Math.round(timeoutMs / 1000)} s (${missing}): ${said(started)} The whole log: ${server.logFile}`,
      );
    }
    await delay(LOOK_EVERY_MS);
  }
}

function said(started: ServerProcess): string {
  const words = tellingLine(started.output());
  return words === '' ? 'it said nothing.' : `${words.replace(/\.$/, '')}.`;
}

const ATTEMPTS = 3;

/**
 * A free port may be taken by another program before the server binds it, and the dev server also picks
 * some of its own: then everything is chosen anew.
 */
export async function retryOnPortClash<T>(attempt: () => Promise<T>): Promise<T> {
  for (let count = 1; ; count += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (count === ATTEMPTS || !(isLocalServerError(error) && error.code === 'port-in-use')) throw error;
    }
  }
}
