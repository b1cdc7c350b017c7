import { getExternalWorkflowHandle, isCancellation, log, type SignalDefinition } from '@temporalio/workflow';
import { workflowIds } from './messages';

/**
 * Signals the entity's lifecycle. Where none runs there is nobody to tell, and who tells must not fail of it:
 * the sweep starts a missing lifecycle from what SQL knows (docs/architecture.md, workflows).
 */
export async function tellLifecycle<Arg>(
  entityId: string,
  signal: SignalDefinition<[Arg]>,
  arg: Arg,
): Promise<void> {
  try {
    await getExternalWorkflowHandle(workflowIds.lifecycle(entityId)).signal(signal, arg);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.warn('The lifecycle could not be told', { entityId, signal: signal.name, error });
  }
}
