import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endProcess, identify, type ProcessIdentity } from '../../../workers/local';
import { commandLine, findByCommandLine } from '../../../workers/local/processes';
import { clusterName } from '../../../workers/local/postgres-server';
import { temporalMarker } from '../../../workers/local/temporal-server';
import { waitUntil } from '../wait-until';

/** Temporal and PostgreSQL (with its own children) that serve the files of this data folder. */
export function serversOf(dataDir: string): ProcessIdentity[] {
  return [temporalMarker(join(dataDir, 'temporal.db')), clusterName(dataDir)].flatMap((marker) =>
    findByCommandLine(marker),
  );
}

/** Waits until nothing serves this folder any more; names what does. */
export async function expectNothingLeft(dataDir: string): Promise<void> {
  const words = (): string =>
    serversOf(dataDir)
      .map(({ pid }) => `${pid}: ${commandLine(pid) ?? ''}`)
      .join('\n');
  await waitUntil('nothing left behind', () => serversOf(dataDir).length === 0, 10_000).catch(() => {
    throw new Error(`left behind:\n${words()}`);
  });
}

/** Ends what a failed test left: exactly the processes that serve this folder. */
export async function killServersOf(dataDir: string): Promise<void> {
  for (const identity of serversOf(dataDir)) {
    await endProcess(identity, [{ signal: 'SIGKILL', waitMs: 5_000 }]);
  }
}

/** This process, its children and theirs. */
export function familyOf(pid: number): number[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentOf(Number(name));
    if (parent !== undefined) parents.set(Number(name), parent);
  }
  const family = [pid];
  for (const member of family) {
    family.push(...[...parents].filter(([, parent]) => parent === member).map(([child]) => child));
  }
  return family.filter((each) => identify(each) !== undefined);
}

/** What everybody on the machine can read of a process. */
export function argumentsOf(pid: number): Buffer {
  return readIfThere(`/proc/${pid}/cmdline`) ?? Buffer.alloc(0);
}

export function environmentOf(pid: number): Buffer {
  return readIfThere(`/proc/${pid}/environ`) ?? Buffer.alloc(0);
}

function parentOf(pid: number): number | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`)?.toString('latin1');
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[1] === undefined ? undefined : Number(fields[1]);
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path);
  } catch {
    // It ended, or belongs to another user.
    return undefined;
  }
}
