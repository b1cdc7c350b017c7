import { type AnyList, type AnyNode } from './nodes';

type Item = Readonly<Record<string, unknown>>;

const NOT_A_DIGIT = /\D/g;

/**
 * What makes a list element itself on both sides: the hub's and Concur's element with the same identity
 * are the same thing, whatever else in them differs. Holds plain values: never log or store it unsealed.
 */
export function itemIdentity(list: AnyList, item: Item): string {
  if (list.identityOf !== undefined) return list.identityOf(item);
  return identityFields(list, item)
    .map((field) => {
      const value = item[field];
      const text = typeof value === 'string' ? value : '';
      return field === 'phoneNumber' ? text.replace(NOT_A_DIGIT, '') : text.trim();
    })
    .join('|');
}

function identityFields(list: AnyList, item: Item): readonly string[] {
  const type = item['type'];
  const onePerType =
    list.maxPerType === 1 && typeof type === 'string' && !(list.manyOfTypes ?? []).includes(type);
  return onePerType ? ['type'] : list.identity;
}

/**
 * Identity → element, in order. Where two elements share an identity the later ones get `#2`, `#3` …, so
 * that nothing is dropped.
 */
export function itemsByIdentity<I extends Item>(list: AnyList, items: readonly I[]): Map<string, I> {
  const byIdentity = new Map<string, I>();
  for (const item of items) {
    const identity = itemIdentity(list, item);
    let unique = identity;
    for (let n = 2; byIdentity.has(unique); n += 1) unique = `${identity}#${n}`;
    byIdentity.set(unique, item);
  }
  return byIdentity;
}

/**
 * True for an element of a kind that Concur only shows: a supervisor's e-mail address, a company card
 * (docs/concur.md §3, read-only, and §4).
 */
export function isReadOnlyKind(list: AnyList, item: Item): boolean {
  return Object.entries(list.children).some(
    ([name, child]) => child.node === 'leaf' && isReadOnlyWord(child, item[name]),
  );
}

function isReadOnlyWord(leaf: Extract<AnyNode, { node: 'leaf' }>, value: unknown): boolean {
  if (leaf.readOnlyValues === undefined || typeof value !== 'string') return false;
  const word = value.trim().toLowerCase();
  return leaf.readOnlyValues.some((each) => each.toLowerCase() === word);
}
