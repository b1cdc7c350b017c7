import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { errorCode, unusableDataDir } from './errors';

const portSchema = z.int().min(1).max(65535);
const processSchema = z.object({
  pid: z.int().positive(),
  startedAt: z.string().describe('start of the process, see ProcessIdentity'),
});
/** A server that ran or runs: without pid it was ended, and its ports are tried again. */
const serverSchema = z.looseObject({ ...processSchema.partial().shape, port: portSchema });

/** `DATA_DIR/run.json`: what runs on this machine for this folder. Never a secret. */
export const runStateSchema = z.looseObject({
  start: processSchema.optional().describe('the `start` command, while it runs'),
  temporal: serverSchema.extend({ uiPort: portSchema.optional() }).optional(),
  postgres: serverSchema.optional(),
  api: z.looseObject({ port: portSchema }).optional(),
  metrics: z.looseObject({ port: portSchema }).optional().describe('the endpoint of the worker'),
  sandbox: z.looseObject({}).optional().describe('ports of the simulators'),
});

export type RunState = z.output<typeof runStateSchema>;

export interface RunFile {
  readonly path: string;
  read(): RunState;
  /** Replaces the given sections, removes those given as undefined, and writes at once. */
  update(sections: Partial<RunState>): void;
}

const FILE_NAME = 'run.json';

/**
 * The run file of a folder, for whoever only wants to know what runs.
 * @returns an empty state if there is none or it cannot be understood
 */
export function readRunState(dataDir: string): RunState {
  try {
    return runStateSchema.parse(JSON.parse(readFileSync(join(dataDir, FILE_NAME), 'utf8')));
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return {};
    if (error instanceof SyntaxError || error instanceof z.ZodError) return {};
    throw error;
  }
}

/**
 * The run file for the one process that holds the folder (see claimDataDir); nobody else may write it.
 * Writing is synchronous: between starting a child and having noted it there is no time to be killed in.
 */
export function openRunFile(dataDir: string): RunFile {
  const path = join(dataDir, FILE_NAME);
  let state = readRunState(dataDir);
  return {
    path,
    read: () => state,
    update(sections) {
      const entries = Object.entries({ ...state, ...sections }).filter(([, value]) => value !== undefined);
      state = runStateSchema.parse(Object.fromEntries(entries));
      writeAtomically(path, `${JSON.stringify(state, null, 2)}\n`);
    },
  };
}

function writeAtomically(path: string, text: string): void {
  try {
    const temporary = `${path}.new`;
    const file = openSync(temporary, 'w', 0o600);
    try {
      writeSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(temporary, path);
  } catch (error) {
    throw unusableDataDir(path, error);
  }
}
