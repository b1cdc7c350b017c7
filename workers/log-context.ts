import { AsyncLocalStorage } from 'node:async_hooks';
import { type ActivityInboundCallsInterceptor, type ActivityInterceptorsFactory } from '@temporalio/worker';
import { z } from 'zod';

/** What a log line says about the work it belongs to; ids of ours, nothing personal. */
export interface WorkContext {
  readonly entityId?: string;
  readonly workflowId?: string;
  readonly runId?: string;
  readonly activity?: string;
  readonly attempt?: number;
}

const storage = new AsyncLocalStorage<WorkContext>();
/** Every activity of ours that is about an entity names it so in its input. */
const aboutEntity = z.object({ entityId: z.string() });

/** Fields for every line that is logged within an activity, for the logger's `mixin`. */
export function workContext(): WorkContext {
  return storage.getStore() ?? {};
}

/** Notes what runs, so that whatever is logged below it can be found by entity and by workflow. */
export const noteWorkContext: ActivityInterceptorsFactory = ({ info }) => ({
  inbound: {
    execute(input, next) {
      const about = aboutEntity.safeParse(input.args[0]);
      const work: WorkContext = {
        ...(about.success ? { entityId: about.data.entityId } : {}),
        ...(info.workflowExecution === undefined
          ? {}
          : { workflowId: info.workflowExecution.workflowId, runId: info.workflowExecution.runId }),
        activity: info.activityType,
        attempt: info.attempt,
      };
      return storage.run(work, () => next(input));
    },
  } satisfies ActivityInboundCallsInterceptor,
});
