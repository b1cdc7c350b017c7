import { type Leaf, type List } from '../../profile';
import { comparedChildren, leafEquivalent, leafUnchanged } from './equality';
import { partOf } from './flat-items';
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
  for (const part of partsOf(children)) {
    const hubChanged = part.some(([name]) => h[name] !== baseHub[name]);
    const concurChanged = part.some(([name, leaf]) => !leafUnchanged(leaf, c[name], baseConcur[name]));
    const equal = part.every(([name, leaf]) => leafEquivalent(leaf, h[name], c[name]));
    if (!equal && hubChanged && concurChanged) conflicted = true;
    const takeConcur = !equal && concurChanged && (!hubChanged || winner === 'concur');
    for (const [name] of part) setPresent(value, name, (takeConcur ? c : h)[name]);
  }
  for (const [name, leaf] of Object.entries(children)) {
    if (isReadOnlyChild(leaf)) setPresent(value, name, c[name]);
  }
  return { value: withKeyOf(h, value), conflicted };
}

/** Fields that are decided together. */
function partsOf(children: List['children']): [string, Leaf][][] {
  const parts = new Map<string, [string, Leaf][]>();
  for (const child of comparedChildren(children)) {
    const part = partOf(child[0]);
    parts.set(part, [...(parts.get(part) ?? []), child]);
  }
  return [...parts.values()];
}

function setPresent(item: Record<string, unknown>, name: string, value: unknown): void {
  if (value !== undefined) item[name] = value;
}
