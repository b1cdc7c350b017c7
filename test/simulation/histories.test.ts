import { killRemaining } from '../support/child-processes';
import { KEPT } from '../support/simulation/kept';
import { seedsReportSchema } from '../support/simulation/protocol';
import { runOrder } from '../support/simulation/run-order';

afterEach(killRemaining);

async function failedOf(from: number, count: number): Promise<unknown> {
  const [answer] = await runOrder({ kind: 'seeds', from, count }, 1);
  const { histories, failed } = seedsReportSchema.parse(answer);
  expect(histories).toBe(count);
  return failed;
}

test('200 histories end as the account of who did what demands', async () => {
  expect(await failedOf(1, 200)).toEqual([]);
}, 900_000);

test.each(KEPT)(
  'seed $seed ends well ($was)',
  async ({ seed }) => {
    expect(await failedOf(seed, 1)).toEqual([]);
  },
  300_000,
);
