import { failureOf } from '../errors';
import { type Part } from './parts';

interface Named {
  readonly name: string;
  readonly part: Part;
}

/** What runs, in the order of its start; it is stopped the other way round. */
export class StopStack {
  private readonly running: Named[] = [];

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
        await last.part.stop();
      } catch (error) {
        failures.push(
          `${last.name === '' ? 'Something' : last.name} did not stop cleanly: ${failureOf(error).message}`,
        );
      }
    }
    return failures;
  }
}
