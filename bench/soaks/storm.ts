import { testPostgres } from '../../test/support/local-servers';
import { complaints, runStorm, STORM_FAULTS } from '../../test/support/storm/storm';
import { type Soak } from '../lib/soak';

const TOLD_EVERY = 50;

/** The short form is test/integration/concur/token-storm.test.ts. */
export const storm: Soak = {
  name: 'storm',
  title:
    '50 parallel calls of two processes, the access token expiring again and again, a failing token endpoint',
  times: 1_000,
  async run({ times, say, atTheEnd }) {
    const postgres = await testPostgres();
    atTheEnd(() => postgres.stop());
    const report = await runStorm({
      databaseUrl: await postgres.createDatabase(),
      expiries: times,
      processes: 2,
      calls: 50,
      onRound: (round) => {
        if (round % TOLD_EVERY === 0) say(`${round} of ${times} expiries`);
      },
    });
    return { figures: { faults: STORM_FAULTS, ...report }, complaints: complaints(report) };
  },
};
