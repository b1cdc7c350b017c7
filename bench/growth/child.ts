import { pullOnce } from '../../sync/engine/pull';
import { measured } from '../lib/measure';
import { openWorld } from '../lib/world';
import { type Grown, orderSchema } from './protocol';

/** Seeded in parts, so that the simulated Concur goes on answering. */
const SEEDED_AT_ONCE = 2_000;

/** The first read of a company of so many, in a process whose heap is small. */
async function main(): Promise<void> {
  const { databaseUrl, items } = orderSchema.parse(JSON.parse(process.argv[2] ?? ''));
  const world = await openWorld(databaseUrl);
  try {
    const companyUuid = await world.newCompany();
    for (let from = 0; from < items; from += SEEDED_AT_ONCE) {
      const count = Math.min(SEEDED_AT_ONCE, items - from);
      await world.sandbox.ask({ kind: 'seed', companyUuid, from, count, jobTitle: 'Grown' });
    }
    const entity = await world.connect(companyUuid);
    let seen = 0;
    let changed = 0;
    const measurement = await measured(async () => {
      ({ seen, changed } = await pullOnce(entity.deps, world.settings, entity.id));
      await world.flushJournal();
    });
    const grown: Grown = {
      ...measurement,
      seen,
      changed,
      rssPeakBytes: process.resourceUsage().maxRSS * 1024,
    };
    process.send?.(grown);
  } finally {
    await world.close();
  }
}

main().then(
  () => process.disconnect(),
  (error: unknown) => {
    process.stderr.write(`growth: ${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
