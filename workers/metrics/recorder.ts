import { type MetricGauge, type MetricMeter } from '@temporalio/common';
import { type ActivityMetrics } from '../../activities';
import { type CallRecord, isNoSuchUser } from '../../concur';
import { type FleetFigures } from '../../hub';
import { type Health, type Stage } from '../../hub/types';
import { STAYING } from '../../sync/model/lifecycle-stages';
import { METRICS, type MetricEntry } from './catalogue';

export interface MetricsRecorder extends ActivityMetrics {
  concurCall(call: CallRecord): void;
  /** Sets all gauges; labels that were set before and are absent now become 0. */
  figures(figures: FleetFigures, now: Date): void;
}

const STAGES: readonly Stage[] = [...STAYING, 'offboarding', 'offboarded'];
const HEALTHS: readonly Health[] = ['ok', 'degraded', 'failing'];
const STATES = ['synced', 'pending', 'quarantined', 'held', 'inactive'] as const;
const DIRECTIONS = ['pull', 'publish'] as const;
const MS_PER_DAY = 86_400_000;

/** Writes what happens into a meter; the names stand in {@link METRICS}. */
export function createMetricsRecorder(meter: MetricMeter): MetricsRecorder {
  const counter = ({ name, help }: MetricEntry) => meter.createCounter(name, '', help);
  const seconds = ({ name, help }: MetricEntry) => meter.createHistogram(name, 'float', 'seconds', help);
  const gauge = ({ name, help }: MetricEntry, type: 'int' | 'float' = 'int') =>
    meter.createGauge(name, type, '', help);

  const calls = counter(METRICS.concurCalls);
  const callSeconds = seconds(METRICS.concurCallSeconds);
  const polls = counter(METRICS.polls);
  const pollSeconds = seconds(METRICS.pollSeconds);
  const pollLag = seconds(METRICS.pollLag);
  const pulled = counter(METRICS.pulled);
  const drains = counter(METRICS.drains);
  const published = counter(METRICS.published);
  const publishLatency = seconds(METRICS.publishLatency);
  const entities = gauge(METRICS.entities);
  const travellers = gauge(METRICS.travellers);
  const quarantined = gauge(METRICS.quarantined);
  const conflicts = gauge(METRICS.conflicts);
  const oldestDirty = gauge(METRICS.oldestDirty, 'float');
  const overduePolls = gauge(METRICS.overduePolls);
  const refreshTokens = gauge(METRICS.refreshTokens);
  const refreshTokenDays = gauge(METRICS.refreshTokenDays, 'float');
  const undelivered = gauge(METRICS.undelivered);
  const figuresAt = gauge(METRICS.figuresAt, 'float');

  return {
    concurCall(call) {
      calls.add(1, {
        function: call.function,
        outcome: outcomeOf(call),
        status: call.status === undefined ? 'none' : String(call.status),
      });
      callSeconds.record(call.durationMs / 1_000, { function: call.function });
    },

    pollEnded(poll) {
      polls.add(1, { outcome: poll.outcome });
      if (poll.result === undefined) return;
      const { seen, changed, quarantined: refused } = poll.result;
      pollSeconds.record(poll.durationMs / 1_000);
      if (poll.lagMs !== undefined) pollLag.record(poll.lagMs / 1_000);
      pulled.add(changed, { result: 'changed' });
      pulled.add(refused, { result: 'quarantined' });
      pulled.add(Math.max(0, seen - changed - refused), { result: 'unchanged' });
    },

    drainEnded(drain) {
      drains.add(1, { outcome: drain.outcome });
      if (drain.result === undefined) return;
      published.add(drain.result.published, { result: 'written' });
      published.add(drain.result.unchanged, { result: 'unchanged' });
      published.add(drain.result.quarantined, { result: 'quarantined' });
    },

    published(latencyMs) {
      publishLatency.record(Math.max(0, latencyMs) / 1_000);
    },

    figures(figures, now) {
      setEntities(entities, figures.totals);
      for (const state of STATES) travellers.set(figures.travellers[state], { state });
      for (const direction of DIRECTIONS) quarantined.set(figures.quarantined[direction], { direction });
      conflicts.set(figures.travellers.conflicts);
      const dirtySince = figures.dirtySince?.getTime() ?? now.getTime();
      oldestDirty.set(Math.max(0, now.getTime() - dirtySince) / 1_000);
      overduePolls.set(figures.overduePolls);
      const { within1, within7, within30, later, first } = figures.refreshTokens;
      refreshTokens.set(within1, { left: 'up to 1 day' });
      refreshTokens.set(within7, { left: 'up to 7 days' });
      refreshTokens.set(within30, { left: 'up to 30 days' });
      refreshTokens.set(later, { left: 'more' });
      refreshTokenDays.set(daysUntil(first, now));
      undelivered.set(figures.undelivered);
      figuresAt.set(now.getTime() / 1_000);
    },
  };
}

/** Of an answer only what class it is of: Concur's own codes are not bounded. */
function outcomeOf({ outcome, failure }: CallRecord): string {
  if (outcome !== 'answered') return outcome;
  if (failure === undefined) return 'ok';
  return failure === 'not-found' || isNoSuchUser(failure) ? 'not-found' : 'refused';
}

/** Not a number without any, so that no rule compares with it. */
function daysUntil(instant: Date | undefined, now: Date): number {
  if (instant === undefined) return Number.NaN;
  return Math.max(0, instant.getTime() - now.getTime()) / MS_PER_DAY;
}

function setEntities(gauge: MetricGauge, totals: FleetFigures['totals']): void {
  for (const stage of STAGES) {
    for (const health of HEALTHS) {
      const known = totals.find((total) => total.stage === stage && total.health === health);
      gauge.set(known?.entities ?? 0, { stage, health });
    }
  }
}
