import { type SupportHours } from '../../config';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Further back nobody looks: a calendar skips a day at most. */
const DAYS_BACK = 3;

/** When support receives tokens around a deadline. Instants in milliseconds since the epoch. */
export interface SupportDay {
  /** In words, by the local clock: `06:00–15:00 Europe/Zurich`. */
  readonly hours: string;
  /** Of the deadline's day. */
  readonly from: number;
  readonly until: number;
  /** Of a deadline outside the hours: the last moment before it at which support receives tokens. */
  readonly lastChance?: number | undefined;
}

/**
 * Support's hours around the end of a request token (docs/concur.md §8). Days of the week make no difference.
 *
 * Time zones change, and with them the answer: a workflow must be given it, instead of asking again at a replay.
 * @param deadline milliseconds since the epoch
 */
export function supportDayOf(hours: SupportHours, deadline: number): SupportDay {
  const clock = wallClock(hours.timeZone);
  const span = (day: number) => ({
    from: firstInstant(clock, day + hours.fromMinute * MINUTE_MS),
    until: firstInstant(clock, day + hours.untilMinute * MINUTE_MS),
  });
  const today = startOfDay(clock(deadline));
  const { from, until } = span(today);
  const day = { hours: supportHoursText(hours), from, until };
  if (from <= deadline && deadline <= until) return day;
  if (deadline > until) return { ...day, lastChance: until };
  for (let back = 1; back <= DAYS_BACK; back += 1) {
    const before = today - back * DAY_MS;
    const lastChance = span(before).until;
    // A day that the calendar skips has no hours.
    if (startOfDay(clock(lastChance - 1)) === before) return { ...day, lastChance };
  }
  return day;
}

/** By the local clock: `06:00–15:00 Europe/Zurich`. */
export function supportHoursText({ fromMinute, untilMinute, timeZone }: SupportHours): string {
  return `${clockText(fromMinute)}–${clockText(untilMinute)} ${timeZone}`;
}

function clockText(minute: number): string {
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, '0')).join(':');
}

/** What a clock on the wall shows at an instant, written as if it showed UTC. */
type WallClock = (instant: number) => number;

function wallClock(timeZone: string): WallClock {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    calendar: 'gregory',
    numberingSystem: 'latn',
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  return (instant) => {
    const shown = new Map(format.formatToParts(instant).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => shown.get(type) ?? 0;
    return Date.UTC(
      part('year'),
      part('month') - 1,
      part('day'),
      part('hour'),
      part('minute'),
      part('second'),
    );
  };
}

function startOfDay(wall: number): number {
  return Math.floor(wall / DAY_MS) * DAY_MS;
}

/** The first instant at which the clock shows that time, or a later one where it jumps over it. */
function firstInstant(clock: WallClock, wall: number): number {
  const [one, other] = [wall - DAY_MS, wall + DAY_MS].map((instant) => wall - (clock(instant) - instant));
  const early = Math.min(one ?? wall, other ?? wall);
  const late = Math.max(one ?? wall, other ?? wall);
  if (clock(early) === wall) return early;
  if (clock(late) === wall) return late;
  // Skipped: somewhere in between the clock jumps from before it to after it.
  let [before, after] = [early, late];
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (clock(middle) < wall) before = middle;
    else after = middle;
  }
  return after;
}
