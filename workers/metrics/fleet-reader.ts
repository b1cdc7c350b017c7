import { type Logger } from 'pino';
import { type FleetFigures } from '../../hub';
import { type MetricsRecorder } from './recorder';

/** Prometheus asks every 15 s to 60 s; numbers of the fleet move slowly. */
const EVERY_MS = 30_000;
/** However large the fleet: counting takes a twentieth of one connection at the most. */
const REST_PER_READ = 20;

export interface FleetReaderParts {
  readonly figures: (now: Date) => Promise<FleetFigures>;
  readonly recorder: Pick<MetricsRecorder, 'figures'>;
  readonly now: () => Date;
  readonly log: Logger;
}

/**
 * Keeps the gauges of the fleet fresh while a worker runs. A store that does not answer leaves them as they
 * are, which `concordance_figures_timestamp_seconds` shows, and is asked again.
 * @returns ends it, after the read that is under way
 */
export function readFleetFigures({ figures, recorder, now, log }: FleetReaderParts): () => Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const read = async (): Promise<void> => {
    const begun = now();
    try {
      recorder.figures(await figures(begun), begun);
    } catch (error) {
      log.warn({ err: error }, 'the figures of the fleet could not be read; tried again');
    }
    const tookMs = now().getTime() - begun.getTime();
    if (!stopped) timer = setTimeout(begin, Math.max(EVERY_MS, tookMs * REST_PER_READ)).unref();
  };
  let reading = Promise.resolve();
  const begin = (): void => {
    reading = read();
  };
  begin();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await reading;
  };
}
