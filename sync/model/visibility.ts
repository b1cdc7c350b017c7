import { type Image } from '../../hub/types';
import { imageOf, type Place, slotsOf } from './slots';

/** What a missing scope hides on reads (docs/concur.md §1, scopes). */
const HIDDEN_WITHOUT: Readonly<Record<string, readonly string[]>> = {
  PASSV: ['passports', 'visas', 'hasNoPassport'],
  EMERG: ['emergencyContact'],
  TSAI: ['tsaInfo'],
  UNUTX: ['unusedTickets'],
  COMPD: ['customFields'],
  MEDIC: ['general.medicalAlerts'],
  TMCSP: ['general.gdsProfileName', 'general.sabreProfileId', 'general.uuid'],
};

export type IsHidden = (place: Place | undefined) => boolean;

const SEES_ALL: IsHidden = () => false;

/** Tells the places that a connection with these granted scopes cannot see; no scopes known: sees all. */
export function hiddenPlaces(scopes: readonly string[]): IsHidden {
  if (scopes.length === 0) return SEES_ALL;
  const hidden = Object.entries(HIDDEN_WITHOUT)
    .filter(([scope]) => !scopes.includes(scope))
    .flatMap(([, paths]) => paths);
  if (hidden.length === 0) return SEES_ALL;
  return (place) => {
    if (place === undefined) return false;
    const path = place.path.join('.');
    return hidden.some((prefix) => path === prefix || path.startsWith(`${prefix}.`));
  };
}

/**
 * What Concur showed, completed by what was last seen in the places that are hidden now: a scope that was
 * taken away must not look like a traveller whose passports were deleted.
 */
export function withHidden(shown: Image, lastSeen: Image | undefined, isHidden: IsHidden): Image {
  if (isHidden === SEES_ALL) return shown;
  const slots = slotsOf(shown);
  for (const [id, slot] of slots) if (isHidden(slot.place)) slots.delete(id);
  for (const [id, slot] of lastSeen === undefined ? [] : slotsOf(lastSeen)) {
    if (isHidden(slot.place)) slots.set(id, slot);
  }
  return imageOf(slots);
}
