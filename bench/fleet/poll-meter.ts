import { type MetricMeter, noopMetricMeter } from '@temporalio/common';
import { METRICS } from '../../workers/metrics/catalogue';

export interface PollFigures {
  readonly lagSeconds: number[];
  readonly pollSeconds: number[];
  /** By outcome. */
  readonly polls: Record<string, number>;
}

/** A worker's meter that keeps what it is told of polls, and nothing else: its memory is part of what is measured. */
export function pollMeter(): { readonly meter: MetricMeter; readonly figures: PollFigures } {
  const figures: PollFigures = { lagSeconds: [], pollSeconds: [], polls: {} };
  const kept = new Map<string, number[]>([
    [METRICS.pollLag.name, figures.lagSeconds],
    [METRICS.pollSeconds.name, figures.pollSeconds],
  ]);
  const meter: MetricMeter = {
    withTags: () => meter,
    createGauge: (name) => noopMetricMeter.createGauge(name),
    createHistogram: (name) => ({
      ...noopMetricMeter.createHistogram(name),
      name,
      record: (value) => void kept.get(name)?.push(value),
    }),
    createCounter: (name) => ({
      ...noopMetricMeter.createCounter(name),
      name,
      add(value, tags) {
        if (name !== METRICS.polls.name) return;
        const outcome = String(tags?.['outcome']);
        figures.polls[outcome] = (figures.polls[outcome] ?? 0) + value;
      },
    }),
  };
  return { meter, figures };
}
