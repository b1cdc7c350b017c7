import { type MetricMeter, type MetricTags, noopMetricMeter } from '@temporalio/common';
import { createMetricsRecorder } from '../../workers/metrics/recorder';

interface Recorded {
  readonly name: string;
  readonly value: number;
  readonly tags: MetricTags;
}

/** The recorder of a worker, on a meter that keeps what it is told. */
export function keepingMeter() {
  const kept: Recorded[] = [];
  const keep = (name: string) => (value: number, tags?: MetricTags) =>
    void kept.push({ name, value, tags: tags ?? {} });
  const meter: MetricMeter = {
    withTags: () => meter,
    createCounter: (name) => ({ ...noopMetricMeter.createCounter(name), name, add: keep(name) }),
    createHistogram: (name) => ({ ...noopMetricMeter.createHistogram(name), name, record: keep(name) }),
    createGauge: (name) => ({ ...noopMetricMeter.createGauge(name), name, set: keep(name) }),
  };
  const of = (name: string): ({ value: number } & MetricTags)[] =>
    kept.filter((each) => each.name === name).map(({ value, tags }) => ({ ...tags, value }));
  return { recorder: createMetricsRecorder(meter), kept, of };
}
