import { type Connection } from '../concur/connection';
import { isClassified } from '../sync/engine/failures';

/** An outage is waited for so many times, then the entity leaves all the same. */
export const MOST_REVOCATIONS = 5;

/**
 * Revokes a connection at Concur. What stands against it does not keep an entity from leaving: a connection
 * that is dead or denied has nothing to revoke.
 * @param attempt of the activity, from 1
 * @throws the failure of an outage before the last attempt, so that it is tried again
 */
export async function revokeOrGiveUp(
  connection: Pick<Connection, 'revoke'>,
  attempt: number,
): Promise<'disconnected' | 'not-supported' | 'given-up'> {
  try {
    return await connection.revoke();
  } catch (error) {
    if (!isClassified(error)) throw error;
    if (error.failureClass === 'retry' && attempt < MOST_REVOCATIONS) throw error;
    return 'given-up';
  }
}
