import { type List, itemIdentity, itemsByIdentity } from '../../profile';
import { type AcceptedItem, pathOfField } from './list-items';
import { type Item, type Scalar } from './types';
import { type WriteContext } from './write-context';
import { type ItemChange } from './write-document';

/** Puts what was accepted among what is there; an element with the same identity is the same one. */
export function merge(
  list: List,
  path: string,
  current: readonly Item[],
  sent: readonly ItemChange[],
  accepted: readonly AcceptedItem[],
  removeMissing: boolean,
  context: WriteContext,
): readonly Item[] {
  const result = itemsByIdentity(list, current);
  for (const each of accepted) {
    const identity = itemIdentity(list, each.item);
    const next = combine(list, path, result.get(identity), each, context);
    if (next === undefined) result.delete(identity);
    else result.set(identity, next);
  }
  const named = new Set(sent.map(({ values }) => itemIdentity(list, values)));
  const surplus = list.rule === 'last-of-type-wins' ? 0 : Math.max(0, result.size - (list.max ?? Infinity));
  const missing = [...result].filter(([identity, item]) => !named.has(identity) && !isReadOnly(list, item));
  for (const [identity, item] of removeMissing ? missing : missing.slice(0, surplus)) {
    result.delete(identity);
    context.removals.push({ field: describe(list, path, item), how: 'missing-from-list' });
  }
  return [...result.values()];
}

/** @returns undefined where the element was sent with an empty text: it is removed */
function combine(
  list: List,
  path: string,
  before: Item | undefined,
  { item, emptied: empty, refused }: AcceptedItem,
  context: WriteContext,
): Item | undefined {
  const content = Object.keys(list.children).find((field) => list.children[field]?.at === 'content');
  if (content !== undefined && empty.includes(content)) {
    if (before !== undefined) context.removals.push({ field: describe(list, path, before), how: 'empty' });
    return undefined;
  }
  const next: Record<string, Scalar> =
    context.behaviour.listElements === 'merged' ? { ...before, ...item } : { ...item };
  for (const [field, value] of Object.entries(before ?? {})) {
    if (refused.includes(field)) next[field] = value;
    else if (empty.includes(field)) {
      delete next[field];
      context.removals.push({ field: pathOfField(list, path, field), how: 'empty' });
    } else if (next[field] === undefined && list.children[field]?.at !== 'attribute') {
      context.removals.push({ field: pathOfField(list, path, field), how: 'missing-from-list' });
    }
  }
  return next;
}

export function isReadOnly(list: List, item: Item): boolean {
  const readOnlyTypes = list.children['type']?.readOnlyValues ?? [];
  return readOnlyTypes.includes(String(item['type'] ?? ''));
}

/** Which element it was, without its values: `Telephones/Telephone Cell`. */
export function describe(list: List, path: string, item: Item): string {
  const type = item['type'];
  return `${path}/${list.item}${typeof type === 'string' ? ` ${type}` : ''}`;
}
