import { type Image } from '../../hub/types';
import { type CreditCard, isCompanyCard, version1 } from '../../profile';
import { imageOf, isItem, type Place, type Slot, slotsOf } from './slots';

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

/**
 * Tells the places that a connection with these granted scopes cannot see; no scopes known: sees all. In
 * Travel Profile v1 also what v1 has no element for (docs/concur.md §5).
 */
export function hiddenInProfile(scopes: readonly string[], apiVersion?: 1): IsHidden {
  const hidden = Object.entries(HIDDEN_WITHOUT)
    .filter(([scope]) => scopes.length > 0 && !scopes.includes(scope))
    .flatMap(([, paths]) => paths);
  if (apiVersion === 1) hidden.push(...version1.HIDDEN_IN_VERSION_1);
  if (hidden.length === 0) return SEES_ALL;
  return (place) => {
    if (place === undefined) return false;
    const path = place.path.join('.');
    return hidden.some((prefix) => path === prefix || path.startsWith(`${prefix}.`));
  };
}

const CARDS_SCOPE = 'FOP';
const COMPANY_CARDS_SCOPE = 'GHOST';

/** Cards are read by calls of their own, which are only made where their scope is known to be granted. */
export function showsCards(scopes: readonly string[]): boolean {
  return scopes.includes(CARDS_SCOPE);
}

/** Tells all places that a connection with these scopes neither shows nor takes, those of the cards included. */
export function hiddenPlaces(scopes: readonly string[]): IsHidden {
  const isHidden = hiddenInProfile(scopes);
  return (place) => (place?.section === 'cards' ? !showsCards(scopes) : isHidden(place));
}

/** The scope that shows a place. */
export function scopeOf(place: Place): string | undefined {
  if (place.section === 'cards') return CARDS_SCOPE;
  const path = place.path.join('.');
  const isWithin = (prefix: string): boolean => path === prefix || path.startsWith(`${prefix}.`);
  return Object.entries(HIDDEN_WITHOUT).find(([, paths]) => paths.some(isWithin))?.[0];
}

/** Cards as they can be known: where they were not looked at, and company cards without their scope, as last seen. */
export function knownCards(
  scopes: readonly string[],
  shown: readonly CreditCard[] | undefined,
  lastSeen: readonly CreditCard[] | undefined,
): readonly CreditCard[] | undefined {
  if (shown === undefined) return lastSeen;
  if (scopes.includes(COMPANY_CARDS_SCOPE)) return shown;
  return [...shown.filter((card) => !isCompanyCard(card)), ...(lastSeen ?? []).filter(isCompanyCard)];
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

/** A list element as it was shown, completed by the fields that Travel Profile v1 leaves out of it. */
export function withFieldsHiddenInVersion1(shown: Image, lastSeen: Image | undefined): Image {
  if (lastSeen === undefined) return shown;
  const before = slotsOf(lastSeen);
  const slots = [...slotsOf(shown)].map(([id, slot]): [string, Slot] => {
    const fields = version1.HIDDEN_FIELDS_IN_VERSION_1[slot.place?.path.join('.') ?? ''] ?? [];
    const last = before.get(id)?.value;
    if (fields.length === 0 || !isItem(last) || !isItem(slot.value)) return [id, slot];
    const hidden = Object.entries(last).filter(([name]) => fields.includes(name));
    return [id, { ...slot, value: { ...Object.fromEntries(hidden), ...slot.value } }];
  });
  return imageOf(new Map(slots));
}
