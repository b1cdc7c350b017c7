import {
  type AnyChildren,
  type Leaf,
  type AnyNode,
  TRAVELLER_ELEMENTS,
  type ProfileSections,
} from '../profile';
import { StoredDataInvalid } from './errors';

/** Sections as JSON of any origin; only `isProfileSections` makes them a profile. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** @param path field names without list positions, e.g. `passports.passportNumber`; undefined drops the leaf */
export type LeafMapper = (value: unknown, leaf: Leaf, path: string) => unknown;

const TABLE: AnyChildren = TRAVELLER_ELEMENTS;

/**
 * The same document with each leaf replaced. Only what the element table knows is taken over: a field
 * that it does not name could hold anything, and would be stored unsealed.
 */
export function mapLeaves(sections: JsonObject, map: LeafMapper): JsonObject {
  return mapChildren(TABLE, sections, '', map);
}

/** True when each value has the kind the table gives it. */
export function isProfileSections(value: unknown): value is ProfileSections {
  return isJsonObject(value) && childrenFit(TABLE, value);
}

/** @param place for the message */
export function asProfileSections(value: unknown, place: string): ProfileSections {
  if (!isProfileSections(value)) throw new StoredDataInvalid(place);
  return value;
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The node of a field; `constructor` and the like, which every object inherits, are no nodes. */
export function nodeOf(children: AnyChildren, name: string): AnyNode | undefined {
  const found = children[name];
  return typeof found?.node === 'string' ? found : undefined;
}

// These walk what is there, not what could be: a profile fills few of the table's elements.

function mapChildren(children: AnyChildren, value: JsonObject, path: string, map: LeafMapper): JsonObject {
  const result: Record<string, unknown> = {};
  for (const name of Object.keys(value)) {
    const node = nodeOf(children, name);
    const child = value[name];
    if (node === undefined || child === undefined || child === null) continue;
    const mapped = mapNode(node, child, path === '' ? name : `${path}.${name}`, map);
    if (mapped !== undefined) result[name] = mapped;
  }
  return result;
}

function mapNode(node: AnyNode, value: unknown, path: string, map: LeafMapper): unknown {
  switch (node.node) {
    case 'leaf':
      return map(value, node, path);
    case 'group':
      return isJsonObject(value) ? mapChildren(node.children, value, path, map) : undefined;
    case 'list':
      if (!Array.isArray(value)) return undefined;
      return value.filter(isJsonObject).map((item) => {
        const mapped = mapChildren(node.children, item, path, map);
        return typeof item['key'] === 'string' ? { key: item['key'], ...mapped } : mapped;
      });
  }
}

const JS_TYPE = { text: 'string', date: 'string', boolean: 'boolean', integer: 'number' } as const;

function fits(node: AnyNode, value: unknown): boolean {
  switch (node.node) {
    case 'leaf':
      return typeof value === JS_TYPE[node.kind];
    case 'group':
      return isJsonObject(value) && childrenFit(node.children, value);
    case 'list':
      return Array.isArray(value) && value.every((item) => isItem(item) && childrenFit(node.children, item));
  }
}

function childrenFit(children: AnyChildren, value: JsonObject): boolean {
  return Object.keys(value).every((name) => {
    const node = nodeOf(children, name);
    const child = value[name];
    return node === undefined || child === undefined || fits(node, child);
  });
}

function isItem(value: unknown): value is JsonObject {
  return isJsonObject(value) && ['string', 'undefined'].includes(typeof value['key']);
}
