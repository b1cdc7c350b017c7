/** What a few samples say without assuming a distribution. */
export interface Summary {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws RangeError without samples, or where one is not a finite number */
export function summarise(samples: readonly number[]): Summary {
  return { median: quantile(samples, 0.5), min: quantile(samples, 0), max: quantile(samples, 1) };
}

/**
 * Linear between the two nearest ranks, as spreadsheets do it.
 * @param q 0–1: 0.5 is the median, 0.99 the 99th percentile
 * @throws RangeError without samples, where one is not a finite number, or where q is not within 0–1
 */
export function quantile(samples: readonly number[], q: number): number {
  if (!(q >= 0 && q <= 1)) throw new RangeError('a quantile lies within 0–1');
  if (samples.length === 0) throw new RangeError('there are no samples');
  if (!samples.every(Number.isFinite)) throw new RangeError('a sample is not a finite number');
  const sorted = [...samples].sort((one, other) => one - other);
  const rank = q * (sorted.length - 1);
  const below = sorted[Math.floor(rank)] ?? NaN;
  const above = sorted[Math.ceil(rank)] ?? NaN;
  return below + (above - below) * (rank - Math.floor(rank));
}

/**
 * Ratios round by round: both of a pair ran within seconds, so what the machine did meanwhile mostly
 * cancels out, which a ratio of two medians would not guarantee.
 * @throws RangeError where the two have not the same rounds, or a divisor is not positive
 */
export function pairedRatios(of: readonly number[], to: readonly number[]): number[] {
  if (of.length !== to.length) throw new RangeError('both need the same rounds');
  return of.map((value, round) => {
    const divisor = to[round] ?? 0;
    if (!(divisor > 0)) throw new RangeError('a divisor is not positive');
    return value / divisor;
  });
}
