import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  commandLine,
  endProcess,
  findByCommandLine,
  identify,
  isRunning,
  ownIdentity,
} from '../../../workers/local/processes';
import { waitUntil } from '../../support/wait-until';

/** A process that says `ready` and then waits until its input ends. */
async function aProcess(script: string): Promise<{ pid: number; release(): Promise<void> }> {
  const child = spawn(process.execPath, ['-e', `${script}; process.stdin.resume(); console.log('ready')`], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  await once(child.stdout, 'data');
  const exited = once(child, 'exit');
  if (child.pid === undefined) throw new Error('not started');
  return {
    pid: child.pid,
    async release() {
      child.stdin.end();
      await exited;
    },
  };
}

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
    const child = await aProcess('');
    const identity = identify(child.pid);
    expect(identity).toBeDefined();
    await child.release();
    expect(identify(child.pid)).toBeUndefined();
  });

  it('is gone for a process that has ended but was not collected by its parent', async () => {
    const script = 'import os,sys; p=os.fork(); p or os._exit(0); print(p, flush=True); sys.stdin.read()';
    const parent = spawn('python3', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] });
    const [output] = (await once(parent.stdout, 'data')) as [Buffer];
    const zombie = Number(output.toString());
    await waitUntil('the remains no longer count as running', () => identify(zombie) === undefined);
    parent.stdin.end();
    await once(parent, 'exit');
  });
});

describe('ending a process', () => {
  it('leaves a process alone that only has the same pid', async () => {
    const child = await aProcess('');
    const gone = await endProcess({ pid: child.pid, startedAt: 'another-start' }, [
      { signal: 'SIGKILL', waitMs: 1_000, group: true },
    ]);
    expect(gone).toBe(true);
    expect(identify(child.pid)).toBeDefined();
    await child.release();
  });

  it('goes on to the next signal when the first has no effect', async () => {
    const child = await aProcess("process.on('SIGTERM', () => undefined)");
    const identity = identify(child.pid);
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
    const child = await aProcess(`'${mark}'`);
    expect(commandLine(child.pid)).toContain(`-e '${mark}'`);
    expect(findByCommandLine(`-e '${mark}'`)).toEqual([identify(child.pid)]);
    await child.release();
    expect(commandLine(child.pid)).toBeUndefined();
  });
});
