import { isLocalServerError, type LocalServerError } from '../../../workers/local';

/** The error that this work ends with; fails if it succeeds or throws anything without a readable message. */
export async function failureOf(work: Promise<unknown>): Promise<LocalServerError> {
  try {
    await work;
  } catch (error) {
    if (isLocalServerError(error)) return error;
    throw error;
  }
  throw new Error('expected a failure, but it succeeded');
}
