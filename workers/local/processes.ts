import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { errorCode, propertyOf } from './errors';

/**
 * A process as one run of a program. Pids are reused, above all after a reboot, so a pid is never
 * adopted or signalled unless its start is still the recorded one.
 */
export interface ProcessIdentity {
  pid: number;
  /** When it started, in a form only to be compared: on Linux boot id and clock ticks. */
  startedAt: string;
}

/** The process with this pid, or undefined if there is none or only its unreaped remains. */
export function identify(pid: number): ProcessIdentity | undefined {
  const startedAt = process.platform === 'linux' ? startOnLinux(pid) : startByPs(pid);
  return startedAt === undefined ? undefined : { pid, startedAt };
}

/** The running process itself. */
export function ownIdentity(): ProcessIdentity {
  const self = identify(process.pid);
  if (self === undefined) throw new Error('The start time of this process cannot be read from /proc or ps.');
  return self;
}

/** Whether exactly this process (not another one with its pid) is running. */
export function isRunning(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.startedAt === identity.startedAt;
}

/** The arguments of a process joined by blanks, or undefined if it is gone or hidden. */
export function commandLine(pid: number): string | undefined {
  if (process.platform !== 'linux') return ps(['-ww', '-o', 'args=', '-p', String(pid)])?.trim();
  const text = readIfThere(`/proc/${pid}/cmdline`);
  return text === undefined || text === '' ? undefined : text.replace(/\0$/, '').replaceAll('\0', ' ');
}

/** Every process whose command line contains `part`. */
export function findByCommandLine(part: string): ProcessIdentity[] {
  const pids =
    process.platform === 'linux' ? readdirSync('/proc') : (ps(['-A', '-o', 'pid=']) ?? '').split('\n');
  return pids
    .map((name) => Number(name.trim() || Number.NaN))
    .filter(
      (pid) => Number.isInteger(pid) && pid !== process.pid && commandLine(pid)?.includes(part) === true,
    )
    .map(identify)
    .filter((found) => found !== undefined);
}

export interface EndingStep {
  signal: NodeJS.Signals;
  waitMs: number;
  /** Signal the whole process group that the process leads, not only itself. */
  group?: boolean;
}

const CHECK_EVERY_MS = 20;

/**
 * Ends exactly this process, step by step more firmly.
 * @returns whether it is gone (also when it was gone already)
 */
export async function endProcess(identity: ProcessIdentity, steps: readonly EndingStep[]): Promise<boolean> {
  for (const step of steps) {
    if (!isRunning(identity)) return true;
    signal(identity.pid, step);
    const deadline = Date.now() + step.waitMs;
    while (isRunning(identity) && Date.now() < deadline) await delay(CHECK_EVERY_MS);
  }
  return !isRunning(identity);
}

const WATCH_EVERY_MS = 5_000;

/** Calls `onEnd` once, within seconds, when the process has ended. @returns stops watching */
export function watchProcess(identity: ProcessIdentity, onEnd: () => void): () => void {
  const timer = setInterval(() => {
    if (isRunning(identity)) return;
    clearInterval(timer);
    onEnd();
  }, WATCH_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

function signal(pid: number, step: EndingStep): void {
  for (const target of step.group === true ? [-pid, pid] : [pid]) {
    try {
      process.kill(target, step.signal);
      return;
    } catch (error) {
      // ESRCH: just ended, or no group of its own; EPERM: not ours, which the caller sees as "not gone".
      if (!['ESRCH', 'EPERM'].includes(errorCode(error) ?? '')) throw error;
    }
  }
}

let bootId: string | undefined;

function startOnLinux(pid: number): string | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // proc(5): the program's name may hold blanks and brackets; the fields after it start with the state.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, threads, ticks] = [fields[0], Number(fields[17]), fields[19]];
  if (ticks === undefined || state === 'X') return undefined;
  // Unreaped remains are no process. But while other threads of a killed program still end, its first
  // one shows as a zombie already, and its files and ports are still open.
  if (state === 'Z' && threads <= 1) return undefined;
  bootId ??= (readIfThere('/proc/sys/kernel/random/boot_id') ?? 'boot').slice(0, 8);
  return `${bootId}-${ticks}`;
}

function startByPs(pid: number): string | undefined {
  const line = ps(['-o', 'stat=,lstart=', '-p', String(pid)])?.trim();
  if (line === undefined || line === '' || line.startsWith('Z')) return undefined;
  return line.replace(/^\S+\s+/, '').replaceAll(/\s+/g, ' ');
}

function ps(args: string[]): string | undefined {
  try {
    // A fixed zone: `lstart` is local time and would change with summer time.
    return execFileSync('/bin/ps', args, {
      encoding: 'utf8',
      env: { LC_ALL: 'C', TZ: 'UTC' },
      stdio: 'pipe',
    });
  } catch (error) {
    if (propertyOf(error, 'status') === 1) return undefined;
    throw error;
  }
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(errorCode(error) ?? '')) return undefined;
    throw error;
  }
}
