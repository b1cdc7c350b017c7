const BUCKET_SIZE = 1_024;

/**
 * A list that stays sorted: insert, remove and walking from a position cost a fraction of a re-sort, so that
 * paging over 200,000 profiles that change meanwhile is cheap.
 */
export class OrderedList<T> {
  private readonly buckets: T[][] = [[]];
  private count = 0;

  constructor(private readonly compare: (a: T, b: T) => number) {}

  get size(): number {
    return this.count;
  }

  insert(item: T): void {
    const index = this.bucketFor(item);
    const bucket = this.buckets[index];
    if (bucket === undefined) return;
    bucket.splice(
      this.lowerBound(bucket, (other) => this.compare(other, item) < 0),
      0,
      item,
    );
    this.count += 1;
    if (bucket.length > BUCKET_SIZE) {
      this.buckets.splice(index + 1, 0, bucket.splice(BUCKET_SIZE / 2));
    }
  }

  remove(item: T): void {
    const index = this.bucketFor(item);
    const bucket = this.buckets[index];
    if (bucket === undefined) return;
    const at = this.lowerBound(bucket, (other) => this.compare(other, item) < 0);
    if (bucket[at] !== item) return;
    bucket.splice(at, 1);
    this.count -= 1;
    if (bucket.length === 0 && this.buckets.length > 1) this.buckets.splice(index, 1);
  }

  /**
   * One page of the elements for which `isBefore` no longer holds, in order.
   * @param matches which of them count; absent: all
   */
  page(
    isBefore: (item: T) => boolean,
    matches: ((item: T) => boolean) | undefined,
    skip: number,
    take: number,
  ): { readonly rows: readonly T[]; readonly total: number } {
    const rows: T[] = [];
    let total = 0;
    for (const bucket of this.buckets) {
      const last = bucket[bucket.length - 1];
      if (last === undefined || isBefore(last)) continue;
      const start = this.lowerBound(bucket, isBefore);
      if (matches === undefined && (total + bucket.length - start <= skip || rows.length === take)) {
        total += bucket.length - start;
        continue;
      }
      for (let at = start; at < bucket.length; at += 1) {
        const item = bucket[at];
        if (item === undefined || matches?.(item) === false) continue;
        if (total >= skip && rows.length < take) rows.push(item);
        total += 1;
      }
    }
    return { rows, total };
  }

  private bucketFor(item: T): number {
    let low = 0;
    let high = this.buckets.length - 1;
    while (low < high) {
      const middle = (low + high) >> 1;
      const bucket = this.buckets[middle] ?? [];
      const last = bucket[bucket.length - 1];
      if (last !== undefined && this.compare(last, item) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private lowerBound(bucket: readonly T[], isBefore: (item: T) => boolean): number {
    let low = 0;
    let high = bucket.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const item = bucket[middle];
      if (item !== undefined && isBefore(item)) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
