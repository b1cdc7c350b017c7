import { runTypeScript } from '../child-processes';
import { type Order } from './protocol';

/** Gives an order to a process of its own. @returns its first `lines` answers */
export async function runOrder(order: Order, lines: number): Promise<unknown[]> {
  const child = runTypeScript('simulation/histories.child.ts', [JSON.stringify(order)]);
  const answers: unknown[] = [];
  for (let line = 0; line < lines; line += 1) answers.push(await child.nextJson());
  await child.end('SIGTERM');
  return answers;
}
