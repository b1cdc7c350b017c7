import { z } from 'zod';
import { ConcurUnreadable } from '../../../concur';
import { MARK } from '../../support/concur/fuzz/answers';
import { faultOfError, faultOfResult, prototypes } from '../../support/concur/fuzz/judge';
import { killRemaining, runTypeScript } from '../../support/child-processes';

/** `ANSWER_MUTATIONS=5000` for a quick look; what the whole came to stands in docs/concur.md §3. */
const CASES = Number(process.env['ANSWER_MUTATIONS'] ?? 100_000);
const BATCH = 1_000;
const FIRST_SEED = 1;
/** An answer that is never done with, on a machine that is busy with others. */
const HUNG_MS = 120_000;

const sums = z.object({
  from: z.number(),
  cases: z.number(),
  read: z.number(),
  refused: z.number(),
  slowestMs: z.number(),
  slowest: z.number(),
  faults: z.array(z.string()),
});

afterEach(killRemaining);

function within<T>(work: Promise<T>, from: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const hung = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`hangs at a seed from ${from} on`)), HUNG_MS);
  });
  return Promise.race([work, hung]).finally(() => clearTimeout(timer));
}

describe('Mutated answers of Concur', () => {
  it(
    `are read or refused in words of ours, ${CASES} of them, and change nothing else`,
    async () => {
      const child = runTypeScript('concur/fuzz/batches.child.ts', [FIRST_SEED, CASES, BATCH].map(String));
      const total = { cases: 0, read: 0, refused: 0 };
      while (total.cases < CASES) {
        const batch = sums.parse(await within(child.nextJson(), FIRST_SEED + total.cases));
        expect(batch.faults).toEqual([]);
        total.cases += batch.cases;
        total.read += batch.read;
        total.refused += batch.refused;
      }
      expect(total.read + total.refused).toBe(CASES);
      // Neither half of the work is idle: a mutation that breaks everything would test the parser alone.
      expect(total.read).toBeGreaterThan(CASES / 10);
      expect(total.refused).toBeGreaterThan(CASES / 10);
    },
    HUNG_MS + CASES * 30,
  );
});

describe('The judge of mutated answers', () => {
  it('finds foreign prototypes and results that outgrow their document', () => {
    expect(faultOfResult({ rows: [{ at: new Date(0), text: 'x' }] }, 10)).toBeUndefined();
    expect(faultOfResult({ sections: new (class Foreign {})() }, 10)).toMatch(/prototype/);
    expect(faultOfResult(['x'.repeat(30_000)], 10)).toMatch(/3000\d characters/);
  });

  it('finds errors that are not ours or quote the document', () => {
    expect(faultOfError(new ConcurUnreadable('cut off'))).toBeUndefined();
    expect(faultOfError(new RangeError('stack'))).toMatch(/none of the client's/);
    expect(faultOfError(new ConcurUnreadable(`cut off at ${MARK}`))).toMatch(/quotes/);
  });

  it('sees what is added to a prototype', () => {
    const clean = prototypes();
    Object.defineProperty(Object.prototype, 'polluted', { value: true, configurable: true });
    const dirty = prototypes();
    Reflect.deleteProperty(Object.prototype, 'polluted');
    expect([dirty === clean, prototypes() === clean]).toEqual([false, true]);
  });
});
