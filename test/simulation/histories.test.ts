import { killRemaining } from '../support/child-processes';
import { seedsReportSchema } from '../support/simulation/protocol';
import { runOrder } from '../support/simulation/run-order';

afterEach(killRemaining);

test('60 histories end as the account of who did what demands', async () => {
  const [answer] = await runOrder({ kind: 'seeds', from: 1, count: 60 }, 1);
  const { histories, failed } = seedsReportSchema.parse(answer);
  expect({ histories, failed }).toEqual({ histories: 60, failed: [] });
}, 600_000);
