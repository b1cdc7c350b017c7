import { killRemaining } from '../../support/child-processes';
import { testPostgres, type TestPostgres } from '../../support/local-servers';
import { complaints, runStorm } from '../../support/storm/storm';

let postgres: TestPostgres;
beforeAll(async () => {
  postgres = await testPostgres();
}, 120_000);
afterAll(() => postgres.stop());
afterEach(killRemaining);

/** The full form is `npm run soak -- storm`. */
it('fifty calls of two processes survive every expiry with one refresh, whatever the token endpoint does', async () => {
  const report = await runStorm({
    databaseUrl: await postgres.createDatabase(),
    expiries: 40,
    processes: 2,
    calls: 50,
  });
  expect(complaints(report)).toEqual([]);
  // There were faults, and Concur's port was closed: else the storm proves nothing.
  expect(report.tokenRequests.requests).toBeGreaterThan(report.expiries + 3);
  expect(report.refusedRounds).toBeGreaterThan(0);
  expect(report.repeated['concur-unreachable']).toBeGreaterThan(0);
}, 120_000);
