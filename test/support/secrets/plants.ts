import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type Client as TemporalClient, type WorkflowHandle } from '@temporalio/client';
import { Client as PostgresClient } from 'pg';
import { argumentsOf } from '../chaos/processes';
import { waitUntil } from '../wait-until';
import { type Needle } from './needles';

/** A table of its own beside those of the product, with the needle in a row. */
export async function plantRow(databaseUrl: string, { value }: Needle): Promise<void> {
  const client = new PostgresClient({ connectionString: databaseUrl });
  await client.connect();
  try {
    await client.query('create table planted (text text)');
    await client.query('insert into planted values ($1)', [value]);
  } finally {
    await client.end();
  }
}

/**
 * A workflow that nobody works on, started with the needle as its argument; its id begins with `planted`.
 * @param client one without our codec, so that the needle arrives in plain
 */
export function plantHistory(client: TemporalClient, { value }: Needle): Promise<WorkflowHandle> {
  const workflowId = `planted-by-test-${randomUUID()}`;
  return client.workflow.start('planted', {
    workflowId,
    taskQueue: 'nobody-works-here',
    args: [{ text: value }],
  });
}

/** A process that has the needle among its arguments, until it is ended. */
export async function plantArgument({ value }: Needle): Promise<{ pid: number; end(): Promise<void> }> {
  const child = spawn(process.execPath, ['--eval', 'setInterval(() => {}, 60_000)', '--', value], {
    stdio: 'ignore',
  });
  await once(child, 'spawn');
  const pid = child.pid ?? 0;
  await waitUntil('the planted process', () => argumentsOf(pid).length > 0);
  return {
    pid,
    async end() {
      const ended = once(child, 'exit');
      child.kill('SIGKILL');
      await ended;
    },
  };
}
