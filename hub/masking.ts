import {
  type AnyChildren,
  itemIdentity,
  type AnyList,
  type AnyNode,
  TRAVELLER_ELEMENTS,
  type ProfileSections,
} from '../profile';
import { asProfileSections, isJsonObject, type JsonObject, mapLeaves, nodeOf } from './sections';

/** Stands for a value that the key may not see. */
export const MASK = '••••';
const SHOWN = 4;
/** Shorter values would be half shown. */
const SHORTEST_SHOWN = 8;

/** Sensitive leaves → `••••1234`; dates and short values → `••••`. */
export function maskSections(sections: ProfileSections): ProfileSections {
  return asProfileSections(mask(sections), 'mask');
}

/**
 * Puts the stored value where a masked one came back: `••••1234` replaces nothing. A list element is found
 * by its key, else by its identity as it was shown. A mask that belongs to no stored value stays: see
 * `maskedFields`.
 */
export function unmaskSections(incoming: ProfileSections, stored: ProfileSections): ProfileSections {
  return asProfileSections(unmaskChildren(TABLE, incoming, stored), 'unmask');
}

/** Fields that still hold a mask, e.g. `passports.passportNumber`: refuse such a write. */
export function maskedFields(sections: ProfileSections): string[] {
  const found = new Set<string>();
  mapLeaves(sections, (value, leaf, path) => {
    if (leaf.sensitive === true && typeof value === 'string' && value.startsWith(MASK)) found.add(path);
    return value;
  });
  return [...found];
}

const TABLE: AnyChildren = TRAVELLER_ELEMENTS;

function mask(sections: JsonObject): JsonObject {
  return mapLeaves(sections, (value, leaf) =>
    leaf.sensitive === true ? maskValue(String(value), leaf.kind === 'date') : value,
  );
}

/** The last characters of a date are the day: a date is hidden whole. */
function maskValue(value: string, hideAll: boolean): string {
  const characters = [...value];
  return hideAll || characters.length < SHORTEST_SHOWN ? MASK : MASK + characters.slice(-SHOWN).join('');
}

function unmaskNode(node: AnyNode, incoming: unknown, stored: unknown): unknown {
  switch (node.node) {
    case 'leaf':
      return node.sensitive === true &&
        typeof stored === 'string' &&
        incoming === maskValue(stored, node.kind === 'date')
        ? stored
        : incoming;
    case 'group':
      return isJsonObject(incoming) && isJsonObject(stored)
        ? unmaskChildren(node.children, incoming, stored)
        : incoming;
    case 'list':
      return Array.isArray(incoming) && Array.isArray(stored)
        ? unmaskItems(node, incoming.filter(isJsonObject), stored.filter(isJsonObject))
        : incoming;
  }
}

function unmaskChildren(children: AnyChildren, incoming: JsonObject, stored: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(incoming).map(([name, value]) => {
      const node = nodeOf(children, name);
      return [name, node === undefined ? value : unmaskNode(node, value, stored[name])];
    }),
  );
}

function unmaskItems(
  list: AnyList,
  incoming: readonly JsonObject[],
  stored: readonly JsonObject[],
): JsonObject[] {
  const left = [...stored];
  const take = (matches: (candidate: JsonObject) => boolean): JsonObject | undefined => {
    const index = left.findIndex(matches);
    return index < 0 ? undefined : left.splice(index, 1)[0];
  };
  const byKey = incoming.map((item) =>
    typeof item['key'] === 'string' ? take((candidate) => candidate['key'] === item['key']) : undefined,
  );
  return incoming.map((item, index) => {
    const shown = itemIdentity(list, maskItem(list, item));
    const match =
      byKey[index] ?? take((candidate) => itemIdentity(list, maskItem(list, candidate)) === shown);
    return match === undefined ? item : unmaskChildren(list.children, item, match);
  });
}

/** An incoming element may be shown or plain: masked, both have the identity that was shown. */
function maskItem(list: AnyList, item: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(item).map(([name, value]) => {
      const leaf = list.children[name];
      const masks =
        leaf?.node === 'leaf' &&
        leaf.sensitive === true &&
        typeof value === 'string' &&
        !value.startsWith(MASK);
      return [name, masks ? maskValue(value, leaf.kind === 'date') : value];
    }),
  );
}
