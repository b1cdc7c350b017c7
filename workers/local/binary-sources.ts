import { type Environment } from '../../config';
import { type Log } from './log';

/** One way of getting a program that is not on this machine yet. */
export interface BinarySource {
  /** How the way is called in messages. */
  readonly title: string;
  /** Where its result lies under the cache folder; holds the version, so that an update is fetched. */
  readonly cachedAs: string;
  /**
   * Fetches the program into `workFolder`, which is on the disk of the cache and is removed afterwards.
   * @returns the path of the program
   */
  obtain(workFolder: string, context: SourceContext): Promise<string>;
}

export interface SourceContext {
  readonly env: Environment;
  readonly log: Log;
}

const REPORT_EVERY_MS = 10_000;

/** Says every ten seconds that something still goes on, so that a slow line does not look like a hang. */
export async function withProgress<T>(log: Log, what: string, work: Promise<T>): Promise<T> {
  const startedAt = Date.now();
  const report = setInterval(() => {
    log(`${what}: still working (${Math.round((Date.now() - startedAt) / 1000)} s) …`);
  }, REPORT_EVERY_MS);
  try {
    return await work;
  } finally {
    clearInterval(report);
  }
}
