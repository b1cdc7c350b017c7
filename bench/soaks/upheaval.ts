import { complaints, FAULTS, runUpheaval } from '../../test/support/upheaval/upheaval';
import { type Soak } from '../lib/soak';

const KILLS = { workerKills: 10, temporalKills: 3, postgresKills: 1 } as const;

export const upheaval: Soak = {
  name: 'upheaval',
  title:
    'travellers that both sides edit while 30 % of all calls fail, the worker is killed ten times, Temporal three times and PostgreSQL once',
  times: 1_000,
  async run({ times, say, atTheEnd }) {
    const report = await runUpheaval({ travellers: times, ...KILLS, say, atTheEnd });
    const { lost, duplicated, wronglyChanged, ...figures } = report;
    const sums = {
      lost: lost.length,
      duplicated: duplicated.length,
      wronglyChanged: wronglyChanged.length,
    };
    return {
      figures: { travellers: times, faults: FAULTS, ...sums, ...figures },
      complaints: complaints(report),
    };
  },
};
