import { Context } from '@temporalio/activity';

/** Well within the heartbeat time-outs of workflows/activity-types.ts; work shorter than this sends none. */
const BEAT_MS = 10_000;

export type Progress = Readonly<Record<string, number>>;

/**
 * Shows Temporal that the process lives while the work goes on, so that the work of a killed worker is given
 * to another one within the heartbeat time-out; single calls end by their own time-outs.
 * @param work is handed a function that tells how far it is
 */
export async function alive<T>(work: (tell: (progress: Progress) => void) => Promise<T>): Promise<T> {
  const context = Context.current();
  let last: Progress = {};
  const timer = setInterval(() => context.heartbeat(last), BEAT_MS);
  try {
    return await work((progress) => {
      last = progress;
    });
  } finally {
    clearInterval(timer);
  }
}
