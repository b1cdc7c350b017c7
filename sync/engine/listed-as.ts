import { type ConcurProfiles, type ProfileRead, type ProfileSummary } from '../../concur/types';
import { RecordFailure } from './failures';
import { type Glimpse } from './ports';

/** Who a listed login belongs to where Concur shows no UUIDs. */
export interface ListedAs {
  readonly syncId: string;
  /** Logins (lower case) of others that the hub knows by the same sync id: it is not unique then. */
  readonly alsoOf: readonly string[];
}

/** @param row as the list showed it; absent: as the hub knows it */
export function listedAs(
  { loginId, row }: { readonly loginId: string; readonly row?: ProfileSummary },
  glimpses: readonly Glimpse[],
): ListedAs | undefined {
  const login = loginId.toLowerCase();
  const known = glimpses.find(({ locator }) => locator?.toLowerCase() === login);
  const syncId = row?.xmlProfileSyncId ?? known?.xmlProfileSyncId;
  if (syncId === undefined) return undefined;
  const alsoOf = glimpses.flatMap(({ locator, xmlProfileSyncId }) =>
    xmlProfileSyncId === syncId && locator !== undefined ? [locator.toLowerCase()] : [],
  );
  return { syncId, alsoOf: alsoOf.filter((other) => other !== login) };
}

export const LOGIN_MOVED = 'LoginMoved';

/**
 * Makes sure that the profile which was read by login is the one that was listed: between the two the login may
 * have gone to somebody else, and without UUIDs only the sync id tells. v1's answers name no login.
 * @throws RecordFailure `LoginMoved`; the list of the next poll shows who has which login
 */
export async function demandListed(
  concur: Pick<ConcurProfiles, 'readProfile'>,
  { profile, correlationId }: ProfileRead,
  listed: ListedAs | undefined,
): Promise<void> {
  if (listed === undefined || profile.uuid !== undefined || profile.apiVersion === 1) return;
  const bySyncId = await concur.readProfile({ type: 'xmlsyncid', value: listed.syncId });
  const login = bySyncId?.profile.loginId.toLowerCase();
  if (login === undefined || login === profile.loginId.toLowerCase() || listed.alsoOf.includes(login)) return;
  throw new RecordFailure(
    LOGIN_MOVED,
    'The login went to another person while its profile was read, so nothing of it was taken. The next poll reads both again.',
    correlationId === undefined ? {} : { correlationId },
  );
}
