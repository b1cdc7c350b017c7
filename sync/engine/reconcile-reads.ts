import { type Entity } from '../../hub/types';
import { isRecordFailure, isTransientFailure } from './failures';
import { type EngineDeps } from './ports';
import { covers, EVERYTHING, listQuery } from './pull';
import { type Comparing } from './reconcile-types';

const READ_ATTEMPTS = 3;
const WAIT_MS = 1_000;

/** Reads again what may pass: a cut-off answer, a short outage. */
export async function patiently<T>(deps: Pick<EngineDeps, 'clock'>, read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await read();
    } catch (error) {
      const mayPass =
        isTransientFailure(error) || (isRecordFailure(error) && error.code === 'ProfileUnreadable');
      if (attempt >= READ_ATTEMPTS || !mayPass) throw error;
      await deps.clock.sleep(WAIT_MS * attempt);
    }
  }
}

/**
 * Of these logins (lower case, with Concur's clock when each was read last) those that the next poll is about
 * to bring: Concur lists them as changed after the cursor, and nobody has read them since.
 */
export async function aboutToArrive(
  { deps, settings }: Comparing,
  { id }: Entity,
  logins: ReadonlyMap<string, Date | undefined>,
): Promise<Set<string>> {
  const arriving = new Set<string>();
  if (logins.size === 0) return arriving;
  // Read anew: it moves with every poll.
  const entity = await deps.store.entity(id);
  const since = entity.cursor ?? EVERYTHING;
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    const list = await deps.concur.listSummaries(listQuery(entity, settings, { since, page }));
    if (list.rows.length === 0) break;
    pages = list.totalPages;
    for (const { loginId, modifiedAt } of list.rows) {
      const login = loginId.toLowerCase();
      if (logins.has(login) && !covers(logins.get(login), modifiedAt)) arriving.add(login);
    }
  }
  return arriving;
}
