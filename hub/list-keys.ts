import {
  type AnyChildren,
  itemsByIdentity,
  type AnyList,
  type AnyNode,
  TRAVELLER_ELEMENTS,
  type ProfileSections,
} from '../profile';
import { asProfileSections, isJsonObject, type JsonObject, nodeOf } from './sections';

const TABLE: AnyChildren = TRAVELLER_ELEMENTS;
const KEY = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Gives every list element its opaque key. An element keeps the key it had: it is known again by the key
 * it brings, else by its identity among the stored ones. Foreign keys are kept if they are free.
 */
export function assignKeys(
  incoming: ProfileSections,
  stored: ProfileSections | undefined,
  ids: { next(): string },
): ProfileSections {
  return asProfileSections(keysOfChildren(TABLE, incoming, stored ?? {}, ids), 'list keys');
}

/** True when some list element has no key yet. */
export function lacksKeys(sections: ProfileSections): boolean {
  return someItem(TABLE, sections, (item) => typeof item['key'] !== 'string');
}

function keysOfChildren(
  children: AnyChildren,
  incoming: JsonObject,
  stored: JsonObject,
  ids: { next(): string },
): JsonObject {
  return Object.fromEntries(
    Object.entries(incoming).map(([name, value]) => {
      const node = nodeOf(children, name);
      return [name, node === undefined ? value : keysOfNode(node, value, stored[name], ids)];
    }),
  );
}

function keysOfNode(node: AnyNode, incoming: unknown, stored: unknown, ids: { next(): string }): unknown {
  if (node.node === 'group' && isJsonObject(incoming)) {
    return keysOfChildren(node.children, incoming, isJsonObject(stored) ? stored : {}, ids);
  }
  if (node.node === 'list' && Array.isArray(incoming)) {
    const before = Array.isArray(stored) ? stored.filter(isJsonObject) : [];
    return keysOfItems(node, incoming.filter(isJsonObject), before, ids);
  }
  return incoming;
}

function keysOfItems(
  list: AnyList,
  incoming: readonly JsonObject[],
  stored: readonly JsonObject[],
  ids: { next(): string },
): JsonObject[] {
  const storedKeys = new Set(stored.map(keyOf));
  const taken = new Set<string>();
  const claim = (key: string | undefined): string | undefined => {
    if (key === undefined || taken.has(key)) return undefined;
    taken.add(key);
    return key;
  };
  // Keys that are known come first, so that no other element is taken for theirs.
  const known = incoming.map((item) => (storedKeys.has(keyOf(item)) ? claim(keyOf(item)) : undefined));
  const before = itemsByIdentity(list, stored);
  const identities = [...itemsByIdentity(list, incoming).keys()];
  return incoming.map((item, index) => {
    const twin = before.get(identities[index] ?? '');
    const key = known[index] ?? claim(twin && keyOf(twin)) ?? claim(keyOf(item)) ?? ids.next();
    taken.add(key);
    return { ...item, key };
  });
}

function keyOf(item: JsonObject): string | undefined {
  const key = item['key'];
  return typeof key === 'string' && KEY.test(key) ? key : undefined;
}

function someItem(children: AnyChildren, value: JsonObject, test: (item: JsonObject) => boolean): boolean {
  return Object.keys(value).some((name) => {
    const node = nodeOf(children, name);
    const child = value[name];
    if (node?.node === 'list') return Array.isArray(child) && child.filter(isJsonObject).some(test);
    return node?.node === 'group' && isJsonObject(child) && someItem(node.children, child, test);
  });
}
