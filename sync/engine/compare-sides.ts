import { type Entity, type TravellerSync } from '../../hub/types';
import { compareImages, type Comparison } from '../model/compare';
import { hiddenPlaces } from '../model/visibility';
import { imageOfProfile, imageOfTraveller } from './absorb';
import { readConcurSide } from './concur-side';
import { type ClassifiedFailure } from './failures';
import { type EngineDeps } from './ports';

export interface ComparedSides extends Comparison {
  /** Why the cards were compared as they were last seen, which says nothing about them. */
  readonly cardsFailure?: ClassifiedFailure;
}

/**
 * Reads Concur's side of a traveller and compares it with the hub's: what verification and reconciliation do.
 * @returns undefined when the traveller is not bound
 * @throws RecordFailure `IdentityChanged` or `ProfileMissing`; the port's failure
 */
export async function compareSides(
  deps: EngineDeps,
  entity: Entity,
  { traveller, state }: TravellerSync,
): Promise<ComparedSides | undefined> {
  const { locator: login, concurUuid: uuid, xmlProfileSyncId: syncId } = state;
  const side = await readConcurSide(deps, entity, { login, uuid, syncId });
  if (side === undefined) return undefined;
  const concur = imageOfProfile(entity, side.profile, state.baseConcur);
  const compared = compareImages(imageOfTraveller(traveller), concur, {
    notes: state.notes,
    rule: entity.conflictRule,
    isHidden: hiddenPlaces(entity.scopes),
  });
  return { ...compared, ...(side.cardsFailure === undefined ? {} : { cardsFailure: side.cardsFailure }) };
}
