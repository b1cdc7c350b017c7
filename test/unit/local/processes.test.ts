import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import {
  commandLine,
  endProcess,
  findByCommandLine,
  identify,
  isRunning,
  ownIdentity,
} from '../../../workers/local/processes';
import { waitUntil } from '../../support/wait-until';

const running: ChildProcess[] = [];

/** Runs a program that prints something and then waits until its input ends. @returns its pid and that output */
async function aProcess(command: string, ...args: string[]): Promise<{ pid: number; output: string }> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'], detached: true });
  running.push(child);
  const [output] = (await once(child.stdout, 'data')) as [Buffer];
  if (child.pid === undefined) throw new Error('not started');
  return { pid: child.pid, output: output.toString() };
}

const aNodeProcess = (script: string): Promise<{ pid: number }> =>
  aProcess(process.execPath, '-e', `${script}; process.stdin.resume(); console.log('ready')`);

/** Lets all of them end, also those of a failed test. */
async function endAll(): Promise<void> {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const exited = once(child, 'exit');
    child.stdin?.end();
    await exited;
  }
}
afterEach(endAll);

describe('the identity of a process', () => {
  it('is stable for a running process', () => {
    expect(identify(process.pid)).toEqual(ownIdentity());
    expect(isRunning(ownIdentity())).toBe(true);
  });

  it('tells a recycled pid from the process that had it before', () => {
    const predecessor = { pid: process.pid, startedAt: 'some-earlier-start' };
    expect(isRunning(predecessor)).toBe(false);
  });

  it('is gone after the end of the process', async () => {
    const { pid } = await aNodeProcess('');
    expect(identify(pid)).toBeDefined();
    await endAll();
    expect(identify(pid)).toBeUndefined();
  });

  it('is gone for a process that has ended but was not collected by its parent', async () => {
    const script = 'import os,sys; p=os.fork(); p or os._exit(0); print(p, flush=True); sys.stdin.read()';
    const zombie = Number((await aProcess('python3', '-c', script)).output);
    await waitUntil('the remains no longer count as running', () => identify(zombie) === undefined);
    expect(existsSync(`/proc/${zombie}`)).toBe(process.platform === 'linux');
  });
});

describe('ending a process', () => {
  it('leaves a process alone that only has the same pid', async () => {
    const { pid } = await aNodeProcess('');
    const gone = await endProcess({ pid, startedAt: 'another-start' }, [
      { signal: 'SIGKILL', waitMs: 1_000, group: true },
    ]);
    expect(gone).toBe(true);
    expect(identify(pid)).toBeDefined();
  });

  it('goes on to the next signal when the first has no effect', async () => {
    const { pid } = await aNodeProcess("process.on('SIGTERM', () => undefined)");
    const identity = identify(pid);
    if (identity === undefined) throw new Error('not running');
    const gone = await endProcess(identity, [
      { signal: 'SIGTERM', waitMs: 100 },
      { signal: 'SIGKILL', waitMs: 5_000, group: true },
    ]);
    expect(gone).toBe(true);
    expect(isRunning(identity)).toBe(false);
  });
});

describe('the command line of a process', () => {
  it('is what the process was started with, and finds it', async () => {
    const mark = `mark-${process.pid}-${Date.now()}`;
    const { pid } = await aNodeProcess(`'${mark}'`);
    expect(commandLine(pid)).toContain(`-e '${mark}'`);
    expect(findByCommandLine(`-e '${mark}'`)).toEqual([identify(pid)]);
    await endAll();
    expect(commandLine(pid)).toBeUndefined();
  });
});
