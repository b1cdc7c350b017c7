import { type Environment } from '../config';
import { type Probes } from './doctor/probes';
import { type Parts } from './start/parts';

/** A stream that may be a terminal. */
export interface TerminalStream extends NodeJS.WritableStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

export interface InputStream extends NodeJS.ReadableStream {
  readonly isTTY?: boolean | undefined;
}

/** Time as the command sees it; tests put their own in. */
export interface Clock {
  now(): Date;
  /** Milliseconds that never run backwards, for measuring. */
  monotonicMs(): number;
  /** @param signal ends the wait early, without an error */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export type StopSignal = 'SIGINT' | 'SIGTERM';

/** Everything outside the command, handed in by the bin. */
export interface CliContext {
  readonly env: Environment;
  /** Where `.env` is looked for. */
  readonly folder: string;
  readonly stdin: InputStream;
  readonly stdout: TerminalStream;
  readonly stderr: TerminalStream;
  readonly clock: Clock;
  /** @returns a function that stops listening */
  onSignal(listener: (signal: StopSignal) => void): () => void;
  /** Ends the process at once. */
  forceExit(code: number): void;
  /** Loaded only by commands that run parts: most only speak HTTP and start faster without. */
  loadParts(): Promise<Parts>;
  /** Loaded only by `doctor`. */
  loadProbes(): Promise<Probes>;
}
