import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { SANDBOX_NEWS, type SandboxNews, type Violation } from '../../../sandbox';

interface Broken {
  /** Absent where another process knows it. */
  readonly violation?: Violation;
  readonly words: string;
}

/** What a test file did to the sandboxes it made; one line of JSON per file for the reporter. */
export interface WatchSums {
  sandboxes: number;
  calls: number;
  violations: number;
}

/** Hears of every sandbox of this process while a test file runs. One per file, by `setup.ts`. */
class SandboxWatch {
  private readonly sums: WatchSums = { sandboxes: 0, calls: 0, violations: 0 };
  private unexpected: Broken[] = [];
  private readonly expected = new WeakSet<Violation>();
  private readonly hear = (message: unknown): void => {
    if (isNews(message)) this.note(message);
  };

  start(): void {
    subscribe(SANDBOX_NEWS, this.hear);
  }

  /** @param broken violations in words */
  noteElsewhere(calls: number, broken: readonly string[]): void {
    this.sums.sandboxes += 1;
    this.sums.calls += calls;
    this.unexpected.push(...broken.map((words) => ({ words })));
  }

  isExpected(violation: Violation): boolean {
    return this.expected.has(violation);
  }

  expectThese(violations: readonly Violation[]): void {
    for (const violation of violations) this.expected.add(violation);
    this.unexpected = this.unexpected.filter(
      ({ violation }) => violation === undefined || !this.expected.has(violation),
    );
  }

  /** What nobody has asked for since the last time, in words. */
  drain(): string[] {
    const words = this.unexpected.map((each) => each.words);
    this.unexpected = [];
    return words;
  }

  /** @throws Error that names each violation which no test has asked for */
  judge(): void {
    const lines = this.drain();
    if (lines.length === 0) return;
    this.sums.violations += lines.length;
    throw new Error(
      `A rule of Concur's was broken. If that is meant, say so by expectViolations().\n${lines.join('\n')}`,
    );
  }

  /** Hands the sums to the reporter, where one listens. */
  end(): void {
    unsubscribe(SANDBOX_NEWS, this.hear);
    const folder = process.env['SANDBOX_WATCH_DIR'];
    if (folder === undefined) return;
    appendFileSync(join(folder, `${process.pid}.jsonl`), `${JSON.stringify(this.sums)}\n`);
  }

  private note(news: SandboxNews): void {
    if (news.what === 'created') this.sums.sandboxes += 1;
    else if (news.what === 'call') this.sums.calls += 1;
    else {
      const { violation } = news;
      const during = expect.getState().currentTestName ?? 'set-up or end of the file';
      const words = `${violation.kind} by ${violation.function}: ${violation.detail} (during: ${during})`;
      this.unexpected.push({ violation, words });
    }
  }
}

function isNews(message: unknown): message is SandboxNews {
  return typeof message === 'object' && message !== null && 'what' in message;
}

export const watch = new SandboxWatch();
