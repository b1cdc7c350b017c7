import { type Clock } from '../context';
import { CliError, failureOf } from '../errors';
import { type Part } from './parts';

/** Longer than a worker's grace and the steps that end the local servers. */
const STOP_LIMIT_MS = 60_000;

interface Named {
  readonly name: string;
  readonly part: Part;
}

/** What runs, in the order of its start; it is stopped the other way round. */
export class StopStack {
  private readonly running: Named[] = [];

  constructor(private readonly clock: Pick<Clock, 'sleep'>) {}

  /** @param name shown while it stops; the empty one is not */
  push<P extends Part>(name: string, part: P): P {
    this.running.push({ name, part });
    return part;
  }

  /** Settles with the name and the reason when a part ends that nobody has stopped. */
  async firstToEnd(): Promise<{ readonly name: string; readonly reason: string }> {
    const ends = this.running.flatMap(({ name, part }) => {
      if (part.ended === undefined) return [];
      return [
        part.ended.then(
          () => ({ name, reason: 'it ended by itself' }),
          (error: unknown) => ({ name, reason: failureOf(error).message }),
        ),
      ];
    });
    return ends.length === 0 ? await new Promise(() => undefined) : await Promise.race(ends);
  }

  /**
   * Stops everything, even where something cannot be stopped.
   * @returns what could not, in words
   */
  async stopAll(onStop: (name: string) => void): Promise<string[]> {
    const failures: string[] = [];
    for (let last = this.running.pop(); last !== undefined; last = this.running.pop()) {
      if (last.name !== '') onStop(last.name);
      try {
        await this.stopInTime(last.part);
      } catch (error) {
        failures.push(
          `${last.name === '' ? 'Something' : last.name} did not stop cleanly: ${failureOf(error).message}`,
        );
      }
    }
    return failures;
  }

  /** A client that holds its connection open must not keep the rest from stopping. */
  private async stopInTime(part: Part): Promise<void> {
    const limitMs = part.stopLimitMs ?? STOP_LIMIT_MS;
    const late = Symbol('late');
    const inTime = new AbortController();
    const timer = this.clock.sleep(limitMs, inTime.signal).then(() => late);
    try {
      const first = await Promise.race([part.stop(), timer]);
      if (first === late) throw new CliError('stop-timeout', `it took longer than ${limitMs / 1_000} s.`);
    } finally {
      inTime.abort();
    }
  }
}
