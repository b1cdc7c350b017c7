import { Context } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { pino } from 'pino';
import { noteWorkContext, workContext } from '../../../workers/log-context';

/** Runs an activity as a worker does, and returns the lines that were logged within it. */
async function linesOf(...args: readonly unknown[]): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  const log = pino(
    { mixin: workContext, base: null },
    { write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const env = new MockActivityEnvironment({ attempt: 2, activityType: 'pullChanges' });
  await env.run(async () => {
    const execute = noteWorkContext(Context.current()).inbound?.execute;
    await execute?.({ args: [...args], headers: {} }, async () => {
      await Promise.resolve();
      log.warn({ correlationId: 'c-1' }, 'within');
      return undefined;
    });
  });
  log.info('after');
  return lines;
}

describe('a line that is logged', () => {
  it('within an activity names entity, workflow, activity and attempt', async () => {
    const [within, after] = await linesOf({ entityId: 'acme', since: 'x' });
    expect(within).toMatchObject({
      msg: 'within',
      correlationId: 'c-1',
      entityId: 'acme',
      workflowId: 'test',
      activity: 'pullChanges',
      attempt: 2,
    });
    expect(within).toHaveProperty('runId');
    expect(after).not.toHaveProperty('workflowId');
  });

  it('within an activity of the whole fleet names no entity', async () => {
    const [within] = await linesOf();
    expect(within).toMatchObject({ workflowId: 'test' });
    expect(within).not.toHaveProperty('entityId');
  });
});
