/** Random numbers that are the same for the same seed (mulberry32). */
export class Seeded {
  constructor(private state: number) {}

  /** 0 ≤ x < 1 */
  next(): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let t = Math.imul(this.state ^ (this.state >>> 15), 1 | this.state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** 0 ≤ n < `below` */
  int(below: number): number {
    return Math.floor(this.next() * below);
  }

  one<T>(of: readonly [T, ...T[]]): T {
    return of[this.int(of.length)] ?? of[0];
  }
}
