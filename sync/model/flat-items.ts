import { type AnyList, type AnyNode, type Leaf, type List } from '../../profile';

type Item = Readonly<Record<string, unknown>>;

/**
 * A list whose elements hold more than fields (a card with its address and its segments), seen as one whose
 * elements hold only fields: `billingAddress.city`, `segments[Air].default`. So elements of all lists are
 * compared and merged by one rule. Both directions keep everything that names its place: a segment without
 * a type says nothing and is left out.
 */
export interface FlatList {
  readonly list: List;
  readonly flatten: (item: Item) => Item;
  readonly unflatten: (item: Item) => Item;
}

const same = (item: Item): Item => item;

export function flatList(list: AnyList): FlatList {
  if (isFlat(list)) return { list, flatten: same, unflatten: same };
  const children = Object.fromEntries(
    Object.entries(list.children).flatMap(([name, node]) => leavesOf(name, node)),
  );
  return {
    list: { ...list, children },
    flatten: (item) => flattened(list, item),
    unflatten: (item) => unflattened(list, item),
  };
}

/** Fields with the same part only make sense together: an address, a segment. */
export function partOf(name: string): string {
  return name.split('.')[0] ?? name;
}

function isFlat(list: AnyList): list is List {
  return Object.values(list.children).every(({ node }) => node === 'leaf');
}

function leavesOf(name: string, node: AnyNode): (readonly [string, Leaf])[] {
  if (node.node === 'leaf') return [[name, node]];
  const leaves = Object.entries(node.children).flatMap(([child, inner]) =>
    inner.node === 'leaf' ? [[child, inner] as const] : [],
  );
  if (node.node === 'group') return leaves.map(([child, leaf]) => [`${name}.${child}`, leaf]);
  const tag = tagOf(node);
  const types = tag === undefined ? [] : (leaves.find(([child]) => child === tag)?.[1].values ?? []);
  const others = leaves.filter(([child]) => child !== tag);
  return types.flatMap((type) => others.map(([child, leaf]) => [`${name}[${type}].${child}`, leaf] as const));
}

/** The field that tells the elements of an inner list apart. */
function tagOf(list: AnyList): string | undefined {
  return list.identity[0];
}

function flattened(list: AnyList, item: Item): Item {
  const flat: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(item)) {
    const node = list.children[name];
    if (node?.node === 'group' && isItem(value)) {
      for (const [child, inner] of Object.entries(value)) flat[`${name}.${child}`] = inner;
    } else if (node?.node === 'list' && Array.isArray(value)) {
      const tag = tagOf(node) ?? '';
      for (const inner of value.filter(isItem)) {
        const type = inner[tag];
        if (typeof type !== 'string') continue;
        for (const [child, field] of Object.entries(inner)) {
          if (child !== tag) flat[`${name}[${type}].${child}`] = field;
        }
      }
    } else flat[name] = value;
  }
  return flat;
}

const INNER = /^([^.[]+)(?:\[([^\]]*)\])?\.(.+)$/;

function unflattened(list: AnyList, flat: Item): Item {
  const item: Record<string, unknown> = {};
  const inner = new Map<string, Map<string, Record<string, unknown>>>();
  for (const [path, value] of Object.entries(flat)) {
    const [, name, type = '', child] = INNER.exec(path) ?? [];
    if (name === undefined || child === undefined) {
      item[path] = value;
      continue;
    }
    const elements = inner.get(name) ?? new Map<string, Record<string, unknown>>();
    inner.set(name, elements);
    elements.set(type, { ...elements.get(type), [child]: value });
  }
  for (const [name, elements] of inner) {
    const node = list.children[name];
    const tag = node?.node === 'list' ? tagOf(node) : undefined;
    item[name] =
      tag === undefined
        ? elements.get('')
        : [...elements].map(([type, fields]) => ({ [tag]: type, ...fields }));
  }
  return item;
}

function isItem(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
