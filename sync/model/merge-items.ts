import { type List } from '../../profile';
import { comparedChildren, leafEquivalent, leafUnchanged } from './equality';
import { isReadOnlyChild } from './read-only';
import { isItem, type Item, type ListPlace, type SlotValue, type WholeSlot } from './slots';

export type ItemPlace = ListPlace | WholeSlot;

export interface ItemSides {
  readonly h: Item;
  readonly c: Item;
  readonly baseHub: SlotValue | undefined;
  readonly baseConcur: SlotValue | undefined;
}

export interface MergedItem {
  readonly value: Item;
  readonly conflicted: boolean;
}

/**
 * Merges one element that both sides changed. Postal addresses and emergency phones are taken whole from
 * the winner, since a mixture would be an address nobody has; other elements merge field by field. A side
 * that merely says more than the other, with no base to tell, is no conflict: the fuller one is kept.
 */
export function mergeItems(place: ItemPlace, sides: ItemSides, winner: 'hub' | 'concur'): MergedItem {
  const children = place.kind === 'list' ? place.list.children : place.group.children;
  if (place.kind === 'list' && place.list.rule !== 'last-of-type-wins')
    return byField(children, sides, winner);
  return asUnit(children, sides, winner);
}

function asUnit(children: List['children'], sides: ItemSides, winner: 'hub' | 'concur'): MergedItem {
  const { h, c, baseHub, baseConcur } = sides;
  if (baseHub === undefined && baseConcur === undefined) {
    const compared = comparedChildren(children);
    const agree = compared.every(
      ([name, leaf]) =>
        h[name] === undefined || c[name] === undefined || leafEquivalent(leaf, h[name], c[name]),
    );
    if (agree) return { value: { ...c, ...h }, conflicted: false };
  }
  return { value: winner === 'hub' ? h : withKeyOf(h, c), conflicted: true };
}

function withKeyOf(hub: Item, value: Item): Item {
  return hub['key'] === undefined ? value : { ...value, key: hub['key'] };
}

function byField(children: List['children'], sides: ItemSides, winner: 'hub' | 'concur'): MergedItem {
  const { h, c } = sides;
  const baseHub: Item = isItem(sides.baseHub) ? sides.baseHub : {};
  const baseConcur: Item = isItem(sides.baseConcur) ? sides.baseConcur : {};
  const value: Record<string, unknown> = {};
  let conflicted = false;
  for (const [name, leaf] of Object.entries(children)) {
    const [hv, cv] = [h[name], c[name]];
    const readOnly = isReadOnlyChild(leaf);
    const hubChanged = hv !== baseHub[name];
    const concurChanged = !leafUnchanged(leaf, cv, baseConcur[name]);
    const equal = !readOnly && leafEquivalent(leaf, hv, cv);
    if (!equal && !readOnly && hubChanged && concurChanged) conflicted = true;
    const takeConcur = readOnly || (!equal && concurChanged && (!hubChanged || winner === 'concur'));
    const kept = takeConcur ? cv : hv;
    if (kept !== undefined) value[name] = kept;
  }
  return { value: withKeyOf(h, value), conflicted };
}
