import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/** A file that has grown to this many times its size after the last rewriting is rewritten. */
const GROWTH = 3;
const SMALLEST_REWRITE_BYTES = 8_000_000;
const CHUNK_CHARACTERS = 1_000_000;

/**
 * Keeps the simulator's state in a file of lines, each of which replaces earlier ones about the same thing.
 * A line is with the operating system before the call that caused it is answered, so that a killed simulator
 * knows everything it has confirmed, as Concur would.
 */
export class StateFile {
  private descriptor: number | undefined;
  private bytes = 0;
  private rewriteAt = 0;

  constructor(
    private readonly path: string,
    private readonly everything: () => Iterable<string>,
  ) {}

  /** @returns the whole lines that were kept; a line that a kill has cut in two was never confirmed */
  read(): readonly string[] {
    if (!existsSync(this.path)) return [];
    return readFileSync(this.path, 'utf8').split('\n').slice(0, -1);
  }

  /** Adds a line; before the first one, and when the file has grown much, all lines are written anew. */
  append(line: string): void {
    if (this.descriptor === undefined || this.bytes > this.rewriteAt) return this.rewrite();
    this.bytes += writeSync(this.descriptor, `${line}\n`);
  }

  /** Whole or not at all: written beside, then renamed. */
  rewrite(): void {
    this.close();
    mkdirSync(dirname(this.path), { recursive: true });
    const beside = `${this.path}.new`;
    writeFileSync(beside, '', { mode: 0o600 });
    let chunk = '';
    for (const line of this.everything()) {
      chunk += `${line}\n`;
      if (chunk.length < CHUNK_CHARACTERS) continue;
      writeFileSync(beside, chunk, { flag: 'a' });
      chunk = '';
    }
    writeFileSync(beside, chunk, { flag: 'a' });
    renameSync(beside, this.path);
    this.bytes = statSync(this.path).size;
    this.rewriteAt = Math.max(SMALLEST_REWRITE_BYTES, this.bytes * GROWTH);
    this.descriptor = openSync(this.path, 'a');
  }

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
  }
}
