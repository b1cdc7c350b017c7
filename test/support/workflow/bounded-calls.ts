import { type WorkflowClientInterceptor } from '@temporalio/client';

const ANSWER_MS = 20_000;

/**
 * A query or an update that no worker takes up is asked for again and again by the SDK, each time with a
 * deadline of its own. Here it fails once, in words.
 */
export const boundedCalls: WorkflowClientInterceptor = {
  query: (input, next) => answered(`query "${input.queryType}" of ${idOf(input)}`, () => next(input)),
  startUpdate: (input, next) => answered(`update "${input.updateName}" of ${idOf(input)}`, () => next(input)),
};

function idOf({ workflowExecution }: { workflowExecution: { workflowId?: string | null } }): string {
  return workflowExecution.workflowId ?? 'a workflow';
}

async function answered<T>(what: string, ask: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const error = new Error(`no worker answered the ${what} within ${ANSWER_MS} ms`);
    timer = setTimeout(() => reject(error), ANSWER_MS);
  });
  try {
    return await Promise.race([ask(), late]);
  } finally {
    clearTimeout(timer);
  }
}
