/** Seeded random numbers (mulberry32): the same seed gives the same ids and the same faults. */
export class SeededRandom {
  constructor(private current: number) {}

  /** Where the sequence stands. */
  get state(): number {
    return this.current;
  }

  /** Starts again from a seed. */
  restore(seed: number): void {
    this.current = seed;
  }

  /** 0 ≤ x < 1 */
  next(): number {
    this.current = (this.current + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.current ^ (this.current >>> 15), this.current | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  hex(digits: number): string {
    let text = '';
    while (text.length < digits)
      text += Math.floor(this.next() * 4_294_967_296)
        .toString(16)
        .padStart(8, '0');
    return text.slice(0, digits);
  }

  /** A UUID of version 4. */
  uuid(): string {
    const variant = (8 + Math.floor(this.next() * 4)).toString(16);
    return `${this.hex(8)}-${this.hex(4)}-4${this.hex(3)}-${variant}${this.hex(3)}-${this.hex(12)}`;
  }
}

/** Any text or number → a seed. */
export function seedOf(seed: string | number): number {
  let hash = 2_166_136_261;
  for (const character of String(seed)) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619) >>> 0;
  }
  return hash;
}
