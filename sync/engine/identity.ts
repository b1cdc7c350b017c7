import { type ProfileRead } from '../../concur/types';
import { RecordFailure } from './failures';
import { type EngineDeps } from './ports';

export interface BoundTo {
  readonly login: string | undefined;
  readonly uuid: string | undefined;
}

/**
 * The Concur profile a traveller is bound to (docs/architecture.md, "Identity"): read by login, accepted
 * only if its UUID is the bound one, else looked for by UUID, so that a renamed login is followed and a
 * reused one never takes over somebody else.
 * @returns undefined when the traveller is not bound
 * @throws RecordFailure `IdentityChanged` or `ProfileMissing`
 */
export async function findProfile(deps: EngineDeps, bound: BoundTo): Promise<ProfileRead | undefined> {
  const { login, uuid } = bound;
  if (login === undefined && uuid === undefined) return undefined;
  const byLogin =
    login === undefined ? undefined : await deps.concur.readProfile({ type: 'login', value: login });
  if (byLogin !== undefined && isSame(byLogin, uuid)) return byLogin;
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

/** Where no UUID is to be had (scope TMCSP missing) the login is the identity. */
function isSame(read: ProfileRead, uuid: string | undefined): boolean {
  return uuid === undefined || read.profile.uuid === undefined || read.profile.uuid === uuid;
}

function correlation(read: ProfileRead): { correlationId?: string } {
  return read.correlationId === undefined ? {} : { correlationId: read.correlationId };
}
