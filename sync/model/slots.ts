import {
  type AnyChildren,
  type AnyNode,
  type Group,
  itemsByIdentity,
  type Leaf,
  type List,
  SECTION_NAMES,
  type SectionName,
  TRAVELLER_ELEMENTS,
} from '../../profile';
import { type Image } from '../../hub/types';
import { type FlatList, flatList } from './flat-items';

/**
 * A slot is the smallest thing that is compared, merged and sent: one field, one list element, or a group
 * of fields that only make sense together. Everything the engine decides, it decides slot by slot.
 */
export type SlotValue = string | number | boolean | Item;
export type Item = Readonly<Record<string, unknown>>;

export interface LeafSlot {
  readonly kind: 'leaf';
  readonly section: SectionName;
  readonly path: readonly string[];
  readonly leaf: Leaf;
}
export interface WholeSlot {
  readonly kind: 'whole';
  readonly section: SectionName;
  readonly path: readonly string[];
  readonly group: Group<Readonly<Record<string, Leaf>>>;
}
export interface ListPlace {
  readonly kind: 'list';
  readonly section: SectionName;
  readonly path: readonly string[];
  /** With fields alone: see `form`. */
  readonly list: List;
  readonly form: FlatList;
}
export type Place = LeafSlot | WholeSlot | ListPlace;

/** `status`, `general.firstName`, `telephones[Cell|417]`: may hold a document number, so never log one. */
export type SlotId = string;

export const STATUS: SlotId = 'status';

export interface Slot {
  readonly id: SlotId;
  /** Undefined for the status. */
  readonly place?: Place;
  readonly value: SlotValue;
}

export type Slots = ReadonlyMap<SlotId, Slot>;

export function isItem(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isLeafGroup(group: Group): group is Group<Readonly<Record<string, Leaf>>> {
  return Object.values(group.children).every((child) => child.node === 'leaf');
}

function placesOf(section: SectionName, path: readonly string[], node: AnyNode): Place[] {
  switch (node.node) {
    case 'leaf':
      return [{ kind: 'leaf', section, path, leaf: node }];
    case 'list': {
      const form = flatList(node);
      return [{ kind: 'list', section, path, list: form.list, form }];
    }
    case 'group':
      return node.whole && isLeafGroup(node)
        ? [{ kind: 'whole', section, path, group: node }]
        : childPlaces(section, path, node.children);
  }
}

function childPlaces(section: SectionName, path: readonly string[], children: AnyChildren): Place[] {
  return Object.entries(children).flatMap(([name, child]) => placesOf(section, [...path, name], child));
}

/** Every place of the element table, in the schema's order. */
export const PLACES: readonly Place[] = SECTION_NAMES.flatMap((name) =>
  placesOf(name, [name], TRAVELLER_ELEMENTS[name]),
);

const PLACE_BY_PATH = new Map(PLACES.map((place) => [place.path.join('.'), place]));

/** Places with their slot's id, by section: a profile fills few of the sections. */
const PLACES_BY_SECTION: readonly (readonly [SectionName, readonly (readonly [SlotId, Place])[]])[] =
  SECTION_NAMES.map((section) => [
    section,
    [...PLACE_BY_PATH].filter(([, place]) => place.section === section),
  ]);

export function placeAt(path: string): Place | undefined {
  return PLACE_BY_PATH.get(path);
}

/** The place a slot belongs to; undefined for the status. */
export function placeOfSlot(id: SlotId): Place | undefined {
  const bracket = id.indexOf('[');
  return PLACE_BY_PATH.get(bracket < 0 ? id : id.slice(0, bracket));
}

/** The section a slot belongs to, `status` being one of its own. */
export function sectionOfSlot(id: SlotId): SectionName | 'status' {
  return placeOfSlot(id)?.section ?? 'status';
}

export function valueAt(root: unknown, path: readonly string[]): unknown {
  let current = root;
  for (const name of path) {
    if (!isItem(current)) return undefined;
    current = current[name];
  }
  return current;
}

function isPresent(value: unknown): value is SlotValue {
  if (value === undefined || value === null) return false;
  // Blanks say nothing: no document could carry them (docs/concur.md §3, Reading).
  if (typeof value === 'string' && value.trim() === '') return false;
  return !(isItem(value) && Object.keys(value).length === 0);
}

function withoutAbsent(item: Item): Item {
  if (Object.values(item).every(isPresent)) return item;
  return Object.fromEntries(Object.entries(item).filter(([, value]) => isPresent(value)));
}

/** An image taken apart into its slots; what is absent or empty has none. */
export function slotsOf(image: Image): Map<SlotId, Slot> {
  const slots = new Map<SlotId, Slot>([[STATUS, { id: STATUS, value: image.status }]]);
  for (const [section, places] of PLACES_BY_SECTION) {
    if (image.sections[section] === undefined) continue;
    for (const [id, place] of places) addSlots(slots, id, place, valueAt(image.sections, place.path));
  }
  return slots;
}

function addSlots(slots: Map<SlotId, Slot>, id: SlotId, place: Place, value: unknown): void {
  if (value === undefined) return;
  if (place.kind !== 'list') {
    const present = isItem(value) ? withoutAbsent(value) : value;
    if (isPresent(present)) slots.set(id, { id, place, value: present });
  } else if (Array.isArray(value)) {
    for (const [identity, item] of itemsByIdentity(place.list, value.filter(isItem))) {
      const slotId = `${id}[${identity}]`;
      slots.set(slotId, { id: slotId, place, value: withoutAbsent(place.form.flatten(item)) });
    }
  }
}

type Mutable = Record<string, unknown>;

function put(root: Mutable, path: readonly string[], value: unknown): void {
  let current = root;
  for (const name of path.slice(0, -1)) {
    const next = current[name];
    const child: Mutable = isItem(next) ? next : {};
    current[name] = child;
    current = child;
  }
  const last = path.at(-1);
  if (last !== undefined) current[last] = value;
}

/** The image that consists of these slots; list elements keep the order in which the slots come. */
export function imageOf(slots: Slots): Image {
  const status = slots.get(STATUS)?.value === 'inactive' ? 'inactive' : 'active';
  const values = new Map<Place, SlotValue | Item[]>();
  const filled = new Set<SectionName>();
  for (const { id, place = placeOfSlot(id), value } of slots.values()) {
    if (place === undefined) continue;
    filled.add(place.section);
    if (place.kind !== 'list') values.set(place, value);
    else if (isItem(value)) {
      const items = values.get(place);
      const item = place.form.unflatten(value);
      if (Array.isArray(items)) items.push(item);
      else values.set(place, [item]);
    }
  }
  const sections: Mutable = {};
  for (const [section, places] of PLACES_BY_SECTION) {
    if (!filled.has(section)) continue;
    for (const [, place] of places) {
      const value = values.get(place);
      if (value !== undefined) put(sections, place.path, value);
    }
  }
  return { status, sections };
}

/** An image with these slots as another image has them: taken over, or taken out. */
export function withSlotsOf(
  image: Image | undefined,
  other: Image | undefined,
  ids: readonly SlotId[],
): Image | undefined {
  if (image === undefined || ids.length === 0) return image;
  const slots = slotsOf(image);
  const others = other === undefined ? new Map<SlotId, Slot>() : slotsOf(other);
  for (const id of ids) {
    const slot = others.get(id);
    if (slot === undefined) slots.delete(id);
    else slots.set(id, slot);
  }
  return imageOf(slots);
}
