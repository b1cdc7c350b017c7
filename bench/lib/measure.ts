import { getHeapStatistics } from 'node:v8';

const HEAP_SAMPLE_MS = 10;

export interface Measurement {
  readonly seconds: number;
  /** Processor time of this process, all its threads. */
  readonly cpuSeconds: number;
  /** Most heap in use above what was in use before, sampled every 10 ms, garbage included. */
  readonly heapPeakBytes: number;
}

/** Runs the work once. The heap is collected before, where Node was started with --expose-gc. */
export async function measured(work: () => Promise<void>): Promise<Measurement> {
  globalThis.gc?.();
  const before = usedHeap();
  let peak = before;
  const timer = setInterval(() => (peak = Math.max(peak, usedHeap())), HEAP_SAMPLE_MS);
  const cpu = process.cpuUsage();
  const start = process.hrtime.bigint();
  try {
    await work();
    const seconds = Number(process.hrtime.bigint() - start) / 1e9;
    const { user, system } = process.cpuUsage(cpu);
    peak = Math.max(peak, usedHeap());
    return { seconds, cpuSeconds: (user + system) / 1e6, heapPeakBytes: peak - before };
  } finally {
    clearInterval(timer);
  }
}

function usedHeap(): number {
  return getHeapStatistics().used_heap_size;
}
