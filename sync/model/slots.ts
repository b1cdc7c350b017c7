import {
  type Children,
  type Group,
  itemsByIdentity,
  type Leaf,
  type List,
  type Node,
  PROFILE_ELEMENTS,
  SECTION_NAMES,
  type SectionName,
} from '../../profile';
import { type Image } from '../../hub/types';

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
  readonly list: List;
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

function placesOf(section: SectionName, path: readonly string[], node: Node): Place[] {
  switch (node.node) {
    case 'leaf':
      return [{ kind: 'leaf', section, path, leaf: node }];
    case 'list':
      return [{ kind: 'list', section, path, list: node }];
    case 'group':
      return node.whole && isLeafGroup(node)
        ? [{ kind: 'whole', section, path, group: node }]
        : childPlaces(section, path, node.children);
  }
}

function childPlaces(section: SectionName, path: readonly string[], children: Children): Place[] {
  return Object.entries(children).flatMap(([name, child]) => placesOf(section, [...path, name], child));
}

/** Every place of the element table, in the schema's order. */
export const PLACES: readonly Place[] = SECTION_NAMES.flatMap((name) =>
  placesOf(name, [name], PROFILE_ELEMENTS[name]),
);

const PLACE_BY_PATH = new Map(PLACES.map((place) => [place.path.join('.'), place]));

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
  return Object.fromEntries(Object.entries(item).filter(([, value]) => isPresent(value)));
}

/** An image taken apart into its slots; what is absent or empty has none. */
export function slotsOf(image: Image): Map<SlotId, Slot> {
  const slots = new Map<SlotId, Slot>([[STATUS, { id: STATUS, value: image.status }]]);
  for (const place of PLACES) {
    const value = valueAt(image.sections, place.path);
    const id = place.path.join('.');
    if (place.kind === 'list') {
      if (!Array.isArray(value)) continue;
      for (const [identity, item] of itemsByIdentity(place.list, value.filter(isItem))) {
        const slotId = `${id}[${identity}]`;
        slots.set(slotId, { id: slotId, place, value: withoutAbsent(item) });
      }
    } else {
      const present = isItem(value) ? withoutAbsent(value) : value;
      if (isPresent(present)) slots.set(id, { id, place, value: present });
    }
  }
  return slots;
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
  const lists = new Map<string, Item[]>();
  for (const slot of slots.values()) {
    if (slot.place?.kind !== 'list' || !isItem(slot.value)) continue;
    const path = slot.place.path.join('.');
    const items = lists.get(path);
    if (items === undefined) lists.set(path, [slot.value]);
    else items.push(slot.value);
  }
  const sections: Mutable = {};
  for (const place of PLACES) {
    const id = place.path.join('.');
    const value = place.kind === 'list' ? lists.get(id) : slots.get(id)?.value;
    if (value !== undefined) put(sections, place.path, value);
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
