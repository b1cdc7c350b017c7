const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/**
 * The next instant strictly after `now` whose UTC minute is one of `minutes` (docs/concur.md §8: 05, 20, 35
 * and 50 of every hour). Whole hours are counted in UTC, so time zones of half hours change nothing.
 * @param now milliseconds since the epoch
 * @param minutes minutes of the hour, 0–59, at least one
 */
export function nextPollSlot(now: number, minutes: readonly number[]): number {
  if (minutes.length === 0) throw new RangeError('a poll needs at least one minute of the hour');
  const hour = Math.floor(now / HOUR_MS) * HOUR_MS;
  const candidates = [hour, hour + HOUR_MS].flatMap((start) =>
    minutes.map((minute) => start + minute * MINUTE_MS),
  );
  return Math.min(...candidates.filter((slot) => slot > now));
}

/**
 * Where in the spread after its slot an entity polls: the same place every time, and entities evenly
 * distributed, so that thousands of loops do not wake in one instant.
 * @param spreadSeconds width of the spread; 0 polls at the slot itself
 * @returns milliseconds after the slot
 */
export function pollOffsetMs(entityId: string, spreadSeconds: number): number {
  if (spreadSeconds <= 0) return 0;
  // FNV-1a: small, stable, the same on every machine.
  let hash = 0x811c9dc5;
  for (const char of entityId) {
    hash ^= char.codePointAt(0) ?? 0;
    hash = Math.imul(hash, 0x01000193) >>> 0;
  }
  return Math.floor((hash / 0x1_0000_0000) * spreadSeconds * 1000);
}

const ENTITIES_PER_SECOND = 8;
const MAX_SPREAD_SECONDS = 840;

/** Spread for `POLL_SPREAD_SECONDS=auto`: entities ÷ 8 seconds, at most 840. */
export function autoSpreadSeconds(entityCount: number): number {
  return Math.min(MAX_SPREAD_SECONDS, Math.floor(entityCount / ENTITIES_PER_SECOND));
}
