import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { endProcess, type LocalInfrastructureOptions, readRunState } from '../../../workers/local';
import { runTypeScript, type TypeScriptChild } from '../child-processes';

/** Settings of a `start` on this folder, on free ports. */
export function someSettings(
  dataDir: string,
  changed: Partial<LocalInfrastructureOptions['settings']> = {},
): LocalInfrastructureOptions['settings'] {
  return {
    DATA_DIR: dataDir,
    DATABASE_URL: undefined,
    TEMPORAL_ADDRESS: undefined,
    TEMPORAL_CLI_PATH: undefined,
    TEMPORAL_NAMESPACE: 'default',
    TEMPORAL_PORT: 0,
    TEMPORAL_UI_PORT: 0,
    ...changed,
  };
}

/** What `local/start.ts` prints. */
export interface StartAnswer {
  temporal?: { address: string; uiUrl: string; pid: number; adopted: boolean };
  postgres?: { url: string; port: number; pid: number; adopted: boolean };
  error?: { code: string; message: string };
}

export interface ChildStart {
  readonly child: TypeScriptChild;
  answer(): Promise<StartAnswer>;
}

/** Runs the local servers of a folder from a process of its own, which can be killed. */
export function startInChild(options: Omit<LocalInfrastructureOptions, 'env' | 'log'>): ChildStart {
  const child = runTypeScript('local/start.ts', [JSON.stringify(options)]);
  return { child, answer: async () => (await child.nextJson()) as StartAnswer };
}

/** Ends what a test left running on this folder, so that a failed one leaves nothing behind either. */
export async function endAllOn(dataDir: string): Promise<void> {
  const { temporal, postgres } = readRunState(dataDir);
  for (const server of [temporal, postgres]) {
    if (server?.pid === undefined || server.startedAt === undefined) continue;
    await endProcess({ pid: server.pid, startedAt: server.startedAt }, [
      { signal: 'SIGKILL', waitMs: 5_000 },
    ]);
  }
}

/** What the servers of this folder wrote to their logs. */
export function logsOf(dataDir: string): string {
  return ['temporal.log', 'postgres.log']
    .map((name) => join(dataDir, 'logs', name))
    .map((path) => (existsSync(path) ? readFileSync(path, 'utf8') : ''))
    .join('');
}
