import { type ProfileRead } from '../../concur/types';
import { RecordFailure } from './failures';
import { type EngineDeps } from './ports';

export interface BoundTo {
  readonly login: string | undefined;
  readonly uuid: string | undefined;
  /** Checked where the profile tells no UUID; absent: the login alone decides. */
  readonly syncId?: string | undefined;
}

/**
 * Nothing is sent to an entity on Travel Profile v1 (docs/decisions/0018). The traveller is parked by it and
 * stays dirty, so that a retry after the move to v2 sends everything.
 */
export function refuseVersion1(): RecordFailure {
  return new RecordFailure(
    'ReadOnlyVersion',
    'The entity is on Travel Profile v1, which can only be read, so nothing was sent. Move the entity to apiVersion 2 as soon as Concur has enabled it, then retry.',
  );
}

/**
 * The Concur profile a traveller is bound to (docs/architecture.md, "Identity"): read by login, accepted
 * only if its UUID is the bound one, else looked for by UUID, so that a renamed login is followed and a
 * reused one never takes over somebody else. Without a UUID the login and its sync id are the identity: the
 * sync id must not lead to a profile with another login.
 * @returns undefined when the traveller is not bound
 * @throws RecordFailure `IdentityChanged` or `ProfileMissing`
 */
export async function findProfile(deps: EngineDeps, bound: BoundTo): Promise<ProfileRead | undefined> {
  const { login, uuid } = bound;
  if (login === undefined && uuid === undefined) return undefined;
  const byLogin =
    login === undefined ? undefined : await deps.concur.readProfile({ type: 'login', value: login });
  if (byLogin !== undefined && isSame(byLogin, uuid) && (await hasKeptSyncId(deps, byLogin, bound))) {
    return byLogin;
  }
  const byUuid =
    uuid === undefined ? undefined : await deps.concur.readProfile({ type: 'uuid', value: uuid });
  if (byUuid !== undefined && isSame(byUuid, uuid)) return byUuid;
  if (byLogin !== undefined) {
    throw new RecordFailure(
      'IdentityChanged',
      'The login now belongs to another person in Concur, so nothing was sent. Find the traveller in Concur and bind it again.',
      correlation(byLogin),
    );
  }
  throw new RecordFailure(
    'ProfileMissing',
    'Concur no longer shows the profile this traveller is bound to. Check in Concur whether it was deleted or moved to another company.',
  );
}

/**
 * A login is only free for somebody else after its profile was renamed, and then the sync id leads to the
 * renamed one. v1's answers name no login, so that nothing can be told there; nothing is written there either.
 */
async function hasKeptSyncId(deps: EngineDeps, byLogin: ProfileRead, bound: BoundTo): Promise<boolean> {
  const { profile } = byLogin;
  if (bound.syncId === undefined || profile.uuid !== undefined || profile.apiVersion === 1) return true;
  const bySyncId = await deps.concur.readProfile({ type: 'xmlsyncid', value: bound.syncId });
  const login = bySyncId?.profile.loginId.toLowerCase();
  return login === undefined || login === profile.loginId.toLowerCase();
}

/** Where no UUID is to be had (scope TMCSP missing) the login is the identity. */
function isSame(read: ProfileRead, uuid: string | undefined): boolean {
  return uuid === undefined || read.profile.uuid === undefined || read.profile.uuid === uuid;
}

function correlation(read: ProfileRead): { correlationId?: string } {
  return read.correlationId === undefined ? {} : { correlationId: read.correlationId };
}
