import { type AnyNode, SECTION_NAMES, type SectionName, TRAVELLER_ELEMENTS } from '../../profile';
import { placeOfSlot, type Place, type SlotId, STATUS } from './slots';

function nodeAt(path: readonly string[]): AnyNode | undefined {
  const [section, ...rest] = path;
  const name = SECTION_NAMES.find((candidate) => candidate === section);
  if (name === undefined) return undefined;
  let node: AnyNode | undefined = TRAVELLER_ELEMENTS[name];
  for (const child of rest) node = node?.node === 'group' ? node.children[child] : undefined;
  return node;
}

const fields = new WeakMap<Place, string>();

/** Concur's name of a place, e.g. `General/FirstName` or `Telephones`: safe to show, holds no value. */
export function fieldOfPlace(place: Place): string {
  const known = fields.get(place);
  if (known !== undefined) return known;
  const field = place.path
    .map((_, index) => nodeAt(place.path.slice(0, index + 1))?.xml)
    .filter((xml) => xml !== undefined)
    .join('/');
  fields.set(place, field);
  return field;
}

/** Concur's name of the field a slot stands for; for a list element the list's. */
export function fieldOfSlot(id: SlotId): string {
  const place = placeOfSlot(id);
  return place === undefined ? 'Status' : fieldOfPlace(place);
}

/**
 * The slots that a Field of Concur's answer speaks of (`General/RuleClass`, `Telephones/CountryCode`). The
 * notations differ between versions (dots, full paths, a bare name), so what cannot be told finer covers
 * its whole section; a field that names nothing known covers nothing.
 */
export function slotsOfField(field: string, sent: readonly SlotId[]): SlotId[] {
  const parts = field
    .split(/[/.[\]]+/)
    .map((part) => part.trim().toLowerCase())
    .filter((part) => part !== '' && part !== 'profileresponse');
  const exact = sent.filter((id) => id !== STATUS && pathOf(id).at(-1) === parts.at(-1));
  if (parts.length === 1 && exact.length > 0) return exact;
  const section = SECTION_NAMES.find((name) => TRAVELLER_ELEMENTS[name].xml.toLowerCase() === parts[0]);
  if (section === undefined) return exact;
  const inSection = sent.filter((id) => placeOfSlot(id)?.section === section);
  const finer = inSection.filter((id) => isPrefix(pathOf(id), parts) || isPrefix(parts, pathOf(id)));
  return finer.length > 0 ? finer : inSection;
}

function pathOf(id: SlotId): string[] {
  return fieldOfSlot(id).toLowerCase().split('/');
}

function isPrefix(short: readonly string[], long: readonly string[]): boolean {
  return short.every((part, index) => part === long[index]);
}

/** The section of the JSON model, in Concur's words, for lists of what differs. */
export function xmlNameOfSection(section: SectionName): string {
  return TRAVELLER_ELEMENTS[section].xml;
}
