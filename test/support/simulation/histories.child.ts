import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { transformSync } from '@swc/core';
import { runAll } from './batch';
import { historyOf } from './history';
import { orderSchema } from './protocol';
import { runHistory } from './run';
import { type Plant, planted, plantNamed } from './plants';
import { type Ground, openGround } from './world';

/**
 * Runs histories in a process of its own, where PGlite computes in the same thread and bugs can be planted:
 *   node test/support/run-ts.mjs test/support/simulation/histories.child.ts <order as JSON>
 * Prints a line of JSON for each part of the order; see protocol.ts.
 */
async function main(): Promise<void> {
  const order = orderSchema.parse(JSON.parse(process.argv[2] ?? '{}'));
  const ground = await openGround();
  if (order.kind === 'seeds') await runSeeds(ground, order.from, order.count);
  else if (order.kind === 'twice') await runTwice(ground, order.seeds);
  else for (const name of order.plants) await hunt(ground, plantNamed(name), order.most);
  await ground.db.destroy();
}

function tell(line: unknown): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

async function runSeeds(ground: Ground, from: number, count: number): Promise<void> {
  tell(await runAll(ground, from, count));
}

async function runTwice(ground: Ground, seeds: readonly number[]): Promise<void> {
  for (const seed of seeds) {
    const [first, second] = [
      await runHistory(ground, historyOf(seed)),
      await runHistory(ground, historyOf(seed)),
    ];
    tell({ seed, first: first.trace, second: second.trace });
  }
}

/** Looks for a planted bug, seed after seed. */
async function hunt(ground: Ground, plant: Plant, most: number): Promise<void> {
  const runPlanted = withPlant(plant);
  for (let seed = 1; seed <= most; seed += 1) {
    const { complaints } = await runPlanted(ground, historyOf(seed));
    const [complaint] = complaints;
    if (complaint === undefined) continue;
    // Found is only what the same history is silent about without the bug.
    const control = await runHistory(ground, historyOf(seed));
    if (control.complaints.length > 0) continue;
    return tell({ name: plant.name, histories: seed, complaint });
  }
  tell({ name: plant.name, histories: most });
}

const FRESH = /\/(?:sync\/(?:engine|model)|test\/support\/simulation)\/[^/]+\.ts$/;

/** The simulation, loaded anew with the bug in the engine. */
function withPlant(plant: Plant): typeof runHistory {
  for (const path of Object.keys(require.cache)) if (FRESH.test(path)) delete require.cache[path];
  const load = require.extensions['.ts'];
  const left = new Set(plant.edits.map(({ file }) => file));
  require.extensions['.ts'] = (module: unknown, path: string): void => {
    const source = planted(plant, path, readFileSync(path, 'utf8'));
    if (source === undefined) {
      if (load === undefined) throw new Error('nothing loads TypeScript here');
      return void Reflect.apply(load, undefined, [module, path]);
    }
    for (const file of left) if (path.endsWith(file)) left.delete(file);
    const { code } = transformSync(source, {
      filename: path,
      module: { type: 'commonjs' },
      jsc: { target: 'es2022', parser: { syntax: 'typescript' } },
    });
    const compile: unknown = Reflect.get(Object(module), '_compile');
    if (typeof compile !== 'function') throw new Error('a module cannot be compiled');
    Reflect.apply(compile, module, [code, path]);
  };
  const loaded: unknown = createRequire(__filename)('./run');
  require.extensions['.ts'] = load;
  if (left.size > 0) throw new Error(`${plant.name} was not planted: ${[...left].join()} was not loaded`);
  if (!isRun(loaded)) throw new Error('the simulation could not be loaded anew');
  return loaded.runHistory;
}

function isRun(value: unknown): value is { readonly runHistory: typeof runHistory } {
  return typeof value === 'object' && value !== null && 'runHistory' in value;
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
