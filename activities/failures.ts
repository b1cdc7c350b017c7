import { ApplicationFailure } from '@temporalio/common';
import { isEntityErased } from '../hub';
import { isClassified } from '../sync/engine/failures';

/**
 * Translates a typed failure for Temporal: the type is the cause's name, what passes by itself is retried
 * after the wait it names, what needs a person is not. The message is in words and without personal data.
 */
export function toApplicationFailure(error: unknown): unknown {
  // An erasure overtook the work: trying again will never help.
  if (isEntityErased(error)) return ApplicationFailure.nonRetryable(error.message, error.name);
  if (error instanceof ApplicationFailure || !isClassified(error)) return error;
  const wait =
    'retryAfterMs' in error && typeof error.retryAfterMs === 'number' ? error.retryAfterMs : undefined;
  return ApplicationFailure.create({
    type: error.name,
    message: error.message,
    nonRetryable: error.failureClass === 'person',
    details: [
      {
        code: error.code,
        ...(error.correlationId === undefined ? {} : { correlationId: error.correlationId }),
      },
    ],
    ...(wait === undefined ? {} : { nextRetryDelay: wait }),
  });
}

/** Runs the body of an activity; whatever fails leaves as an ApplicationFailure with a stable type. */
export async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw toApplicationFailure(error);
  }
}
