import { isReadOnlyKind, type Leaf, type List } from '../../profile';
import { type Item, type Place, type Slot } from './slots';

/** Fields of a list element that Concur only shows. */
export function isReadOnlyChild(leaf: Leaf | undefined): boolean {
  return leaf === undefined || leaf.readOnly === true;
}

/** True for elements that Concur only shows: a read-only list, or a type such as `Supervisor`. */
export function isReadOnlyItem(list: List, item: Item): boolean {
  return list.readOnly === true || isReadOnlyKind(list, item);
}

/** True where only Concur has a say (docs/concur.md §3, read-only). */
export function isReadOnlySlot(slot: Pick<Slot, 'place' | 'value'>): boolean {
  const place: Place | undefined = slot.place;
  if (place === undefined) return false;
  if (place.kind === 'leaf') return place.leaf.readOnly === true;
  if (place.kind === 'whole') return false;
  return typeof slot.value === 'object' && isReadOnlyItem(place.list, slot.value);
}
