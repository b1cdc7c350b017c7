import { pino } from 'pino';
import { type CallRecord } from '../../../concur';
import { type FleetFigures } from '../../../hub';
import { METRIC_ENTRIES } from '../../../workers/metrics/catalogue';
import { readFleetFigures } from '../../../workers/metrics/fleet-reader';
import { minutesAfter, T0 } from '../../support/builders';
import { keepingMeter } from '../../support/keeping-meter';

const CALL: CallRecord = {
  function: 'readProfile',
  method: 'GET',
  origin: 'https://us.api.concursolutions.com',
  template: '/api/travelprofile/v2.0/profile',
  outcome: 'answered',
  status: 200,
  correlationIdSent: 'sent',
  startedAt: T0,
  durationMs: 250,
};

const FIGURES: FleetFigures = {
  totals: [{ stage: 'active', health: 'failing', entities: 3 }],
  travellers: {
    travellers: 9,
    synced: 4,
    pending: 2,
    quarantined: 1,
    held: 1,
    inactive: 1,
    conflicts: 5,
  },
  quarantined: { pull: 6, publish: 7 },
  dirtySince: minutesAfter(-2),
  overduePolls: 8,
  refreshTokens: { within1: 1, within7: 2, within30: 3, later: 4, first: minutesAfter(720) },
  undelivered: 9,
};

describe('metrics', () => {
  it.each([
    ['an answer', {}, 'ok', '200'],
    ['an unknown login', { status: 400, failure: 'INVALID-USER' }, 'not-found', '400'],
    ['nobody there', { status: 404, failure: 'not-found' }, 'not-found', '404'],
    ['a code that somebody made up', { status: 400, failure: 'sara.lee@example.test' }, 'refused', '400'],
    ['a time-out', { status: undefined, outcome: 'timeout', failure: 'timeout' }, 'timeout', 'none'],
  ] as const)('count a call by what became of it: %s', (_what, change, outcome, status) => {
    const { recorder, of } = keepingMeter();
    recorder.concurCall({ ...CALL, ...change } as CallRecord);
    expect(of('concordance_concur_calls')).toEqual([{ value: 1, function: 'readProfile', outcome, status }]);
    expect(of('concordance_concur_call')).toEqual([{ value: 0.25, function: 'readProfile' }]);
  });

  it('tell each row of a poll once, and the lag of those that had a turn', () => {
    const { recorder, of } = keepingMeter();
    const result = { seen: 10, changed: 3, quarantined: 2 };
    recorder.pollEnded({ outcome: 'ok', durationMs: 1_500, lagMs: 700, result });
    recorder.pollEnded({ outcome: 'unsettled', durationMs: 500, result });
    recorder.pollEnded({ outcome: 'person', durationMs: 10, lagMs: 4 });
    expect(of('concordance_polls').map(({ outcome }) => outcome)).toEqual(['ok', 'unsettled', 'person']);
    expect(of('concordance_poll_lag')).toEqual([{ value: 0.7 }]);
    expect(of('concordance_poll').map(({ value }) => value)).toEqual([1.5, 0.5]);
    expect(of('concordance_profiles_pulled').slice(0, 3)).toEqual([
      { value: 3, result: 'changed' },
      { value: 2, result: 'quarantined' },
      { value: 5, result: 'unchanged' },
    ]);
  });

  it('tell of a drain what became of its travellers, and how long each change took', () => {
    const { recorder, of } = keepingMeter();
    recorder.drainEnded({ outcome: 'ok', result: { published: 2, unchanged: 1, quarantined: 1 } });
    recorder.drainEnded({ outcome: 'retry' });
    recorder.published(240);
    // Clocks of two machines may differ.
    recorder.published(-3);
    expect(of('concordance_publish_drains').map(({ outcome }) => outcome)).toEqual(['ok', 'retry']);
    expect(of('concordance_travellers_published')).toEqual([
      { value: 2, result: 'written' },
      { value: 1, result: 'unchanged' },
      { value: 1, result: 'quarantined' },
    ]);
    expect(of('concordance_publish_latency')).toEqual([{ value: 0.24 }, { value: 0 }]);
  });

  it('set every gauge to what the store counted, and what it did not count to 0', () => {
    const { recorder, of } = keepingMeter();
    recorder.figures(FIGURES, T0);
    const entities = of('concordance_entities');
    expect(entities.filter(({ value }) => value > 0)).toEqual([
      { value: 3, stage: 'active', health: 'failing' },
    ]);
    expect(entities).toHaveLength(27);
    expect(of('concordance_travellers').map(({ value }) => value)).toEqual([4, 2, 1, 1, 1]);
    expect(of('concordance_quarantined_records').map(({ value }) => value)).toEqual([6, 7]);
    const single = ['oldest_dirty_age_seconds', 'overdue_polls', 'undelivered_requests', 'open_conflicts'];
    expect(single.map((name) => of(`concordance_${name}`)[0]?.value)).toEqual([120, 8, 9, 5]);
    expect(of('concordance_refresh_tokens').map(({ value }) => value)).toEqual([1, 2, 3, 4]);
    expect(of('concordance_refresh_token_days_left')).toEqual([{ value: 0.5 }]);
  });

  it('say nothing of the first token where there is none, and 0 of one that has lapsed', () => {
    const { recorder, of } = keepingMeter();
    const { first: _first, ...none } = FIGURES.refreshTokens;
    recorder.figures({ ...FIGURES, refreshTokens: none }, T0);
    recorder.figures({ ...FIGURES, refreshTokens: { ...none, first: minutesAfter(-60) } }, T0);
    expect(of('concordance_refresh_token_days_left')).toEqual([{ value: Number.NaN }, { value: 0 }]);
  });

  it('have the labels that are documented, and no others', () => {
    const { recorder, kept } = keepingMeter();
    recorder.concurCall(CALL);
    const result = { seen: 1, changed: 0, quarantined: 0, published: 1, unchanged: 0 };
    recorder.pollEnded({ outcome: 'ok', durationMs: 1, lagMs: 1, result });
    recorder.drainEnded({ outcome: 'ok', result });
    recorder.published(1);
    recorder.figures(FIGURES, T0);
    for (const { name, labels } of METRIC_ENTRIES) {
      const recorded = kept.filter((each) => each.name === name);
      expect({ name, times: recorded.length > 0 }).toEqual({ name, times: true });
      for (const { tags } of recorded)
        expect({ name, labels: Object.keys(tags) }).toEqual({ name, labels: [...labels] });
    }
  });

  it('are read again after the store did not answer, and not after the end', async () => {
    jest.useFakeTimers({ doNotFake: ['setImmediate'] });
    try {
      const read: Date[] = [];
      let asked = 0;
      const stop = readFleetFigures({
        figures: () => {
          asked += 1;
          return asked === 1 ? Promise.reject(new Error('away')) : Promise.resolve(FIGURES);
        },
        recorder: { figures: (_figures, now) => void read.push(now) },
        now: () => T0,
        log: pino({ level: 'silent' }),
      });
      await jest.advanceTimersByTimeAsync(29_000);
      expect([asked, read.length]).toEqual([1, 0]);
      await jest.advanceTimersByTimeAsync(2_000);
      expect([asked, read.length]).toEqual([2, 1]);
      await stop();
      await jest.advanceTimersByTimeAsync(120_000);
      expect(asked).toBe(2);
    } finally {
      jest.useRealTimers();
    }
  });
});
