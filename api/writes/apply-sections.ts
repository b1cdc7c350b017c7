import { unmaskSections } from '../../hub';
import { asProfileSections, isJsonObject, type JsonObject } from '../../hub/sections';
import {
  type AnyChildren,
  type Leaf,
  type AnyList,
  type AnyNode,
  TRAVELLER_ELEMENTS,
  type ProfileSections,
} from '../../profile';
import { reconcileItems } from './list-items';

const TABLE: AnyChildren = TRAVELLER_ELEMENTS;

/**
 * Sections after a write, for PUT and for PATCH (RFC 7396) alike: what is absent stays, `null` and `[]`
 * clear, lists replace whole. Read-only fields keep what is stored; masked values stand for the stored ones.
 */
export function applySections(stored: ProfileSections, incoming: JsonObject): ProfileSections {
  const merged = mergeChildren(TABLE, stored, incoming);
  const plain = unmaskSections(asProfileSections(merged, 'a write'), stored);
  return asProfileSections(reconcileLists(TABLE, plain, stored), 'a write');
}

function mergeChildren(children: AnyChildren, stored: JsonObject, incoming: JsonObject): JsonObject {
  const result: Record<string, unknown> = {};
  for (const [name, node] of Object.entries(children)) {
    const value = incoming[name];
    const merged = value === undefined ? stored[name] : mergeNode(node, stored[name], value);
    if (merged !== undefined) result[name] = merged;
  }
  return result;
}

function mergeNode(node: AnyNode, stored: unknown, incoming: unknown): unknown {
  switch (node.node) {
    case 'leaf':
      return mergeLeaf(node, stored, incoming);
    case 'group': {
      const before = isJsonObject(stored) ? stored : {};
      const change = isJsonObject(incoming) ? incoming : clearing(node.children);
      const merged = mergeChildren(node.children, before, change);
      return Object.keys(merged).length === 0 ? undefined : merged;
    }
    case 'list':
      return node.readOnly === true ? stored : mergeList(node, incoming);
  }
}

/** An empty text says as little as `null`: Concur clears a field that is sent empty. */
function mergeLeaf(leaf: Leaf, stored: unknown, incoming: unknown): unknown {
  if (leaf.readOnly === true) return stored;
  return incoming === null || incoming === '' ? undefined : incoming;
}

/** The change that clears a whole group. */
function clearing(children: AnyChildren): JsonObject {
  return Object.fromEntries(Object.keys(children).map((name) => [name, null]));
}

function mergeList(list: AnyList, incoming: unknown): JsonObject[] | undefined {
  const items = objectsOf(incoming).map((item) => withoutEmpty(list.children, item));
  return items.length === 0 ? undefined : items;
}

/** An element is written whole: what is empty in it is not there. */
function withoutEmpty(children: AnyChildren, item: JsonObject): JsonObject {
  const result: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(item)) {
    const kept = emptied(children[name], value);
    if (kept !== undefined) result[name] = kept;
  }
  return result;
}

function emptied(node: AnyNode | undefined, value: unknown): unknown {
  if (value === null || value === '') return undefined;
  if (node?.node === 'list') return mergeList(node, value);
  if (node?.node !== 'group' || !isJsonObject(value)) return value;
  const kept = withoutEmpty(node.children, value);
  return Object.keys(kept).length === 0 ? undefined : kept;
}

/** Every list, also one that the write left empty: read-only elements stay in it. */
function reconcileLists(children: AnyChildren, plain: JsonObject, stored: JsonObject): JsonObject {
  const result: Record<string, unknown> = {};
  for (const [name, node] of Object.entries(children)) {
    const value = reconcileNode(node, plain[name], stored[name]);
    if (value !== undefined) result[name] = value;
  }
  return result;
}

function reconcileNode(node: AnyNode, value: unknown, stored: unknown): unknown {
  if (node.node === 'leaf') return value;
  if (node.node === 'list') return node.readOnly === true ? stored : reconcileList(node, value, stored);
  const before = isJsonObject(stored) ? stored : {};
  const after = reconcileLists(node.children, isJsonObject(value) ? value : {}, before);
  return Object.keys(after).length === 0 ? undefined : after;
}

function reconcileList(list: AnyList, value: unknown, stored: unknown): JsonObject[] | undefined {
  const items = reconcileItems(list, objectsOf(value), objectsOf(stored));
  return items.length === 0 ? undefined : items;
}

function objectsOf(value: unknown): JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}
