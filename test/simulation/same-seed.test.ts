import { killRemaining } from '../support/child-processes';
import { twiceReportSchema } from '../support/simulation/protocol';
import { runOrder } from '../support/simulation/run-order';

afterEach(killRemaining);

test('the same seed is the same run, call by call', async () => {
  const seeds = [3, 22, 68, 101, 1_234];
  const answers = await runOrder({ kind: 'twice', seeds }, seeds.length);
  for (const answer of answers) {
    const { first, second } = twiceReportSchema.parse(answer);
    expect(first.length).toBeGreaterThan(10);
    expect(second).toEqual(first);
  }
}, 300_000);
