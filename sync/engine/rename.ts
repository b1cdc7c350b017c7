import { type ConcurProfile, type ConcurProfiles } from '../../concur/types';
import { type Glimpse } from './ports';
import { type Candidate, type Lookalike } from './pull-store';

/** A sync id that more travellers share than this identifies nobody. */
const MOST_LOOKALIKES = 5;

/** Travellers that an unknown login might have been: those with its sync id. A known login is nobody's new one. */
export function lookalikesOf(candidate: Candidate, glimpses: readonly Glimpse[]): Lookalike[] {
  const syncId = candidate.row?.xmlProfileSyncId;
  const login = candidate.loginId.toLowerCase();
  if (syncId === undefined || glimpses.some(({ locator }) => locator?.toLowerCase() === login)) return [];
  return glimpses
    .filter(({ xmlProfileSyncId }) => xmlProfileSyncId === syncId)
    .flatMap(({ locator, concurUuid }) =>
      locator === undefined ? [] : [{ login: locator, hasUuid: concurUuid !== undefined }],
    );
}

/**
 * Whether a profile under an unknown login might be a traveller whose login was renamed: one of its lookalikes
 * is no longer shown. While all of them are, the sync id is merely not unique. Where both have a UUID, that
 * tells, and nobody is asked.
 */
export async function mayBeRenamed(
  concur: Pick<ConcurProfiles, 'readProfile'>,
  profile: ConcurProfile,
  lookalikes: readonly Lookalike[],
): Promise<boolean> {
  if (lookalikes.length > MOST_LOOKALIKES) return false;
  for (const { login, hasUuid } of lookalikes) {
    if (hasUuid && profile.uuid !== undefined) continue;
    if ((await concur.readProfile({ type: 'login', value: login })) === undefined) return true;
  }
  return false;
}
