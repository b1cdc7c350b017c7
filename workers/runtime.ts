import { type MetricMeter } from '@temporalio/common';
import { DefaultLogger, type LogEntry, Runtime } from '@temporalio/worker';
import { type Logger } from 'pino';
import { METRIC_ENTRIES } from './metrics/catalogue';

export interface RuntimeParts {
  readonly log: Logger;
  /** host:port of the Prometheus endpoint. */
  readonly metricsAddress: string;
}

/**
 * Temporal's own part of this process: its log lines become ours, and its metrics and ours are served at one
 * endpoint, `/metrics`. Once per process, before the first worker. Signals are ours: the API has to stop before
 * the worker drains.
 */
export function installRuntime({ log, metricsAddress }: RuntimeParts): MetricMeter {
  const buckets: Record<string, number[]> = {};
  for (const entry of METRIC_ENTRIES)
    if (entry.buckets !== undefined) buckets[entry.name] = [...entry.buckets];
  const runtime = Runtime.install({
    logger: new DefaultLogger('INFO', (entry) => writeTo(log, entry)),
    shutdownSignals: [],
    telemetryOptions: {
      metrics: {
        prometheus: {
          bindAddress: metricsAddress,
          countersTotalSuffix: true,
          unitSuffix: true,
          useSecondsForDurations: true,
          histogramBucketOverrides: buckets,
        },
      },
    },
  });
  return runtime.metricMeter;
}

function writeTo(log: Logger, { level, message, meta }: LogEntry): void {
  const fields = { ...meta };
  if (level === 'ERROR') log.error(fields, message);
  else if (level === 'WARN') log.warn(fields, message);
  else log.debug(fields, message);
}
