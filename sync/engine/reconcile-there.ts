import { type ProfileSummary } from '../../concur/types';
import { type Entity, type FoundItem } from '../../hub/types';
import { isRecordFailure, isTransientFailure } from './failures';
import { settleOrThrow } from './pool';
import { covers, EVERYTHING, listQuery } from './pull';
import { type Comparing } from './reconcile-types';
import { patiently } from './reconcile-reads';

export interface FoundThere {
  readonly items: readonly FoundItem[];
  readonly listed: number;
  readonly withoutLogin: number;
  readonly totalPages: number;
}

/**
 * What there is to say about one page of Concur's list: profiles that are nobody's here. The list may lag and
 * moves while it is read, so each of them is read before it is reported.
 */
export async function findingsThere(comparing: Comparing, entity: Entity, page: number): Promise<FoundThere> {
  const { deps, settings, limit } = comparing;
  const list = await deps.concur.listSummaries(listQuery(entity, settings, { since: EVERYTHING, page }));
  const unknown = await unknownRows(comparing, entity, list.rows);
  const confirmed = await settleOrThrow(unknown, limit, (row) => confirm(comparing, entity, row));
  return {
    items: confirmed.filter((item) => item !== undefined),
    listed: list.rows.length,
    withoutLogin: list.withoutLogin ?? 0,
    totalPages: list.totalPages,
  };
}

/** Rows whose login is nobody's here. */
async function unknownRows(
  { deps }: Comparing,
  { id }: Entity,
  rows: readonly ProfileSummary[],
): Promise<ProfileSummary[]> {
  if (rows.length === 0) return [];
  const logins = rows.map((row) => row.loginId);
  const glimpses = await deps.store.glimpse(id, 'concur', { logins, syncIds: [], uuids: [] });
  const known = new Set(glimpses.map(({ locator }) => locator?.toLowerCase()));
  return rows.filter((row) => !known.has(row.loginId.toLowerCase()));
}

async function confirm(
  comparing: Comparing,
  entity: Entity,
  row: ProfileSummary,
): Promise<FoundItem | undefined> {
  const { deps } = comparing;
  const login = row.loginId;
  const found = (outcome: FoundItem['outcome'], code: string, reason: string): FoundItem => ({
    login,
    outcome,
    fields: [],
    code,
    reason,
  });
  const troubles = await deps.reconciliations.troubles(entity.id, { travellerIds: [], logins: [login] });
  const [trouble] = troubles;
  if (trouble !== undefined) return found('quarantined', trouble.code, trouble.reason);
  try {
    const read = await patiently(deps, () => deps.concur.readProfile({ type: 'login', value: login }));
    // Listed, but not shown: it has left the company or was renamed since.
    if (read === undefined) return undefined;
    const { uuid } = read.profile;
    const uuids = uuid === undefined ? [] : [uuid];
    const known = await deps.store.glimpse(entity.id, 'concur', { logins: [login], syncIds: [], uuids });
    // Bound under another login, or pulled meanwhile: then its own comparison has seen it.
    if (known.length > 0) return undefined;
  } catch (error) {
    if (!isRecordFailure(error) && !isTransientFailure(error)) throw error;
    return found('unread', error.code, error.message);
  }
  const { cursor } = await deps.store.entity(entity.id);
  return cursor === undefined || !covers(cursor, row.modifiedAt)
    ? found('pending', 'NewerInConcur', 'It is new in Concur; the next poll brings it.')
    : found('only-there', 'NotInHub', 'No poll has brought it, although it is no longer new.');
}
