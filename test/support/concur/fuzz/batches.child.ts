import { VALID_ANSWERS } from './answers';
import { createCalls } from './calls';
import { faultOfError, faultOfResult, prototypes } from './judge';
import { mutated } from './mutations';
import { Seeded } from './seeded';

/**
 * node test/support/run-ts.mjs … <first seed> <cases> <cases of a batch>: prints a line of JSON for each batch.
 * A process of its own, so that an answer that is read for ever can be ended.
 */
const MOST_SHOWN = 5;
/** One case in so many also makes evidence for the journal. */
const JOURNALED = 5;

async function run(first: number, cases: number, batch: number): Promise<void> {
  const plain = createCalls(false);
  const journaled = createCalls(true);
  const clean = prototypes();
  for (let from = first; from < first + cases; from += batch) {
    const sums = { from, cases: 0, read: 0, refused: 0, slowestMs: 0, slowest: 0, faults: [] as string[] };
    for (let seed = from; seed < Math.min(from + batch, first + cases); seed += 1) {
      const random = new Seeded(seed);
      const { subject, status, body, isJson } = random.one(VALID_ANSWERS);
      const bytes = mutated(body, isJson, random);
      const began = performance.now();
      const call = seed % JOURNALED === 0 ? journaled : plain;
      const fault = await call(subject, { status, body: bytes }).then(
        (result) => {
          sums.read += 1;
          return faultOfResult(result, bytes.length);
        },
        (error: unknown) => {
          sums.refused += 1;
          return faultOfError(error);
        },
      );
      const took = Math.round(performance.now() - began);
      if (took > sums.slowestMs) Object.assign(sums, { slowestMs: took, slowest: seed });
      sums.cases += 1;
      if (fault !== undefined) sums.faults.push(`seed ${seed} (${subject} ${status}): ${fault}`);
    }
    if (prototypes() !== clean)
      sums.faults.push(`a prototype was changed between seeds ${from} and ${from + batch}`);
    process.stdout.write(`${JSON.stringify({ ...sums, faults: sums.faults.slice(0, MOST_SHOWN) })}\n`);
  }
}

const [first = 1, cases = 1_000, batch = 1_000] = process.argv.slice(2).map(Number);
run(first, cases, batch).catch((error: unknown) => {
  process.stderr.write(error instanceof Error ? (error.stack ?? error.message) : 'failed');
  process.exitCode = 1;
});
