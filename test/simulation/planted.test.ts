import { killRemaining } from '../support/child-processes';
import { huntReportSchema } from '../support/simulation/protocol';
import { runOrder } from '../support/simulation/run-order';

afterEach(killRemaining);

/** Histories each may take: docs/simulation.md says how many it took. */
const BUDGET = 80;

const FOUND = [
  'no-overlap',
  'list-sent-partial',
  'echo-not-recognised',
  'intent-not-written',
  'adopted-without-intent',
  'conflicts-not-kept',
];

test('each of these planted bugs is found, by a history that is silent without it', async () => {
  const answers = await runOrder({ kind: 'plants', plants: FOUND, most: BUDGET }, FOUND.length);
  const missed = answers
    .map((answer) => huntReportSchema.parse(answer))
    .filter(({ complaint }) => complaint === undefined);
  expect(missed).toEqual([]);
}, 600_000);
