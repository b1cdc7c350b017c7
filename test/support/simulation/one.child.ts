import { historyOf } from './history';
import { runHistory } from './run';
import { openGround } from './world';

/** Shows one history call by call: node test/support/run-ts.mjs test/support/simulation/one.child.ts <seed> */
async function main(): Promise<void> {
  const ground = await openGround();
  const history = historyOf(Number(process.argv[2]));
  const { trace, complaints, figures } = await runHistory(ground, history);
  const lines = [JSON.stringify(history), ...trace, JSON.stringify(figures), ...complaints];
  process.stdout.write(`${lines.join('\n')}\n`);
  await ground.db.destroy();
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exit(1);
});
