import { type Entity, type Image, type SyncState } from '../../hub/types';
import { imageOfProfile } from './absorb';
import { findProfile } from './identity';
import { type EngineDeps } from './ports';

/**
 * What Concur holds of one bound traveller, as far as it can be known: what every comparison of the two sides
 * reads.
 * @returns undefined when the traveller is not bound
 * @throws RecordFailure `IdentityChanged` or `ProfileMissing`; the port's failure
 */
export async function concurSide(
  deps: EngineDeps,
  entity: Entity,
  state: SyncState,
): Promise<Image | undefined> {
  const { locator: login, concurUuid: uuid, xmlProfileSyncId: syncId } = state;
  const found = await findProfile(deps, { login, uuid, syncId });
  return found === undefined ? undefined : imageOfProfile(entity, found.profile, state.baseConcur);
}
