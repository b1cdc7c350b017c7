import { sleep } from '@temporalio/workflow';
import * as original from '../../../workflows';
import { type PublishInput } from '../../../workflows/messages';

export * from '../../../workflows';

/** A change that forgot `patched()`: it waits before it drains, which no recorded history did. */
export async function publishChanges(input: PublishInput): Promise<void> {
  await sleep('1 second');
  await original.publishChanges(input);
}
