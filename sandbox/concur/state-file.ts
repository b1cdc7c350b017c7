import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Snapshot, snapshotLines } from './snapshot';
import { type SandboxLog } from './types';

const SHORTEST_GAP_MS = 200;
/** Writing may take this share of the time at most, so that a large state does not slow the server. */
const WRITING_SHARE = 0.1;
const CHUNK_CHARACTERS = 1_000_000;

/** Keeps the simulator's state in a file: written some time after a change, and when it stops. */
export class StateFile {
  private dirty = false;
  private stopped = false;
  private writing: Promise<void> | undefined;
  private readonly stopping = new AbortController();

  constructor(
    private readonly path: string,
    private readonly take: () => Snapshot,
    private readonly log: SandboxLog,
  ) {}

  /** @returns what was kept; undefined at the first start */
  read(): string | undefined {
    return existsSync(this.path) ? readFileSync(this.path, 'utf8') : undefined;
  }

  /** Something changed: it is written before long. */
  touch(): void {
    this.dirty = true;
    if (this.stopped || this.writing !== undefined) return;
    this.writing = this.writeWhileDirty().finally(() => {
      this.writing = undefined;
    });
  }

  /** Writes what is not yet written. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.stopping.abort();
    await this.writing;
    if (this.dirty) await this.write();
  }

  private async writeWhileDirty(): Promise<void> {
    let gap = SHORTEST_GAP_MS;
    while (this.dirty && !this.stopped) {
      await this.wait(gap);
      const started = performance.now();
      try {
        await this.write();
      } catch (error) {
        this.dirty = true;
        this.log.warn(
          { path: this.path, error: String(error) },
          'simulation: the state could not be written',
        );
      }
      gap = Math.max(SHORTEST_GAP_MS, (performance.now() - started) / WRITING_SHARE);
    }
  }

  private async wait(milliseconds: number): Promise<void> {
    try {
      await pause(milliseconds, undefined, { ref: false, signal: this.stopping.signal });
    } catch (error) {
      if (!this.stopping.signal.aborted) throw error;
    }
  }

  /** Whole or not at all: written beside, then renamed. */
  private async write(): Promise<void> {
    this.dirty = false;
    const snapshot = this.take();
    mkdirSync(dirname(this.path), { recursive: true });
    const beside = `${this.path}.new`;
    const file = await open(beside, 'w', 0o600);
    try {
      let chunk = '';
      for (const line of snapshotLines(snapshot)) {
        chunk += line;
        if (chunk.length < CHUNK_CHARACTERS) continue;
        await file.write(chunk);
        chunk = '';
      }
      await file.write(chunk);
    } finally {
      await file.close();
    }
    await rename(beside, this.path);
  }
}
