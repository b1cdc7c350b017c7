import fc from 'fast-check';
import { settingsSchema, type SupportHours } from '../../../config';
import { deadlineWords, preparationWords } from '../../../sync/model/request-token-words';
import { supportDayOf } from '../../../sync/model/support-hours';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const hoursOf = (text: string): SupportHours => settingsSchema.parse({ SUPPORT_HOURS: text }).SUPPORT_HOURS;
const ZURICH = hoursOf('06:00-15:00 Europe/Zurich');
const at = (iso: string) => Date.parse(iso);
const iso = (instant: number | undefined) =>
  instant === undefined ? undefined : new Date(instant).toISOString();

describe('SUPPORT_HOURS', () => {
  it('is six to three in Zurich unless it is set', () => {
    const { SUPPORT_HOURS } = settingsSchema.parse({});
    expect(SUPPORT_HOURS).toEqual({ fromMinute: 360, untilMinute: 900, timeZone: 'Europe/Zurich' });
  });

  it.each([
    ['6-15', /e\.g\. 06:00-15:00 Europe\/Zurich/],
    ['06:00-25:00 Europe/Zurich', /e\.g\. 06:00-15:00 Europe\/Zurich/],
    ['06:60-15:00 Europe/Zurich', /e\.g\. 06:00-15:00 Europe\/Zurich/],
    ['22:00-06:00 Europe/Zurich', /must end later on the same day/],
    ['06:00-15:00 Europe/Zürich', /"Europe\/Zürich" is no time zone/],
  ])('refuses %s in words', (text, words) => {
    const { error } = settingsSchema.safeParse({ SUPPORT_HOURS: text });
    expect(error?.issues.map(({ message }) => message)).toEqual([expect.stringMatching(words)]);
  });
});

describe('the day of a deadline', () => {
  it.each([
    ['winter', '2026-01-15T12:00:00Z', '2026-01-15T05:00:00.000Z', '2026-01-15T14:00:00.000Z'],
    ['summer', '2026-05-01T12:00:00Z', '2026-05-01T04:00:00.000Z', '2026-05-01T13:00:00.000Z'],
    [
      'the day the clocks go forward',
      '2026-03-29T10:00:00Z',
      '2026-03-29T04:00:00.000Z',
      '2026-03-29T13:00:00.000Z',
    ],
    [
      'the day the clocks go back',
      '2026-10-25T10:00:00Z',
      '2026-10-25T05:00:00.000Z',
      '2026-10-25T14:00:00.000Z',
    ],
  ])('is told in UTC in %s', (_when, deadline, from, until) => {
    const day = supportDayOf(ZURICH, at(deadline));
    expect(day).toEqual({ hours: '06:00–15:00 Europe/Zurich', from: at(from), until: at(until) });
  });

  it.each([
    ['in the evening', '2026-05-01T21:14:00Z', '2026-05-01T13:00:00.000Z'],
    ['before the hours begin, on the day before', '2026-05-02T02:00:00Z', '2026-05-01T13:00:00.000Z'],
    ['in the night in which the clocks go forward', '2026-03-29T01:30:00Z', '2026-03-28T14:00:00.000Z'],
    ['in the night in which the clocks go back', '2026-10-25T01:30:00Z', '2026-10-24T13:00:00.000Z'],
  ])('has its last chance earlier for a deadline %s', (_when, deadline, lastChance) => {
    expect(iso(supportDayOf(ZURICH, at(deadline)).lastChance)).toBe(lastChance);
  });

  it('begins hours that the clocks jump over when they have jumped, and takes the first of two', () => {
    const night = hoursOf('02:30-04:00 Europe/Zurich');
    expect(iso(supportDayOf(night, at('2026-03-29T01:45:00Z')).from)).toBe('2026-03-29T01:00:00.000Z');
    expect(iso(supportDayOf(night, at('2026-10-25T01:45:00Z')).from)).toBe('2026-10-25T00:30:00.000Z');
    const evening = hoursOf('00:00-24:00 Pacific/Auckland');
    expect(supportDayOf(evening, at('2026-09-26T11:59:00Z')).lastChance).toBeUndefined();
  });
});

/** Minutes since midnight that a clock on the wall shows. */
function minuteThere(format: Intl.DateTimeFormat, instant: number): number {
  const [hour = 0, minute = 0] = format.format(instant).split(':').map(Number);
  return hour * 60 + minute;
}

test('no minute between the last chance and the deadline lies within receiving hours, whatever the zone and day', () => {
  const zones = [
    'Europe/Zurich',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kathmandu',
    'Africa/Casablanca',
  ];
  const nearTransitions = [
    '2026-03-08',
    '2026-03-29',
    '2026-04-05',
    '2026-10-04',
    '2026-10-25',
    '2026-11-01',
  ];
  fc.assert(
    fc.property(
      fc.constantFrom(...zones),
      fc.constantFrom(...nearTransitions),
      fc.integer({ min: -24 * 60, max: 48 * 60 }),
      fc.tuple(fc.integer({ min: 0, max: 95 }), fc.integer({ min: 0, max: 95 })).filter(([a, b]) => a !== b),
      (timeZone, day, offset, quarters) => {
        const fromMinute = 15 * Math.min(...quarters);
        const untilMinute = 15 * Math.max(...quarters);
        const deadline = at(`${day}T00:00:00Z`) + offset * MINUTE;
        const { lastChance } = supportDayOf({ fromMinute, untilMinute, timeZone }, deadline);
        const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
        const isOpen = (instant: number) => {
          const minute = minuteThere(format, instant);
          return fromMinute <= minute && minute < untilMinute;
        };
        if (lastChance === undefined) {
          expect(isOpen(deadline) || isOpen(deadline - MINUTE)).toBe(true);
          return;
        }
        expect(lastChance).toBeLessThan(deadline);
        expect(deadline - lastChance).toBeLessThan(2 * DAY);
        // An hour that comes twice is counted once, so it is left out here.
        for (let instant = lastChance + 61 * MINUTE; instant < deadline; instant += 5 * MINUTE)
          expect({ at: iso(instant), open: isOpen(instant) }).toEqual({ at: iso(instant), open: false });
      },
    ),
    { numRuns: 60 },
  );
});

describe('the words of a deadline', () => {
  const issuedAt = at('2026-05-01T09:14:40Z');
  const expiresAt = issuedAt + 12 * HOUR;
  const support = supportDayOf(ZURICH, expiresAt);
  const base =
    'by 2026-05-01 21:14 UTC; support receives tokens 06:00–15:00 Europe/Zurich (04:00–13:00 UTC that day)';

  it('name the last chance while there is one, and say so when it is gone', () => {
    expect(deadlineWords({ issuedAt, expiresAt, support }, issuedAt)).toBe(
      `${base}; last chance within receiving hours: 2026-05-01 13:00 UTC`,
    );
    expect(deadlineWords({ issuedAt, expiresAt, support }, at('2026-05-01T17:00:00Z'))).toBe(
      `${base}; the last chance within receiving hours was 2026-05-01 13:00 UTC, so agree with support on when to hand it in`,
    );
    const late = { issuedAt: at('2026-05-01T14:00:00Z'), expiresAt, support };
    expect(deadlineWords(late, late.issuedAt)).toContain('none of its time lies within receiving hours');
  });

  it('say only what is needed for a deadline within the hours, and whole dates where days differ', () => {
    const morning = at('2026-05-02T05:00:00Z');
    const within = { issuedAt, expiresAt: morning, support: supportDayOf(ZURICH, morning) };
    expect(deadlineWords(within, issuedAt)).toBe(
      'by 2026-05-02 05:00 UTC; support receives tokens 06:00–15:00 Europe/Zurich (04:00–13:00 UTC that day)',
    );
    const far = supportDayOf(hoursOf('06:00-15:00 Pacific/Auckland'), morning);
    expect(deadlineWords({ ...within, support: far }, issuedAt)).toContain(
      '(2026-05-01 18:00 to 2026-05-02 03:00 UTC)',
    );
    expect(deadlineWords({ issuedAt, expiresAt }, issuedAt)).toBe('by 2026-05-01 21:14 UTC');
  });
});

test('before the token it is said whose turn it is, step by step', () => {
  const turns = ([undefined, 'approval', 'case', 'token'] as const).map((step) =>
    preparationWords('acme', step),
  );
  expect(turns.map((words) => words.split(/[ :]/)[0])).toEqual([
    'Customer',
    'Customer',
    'Customer',
    'Concur',
  ]);
  expect(turns[0]).toMatch(
    /approved.*case.*Then Concur: approve the case and issue.*Then support: open the window/,
  );
  expect(turns[1]).toContain('entity set acme preparation=case');
  expect(turns[2]).toContain('concordance entity case acme prints it');
  expect(turns[3]).toContain('concordance token expect acme');
});
