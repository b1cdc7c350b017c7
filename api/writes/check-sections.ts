import { maskedFields } from '../../hub';
import { isJsonObject, type JsonObject } from '../../hub/sections';
import {
  type AnyChildren,
  type Leaf,
  type AnyList,
  type AnyNode,
  TRAVELLER_ELEMENTS,
  type ProfileSections,
} from '../../profile';
import { type FieldError } from '../schemas/problem';
import { pairItems } from './list-items';

/**
 * What a write may not leave behind: list elements without what Concur requires of them, and masks that
 * stand for no stored value. Elements that were stored like that are let through, so that GET → PUT works
 * with whatever Concur once sent.
 */
export function checkSections(after: ProfileSections, stored: ProfileSections): FieldError[] {
  return [...missingIn(TRAVELLER_ELEMENTS, after, stored, ''), ...leftMasks(after, stored)];
}

function leftMasks(after: ProfileSections, stored: ProfileSections): FieldError[] {
  const before = new Set(maskedFields(stored));
  return maskedFields(after)
    .filter((path) => !before.has(path))
    .map((path) => ({
      path,
      code: 'masked-value',
      message:
        'is a mask that belongs to no stored value; send the value itself, or the element’s key with it',
    }));
}

function missingIn(children: AnyChildren, after: JsonObject, stored: JsonObject, path: string): FieldError[] {
  return Object.entries(children).flatMap(([name, node]) =>
    missingAt(node, after[name], stored[name], path === '' ? name : `${path}.${name}`),
  );
}

function missingAt(node: AnyNode, after: unknown, stored: unknown, path: string): FieldError[] {
  if (node.node === 'leaf') return [];
  if (node.node === 'group') {
    if (!isJsonObject(after)) return [];
    return missingIn(node.children, after, isJsonObject(stored) ? stored : {}, path);
  }
  const items = Array.isArray(after) ? after.filter(isJsonObject) : [];
  const pairs = pairItems(node, items, Array.isArray(stored) ? stored.filter(isJsonObject) : []);
  return items.flatMap((item, index) => missingInItem(node, item, pairs[index], `${path}[${index}]`));
}

function missingInItem(
  list: AnyList,
  item: JsonObject,
  stored: JsonObject | undefined,
  path: string,
): FieldError[] {
  const lacks = (of: JsonObject, name: string): boolean => of[name] === undefined;
  return Object.entries(list.children).flatMap(([name, node]): FieldError[] => {
    if (node.node !== 'leaf') return missingAt(node, item[name], stored?.[name], `${path}.${name}`);
    if (!isRequired(node) || !lacks(item, name) || (stored && lacks(stored, name))) return [];
    return [{ path: `${path}.${name}`, code: 'required', message: 'is required in this list' }];
  });
}

function isRequired(leaf: Leaf): boolean {
  return leaf.required === true && leaf.readOnly !== true;
}
