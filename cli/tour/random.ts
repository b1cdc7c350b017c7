/** Numbers that look random and are the same every time: the tour can be run again and finds its travellers. */
export class SteadyRandom {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** 0 ≤ x < 1 (mulberry32). */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number, both ends included. */
  between(first: number, last: number): number {
    return first + Math.floor(this.next() * (last - first + 1));
  }

  /** True with that chance. */
  chance(share: number): boolean {
    return this.next() < share;
  }

  pick<T>(list: readonly [T, ...T[]]): T {
    return list[this.between(0, list.length - 1)] ?? list[0];
  }

  /** That many digits, the first not zero. */
  digits(length: number): string {
    const rest = Array.from({ length: length - 1 }, () => String(this.between(0, 9)));
    return [String(this.between(1, 9)), ...rest].join('');
  }

  /** `YYYY-MM-DD` within the years, both included. */
  date(firstYear: number, lastYear: number): string {
    const two = (value: number): string => String(value).padStart(2, '0');
    return `${this.between(firstYear, lastYear)}-${two(this.between(1, 12))}-${two(this.between(1, 28))}`;
  }
}
