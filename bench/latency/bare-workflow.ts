import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';

/** What the yardstick's activities are; the worker has them. */
export interface BareActivities {
  post(number: number): Promise<void>;
}

export const postNumber = defineSignal<[number]>('postNumber');

const { post } = proxyActivities<BareActivities>({ startToCloseTimeout: '1 minute' });

/** The least that Temporal needs between somebody's word and a call: a signal, an activity. */
export async function bareLoop(): Promise<void> {
  const waiting: number[] = [];
  setHandler(postNumber, (number) => void waiting.push(number));
  for (;;) {
    await condition(() => waiting.length > 0);
    await Promise.all(waiting.splice(0).map((number) => post(number)));
  }
}
