import { historyOf } from './history';
import { type Figures, runHistory } from './run';
import { type Ground } from './world';
import { type SeedsReport } from './protocol';

/** Runs the histories of seeds one after the other. */
export async function runAll(ground: Ground, from: number, count: number): Promise<SeedsReport> {
  const began = process.cpuUsage();
  const statements = ground.statements();
  const sums: Figures = {
    calls: 0,
    writes: 0,
    drops: 0,
    failures: 0,
    lostByLimit: 0,
    echoed: 0,
    swept: 0,
    crossed: 0,
    quarantined: 0,
    conflicts: 0,
  };
  const failed: { seed: number; complaints: readonly string[] }[] = [];
  for (let seed = from; seed < from + count; seed += 1) {
    const { complaints, figures } = await runHistory(ground, historyOf(seed));
    if (complaints.length > 0) failed.push({ seed, complaints });
    add(sums, figures);
  }
  const { user, system } = process.cpuUsage(began);
  return {
    from,
    histories: count,
    failed,
    figures: sums,
    statements: ground.statements() - statements,
    cpuSeconds: (user + system) / 1e6,
  };
}

export function add(sums: Figures, figures: Figures): void {
  for (const name of FIGURES) sums[name] += figures[name];
}

const FIGURES = [
  'calls',
  'writes',
  'drops',
  'failures',
  'lostByLimit',
  'echoed',
  'swept',
  'crossed',
  'quarantined',
  'conflicts',
] as const satisfies readonly (keyof Figures)[];
