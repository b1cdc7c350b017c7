import { CARDS } from './cards';
import { PROFILE_ELEMENTS } from './elements';
import { type ChangesOf, type JsonOf } from './nodes';

/**
 * THE table of a traveller: the elements of the profile, and the cards, which Concur reads and writes by
 * calls of their own (docs/concur.md §4, docs/decisions/0020).
 */
export const TRAVELLER_ELEMENTS = { ...PROFILE_ELEMENTS, cards: CARDS } as const;

export type SectionName = keyof typeof TRAVELLER_ELEMENTS;

/** A traveller's sections as JSON; an absent field is unknown or empty, never `null`. */
export type ProfileSections = {
  -readonly [S in SectionName]?: JsonOf<(typeof TRAVELLER_ELEMENTS)[S]>;
};

function isSectionName(name: string): name is SectionName {
  return name in TRAVELLER_ELEMENTS;
}

/** Section names in the schema's order, the cards last. */
export const SECTION_NAMES: readonly SectionName[] = Object.keys(TRAVELLER_ELEMENTS).filter(isSectionName);

/** What a write does to a profile: a value is set, `null` and `[]` clear, what is absent is left alone. */
export type SectionChanges = {
  -readonly [S in keyof typeof PROFILE_ELEMENTS]?: ChangesOf<(typeof PROFILE_ELEMENTS)[S]>;
};
