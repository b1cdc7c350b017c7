import { type Image } from '../../../hub/types';
import { type Leaf } from '../../../profile';
import { comparedChildren, NORMALISATIONS, sameValue, slotEquivalent } from '../../../sync/model/equality';
import { fieldOfPlace, fieldOfSlot } from '../../../sync/model/fields';
import { NEVER_CLEARED } from '../../../sync/model/plan';
import { isReadOnlySlot } from '../../../sync/model/read-only';
import {
  isItem,
  type Place,
  type Slot,
  type SlotId,
  slotsOf,
  type SlotValue,
} from '../../../sync/model/slots';
import { type Put } from './lens';

/** What the simulated Concur does with lists that no document describes. */
export interface Manners {
  readonly undocumentedLists: 'merge' | 'replace';
  readonly emptyContainer: 'ignored' | 'clears';
}

/** How often which limit of Concur's was pleaded, by its name in the product's tables. */
export type Pleas = Map<string, number>;

/**
 * What of `wanted` is not what is shown. Excepted is only what the product's own tables except: forms of the
 * normalisation table, what only Concur fills, and what a write cannot remove, if it was noted.
 * @returns ids of slots, with the reason
 */
export function brokenSlots(wanted: Image, put: Put, manners: Manners, pleas: Pleas): string[] {
  const [ofWanted, ofShown] = [slotsOf(wanted), slotsOf(put.after)];
  const hub = slotsOf(put.hub);
  const ids = new Set([...ofWanted.keys(), ...ofShown.keys()]);
  return [...ids].flatMap((id) => {
    const problem = problemOf(id, ofWanted, ofShown, { put, hub, manners, pleas });
    return problem === undefined ? [] : [`${id}: ${problem}`];
  });
}

interface Ground {
  readonly put: Put;
  /** What the hub wants of Concur. */
  readonly hub: SlotMap;
  readonly manners: Manners;
  readonly pleas: Pleas;
}

type SlotMap = ReadonlyMap<SlotId, Slot>;

function problemOf(id: SlotId, wanted: SlotMap, shown: SlotMap, ground: Ground): string | undefined {
  const [w, s] = [wanted.get(id), shown.get(id)];
  const slot = s ?? w;
  if (slot === undefined || sameValue(w?.value, s?.value)) return undefined;
  if (isReadOnlySlot(slot)) return plead(ground.pleas, 'read-only');
  if (slotEquivalent(slot.place, w?.value, s?.value)) return formOf(slot.place, w?.value, s?.value, ground);
  if (slot.place === undefined) return 'is not what was put';
  if (ground.hub.has(id)) return overfull(id, slot.place, ground);
  const limit = limitOf(id, slot.place, slot, ground);
  const noted = ground.put.notes.some((each) => each.field === fieldOfSlot(id) && each.code === limit);
  if (limit === undefined) return 'is still there although Concur can remove it';
  return noted ? plead(ground.pleas, limit) : `is still there and no ${limit} was noted`;
}

/** What Concur once did not remove counts as one of the elements that it can hold (W016). */
function overfull(id: SlotId, place: Place, { put, hub, pleas }: Ground): string | undefined {
  const withheld = put.plan.withheld.find(({ slot }) => slot === id);
  const leftOver = [...slotsOf(put.before).values()].some(
    (each) => each.place === place && !hub.has(each.id),
  );
  if (place.kind !== 'list' || withheld?.finding.code !== 'W016' || !leftOver)
    return `is not what was put: ${JSON.stringify([hub.get(id)?.value, slotsOf(put.after).get(id)?.value, withheld])}`;
  return plead(pleas, 'W016');
}

function plead(pleas: Pleas, name: string): undefined {
  pleas.set(name, (pleas.get(name) ?? 0) + 1);
}

/** Equal by the normalisation table: by which of its rules. */
function formOf(
  place: Place | undefined,
  w: SlotValue | undefined,
  s: SlotValue | undefined,
  ground: Ground,
) {
  for (const [leaf, one, other] of leavesOf(place, w, s)) {
    if (one === other) continue;
    const rule = NORMALISATIONS.find((each) => each.applies(leaf, one, other));
    if (rule === undefined) return `${leaf.xml} is in a form that no rule allows`;
    plead(ground.pleas, rule.name);
  }
  return undefined;
}

function leavesOf(place: Place | undefined, w: SlotValue | undefined, s: SlotValue | undefined) {
  if (place === undefined) return [];
  if (place.kind === 'leaf') return [[place.leaf, w, s] as const];
  const children = place.kind === 'list' ? place.list.children : place.group.children;
  const [one, other] = [isItem(w) ? w : {}, isItem(s) ? s : {}];
  return comparedChildren(children).map(([name, leaf]): readonly [Leaf, unknown, unknown] => [
    leaf,
    one[name],
    other[name],
  ]);
}

/** Why a write cannot remove it, in the code that is noted then (docs/concur.md §3); undefined: it can. */
function limitOf(id: SlotId, place: Place, slot: Slot, ground: Ground): string | undefined {
  const { put, hub, manners } = ground;
  if (place.kind === 'whole') return undefined;
  if (place.kind === 'leaf') {
    if (place.leaf.required === true || NEVER_CLEARED.has(fieldOfPlace(place))) return 'W007';
    return place.leaf.values === undefined ? undefined : 'not-removable';
  }
  // A removal that Concur did not take is shown and not tried again.
  if (!put.plan.clears.includes(id)) return 'not-removable';
  const isLast = ![...hub.values()].some((each) => each.place === place && !isReadOnlySlot(each));
  if (isLast && (place.section === 'cards' || manners.emptyContainer === 'ignored')) return 'not-removable';
  if (isLast) return undefined;
  const { rule, manyOfTypes } = place.list;
  const type = isItem(slot.value) ? slot.value['type'] : undefined;
  const replaces = manyOfTypes === undefined || (typeof type === 'string' && manyOfTypes.includes(type));
  if (rule === 'replaces' && replaces) return undefined;
  if (rule === 'undocumented' && manners.undocumentedLists === 'replace') return undefined;
  return 'not-removable';
}
