import { sql } from 'kysely';
import { EntityUnknown } from '../errors';
import { type Executor, violates } from './support';

/**
 * Locks the entity, so that two who number something of it wait for each other and numbers have no race.
 * @throws EntityUnknown
 */
export async function holdNumbers(tx: Executor, entityId: string): Promise<void> {
  const { rows } = await sql`select 1 from entities where id = ${entityId} for update`.execute(tx);
  if (rows.length === 0) throw new EntityUnknown(entityId);
}

/** The number that an insert answered. @throws EntityUnknown where it answered none */
export function numberOf(entityId: string, rows: readonly { readonly number: number }[]): number {
  const [row] = rows;
  if (row === undefined) throw new EntityUnknown(entityId);
  return row.number;
}

/**
 * Writes what there may be one open of.
 * @param constraint the index that says so
 * @throws `refusal()` where one is open already
 */
export async function onlyOneOpen<T>(
  constraint: string,
  refusal: () => Error,
  write: () => Promise<T>,
): Promise<T> {
  try {
    return await write();
  } catch (error) {
    throw violates(error, constraint) ? refusal() : error;
  }
}
