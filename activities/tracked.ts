import { isClassified } from '../sync/engine/failures';
import { alive, type Progress } from './alive';
import { type ActivityDeps } from './deps';

/** A failure is recorded where people look before it goes to the workflow. */
export async function trackedAlive<T>(
  deps: ActivityDeps,
  entityId: string,
  work: (tell: (progress: Progress) => void) => Promise<T>,
): Promise<T> {
  try {
    return await alive(work);
  } catch (error) {
    const [code, correlationId] = isClassified(error) ? [error.code, error.correlationId] : ['unknown'];
    const words = isClassified(error)
      ? error.message
      : 'The work failed for an unknown reason; the log has it.';
    deps.log.warn({ entityId, code, correlationId, err: isClassified(error) ? undefined : error }, words);
    const person = isClassified(error) && error.failureClass === 'person';
    await deps.store.entities.setState(entityId, {
      health: person ? 'failing' : 'degraded',
      healthReason: words,
    });
    throw error;
  }
}
