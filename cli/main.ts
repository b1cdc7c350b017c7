#!/usr/bin/env node
import { setTimeout as delay } from 'node:timers/promises';
import { processEnvironment } from '../config';
import { type CliContext, type StopSignal } from './context';
import { runCli } from './run';

const SIGNALS: readonly StopSignal[] = ['SIGINT', 'SIGTERM'];

async function sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, signal === undefined ? {} : { signal });
  } catch (error) {
    if (signal?.aborted !== true) throw error;
  }
}

const context: CliContext = {
  env: processEnvironment(),
  folder: process.cwd(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  clock: {
    now: () => new Date(),
    monotonicMs: () => performance.now(),
    sleep,
  },
  onSignal(listener) {
    const listeners = SIGNALS.map((signal) => [signal, () => listener(signal)] as const);
    for (const [signal, each] of listeners) process.on(signal, each);
    return () => {
      for (const [signal, each] of listeners) process.off(signal, each);
    };
  },
  forceExit: (code) => process.exit(code),
  loadParts: async () => (await import('./start/compose.js')).parts,
  loadProbes: async () => (await import('./doctor/probes.js')).probes,
};

/** `concordance … | head`: whoever reads may stop reading. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

void runCli(process.argv.slice(2), context).then((code) => {
  process.exitCode = code;
});
