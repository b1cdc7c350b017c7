/**
 * Every metric of ours, in one place: what the worker records, what docs/metrics.md lists, what dashboard and
 * alert rules may ask for. Labels hold words of ours and HTTP status codes, never what a person or another
 * system wrote, so their number is bounded however many entities and travellers there are.
 */
export interface MetricEntry {
  readonly name: `concordance_${string}`;
  readonly kind: 'counter' | 'histogram' | 'gauge';
  readonly help: string;
  readonly labels: readonly string[];
  /** Upper bounds, seconds; histograms only. */
  readonly buckets?: readonly number[];
}

/** From a call in the same data centre to one that times out. */
const CALL_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
/** From "within the second" to "somebody has to look". */
const LATENCY_BUCKETS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600];
/** Polls are a quarter of an hour apart. */
const POLL_BUCKETS = [0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 900, 1_800, 3_600];

export const METRICS = {
  concurCalls: {
    name: 'concordance_concur_calls',
    kind: 'counter',
    help: 'Calls to SAP Concur.',
    labels: ['function', 'outcome', 'status'],
  },
  concurCallSeconds: {
    name: 'concordance_concur_call',
    kind: 'histogram',
    help: 'How long calls to SAP Concur took.',
    labels: ['function'],
    buckets: CALL_BUCKETS,
  },
  polls: {
    name: 'concordance_polls',
    kind: 'counter',
    help: 'Polls that ended: ok, unsettled (the list kept moving), or the class of their failure.',
    labels: ['outcome'],
  },
  pollSeconds: {
    name: 'concordance_poll',
    kind: 'histogram',
    help: 'How long polls took that succeeded.',
    labels: [],
    buckets: POLL_BUCKETS,
  },
  pollLag: {
    name: 'concordance_poll_lag',
    kind: 'histogram',
    help: 'How long after its turn a poll began that succeeded: slot plus the place of its entity in the spread.',
    labels: [],
    buckets: POLL_BUCKETS,
  },
  pulled: {
    name: 'concordance_profiles_pulled',
    kind: 'counter',
    help: 'Rows of the list of changed profiles: changed in the hub, quarantined, or nothing new.',
    labels: ['result'],
  },
  drains: {
    name: 'concordance_publish_drains',
    kind: 'counter',
    help: 'Drains of changed travellers that ended: ok, or the class of their failure.',
    labels: ['outcome'],
  },
  published: {
    name: 'concordance_travellers_published',
    kind: 'counter',
    help: 'Travellers that a drain was done with: written to Concur, equal there already, or quarantined.',
    labels: ['result'],
  },
  publishLatency: {
    name: 'concordance_publish_latency',
    kind: 'histogram',
    help: "From a traveller's last change in the hub to its arrival in Concur, read back.",
    labels: [],
    buckets: LATENCY_BUCKETS,
  },
  entities: {
    name: 'concordance_entities',
    kind: 'gauge',
    help: 'Entities per stage and health.',
    labels: ['stage', 'health'],
  },
  travellers: {
    name: 'concordance_travellers',
    kind: 'gauge',
    help: 'Travellers per state towards Concur, of entities that are not offboarded; pending ones are dirty.',
    labels: ['state'],
  },
  quarantined: {
    name: 'concordance_quarantined_records',
    kind: 'gauge',
    help: 'Open quarantined records per direction, those without a traveller included.',
    labels: ['direction'],
  },
  conflicts: {
    name: 'concordance_open_conflicts',
    kind: 'gauge',
    help: 'Kept values that lost a conflict and were not restored.',
    labels: [],
  },
  oldestDirty: {
    name: 'concordance_oldest_dirty_age_seconds',
    kind: 'gauge',
    help: 'Age of the oldest change in the hub that may be published and is not; 0 without any.',
    labels: [],
  },
  overduePolls: {
    name: 'concordance_overdue_polls',
    kind: 'gauge',
    help: 'Active entities with polling on whose last poll ended more than two slots ago.',
    labels: [],
  },
  refreshTokens: {
    name: 'concordance_refresh_tokens',
    kind: 'gauge',
    help: 'Refresh tokens of connected entities by the days they still live.',
    labels: ['left'],
  },
  refreshTokenDays: {
    name: 'concordance_refresh_token_days_left',
    kind: 'gauge',
    help: 'Days until the first refresh token of a connected entity lapses; NaN without any.',
    labels: [],
  },
  undelivered: {
    name: 'concordance_undelivered_requests',
    kind: 'gauge',
    help: 'Commands that were accepted and that Temporal has not taken yet.',
    labels: [],
  },
  figuresAt: {
    name: 'concordance_figures_timestamp_seconds',
    kind: 'gauge',
    help: 'When the gauges were last read from the store, seconds since 1970.',
    labels: [],
  },
} as const satisfies Record<string, MetricEntry>;

export const METRIC_ENTRIES: readonly MetricEntry[] = Object.values(METRICS);

/** The name under which Prometheus meets a metric. */
export function exposedName({ name, kind }: MetricEntry): string {
  if (kind === 'counter') return `${name}_total`;
  return kind === 'histogram' ? `${name}_seconds` : name;
}
