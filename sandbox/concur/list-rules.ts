import { type List } from '../../profile';
import { warning } from './field-checks';
import { type AcceptedItem, acceptItems, countTypes } from './list-items';
import { describe, isReadOnly, merge } from './list-merge';
import { applyCustomFields, applyRoles } from './list-special';
import { applyTelephones } from './telephones';
import { type Item } from './types';
import { type WriteContext } from './write-context';
import { type ItemChange } from './write-document';

/**
 * What a POST does to a list (docs/concur.md §3, lists).
 * @param path the container, e.g. `Air/AirMemberships`
 * @returns the elements afterwards
 */
export function applyList(
  list: List,
  path: string,
  current: readonly Item[],
  sent: readonly ItemChange[],
  context: WriteContext,
): readonly Item[] {
  if (sent.length === 0) return emptied(list, path, current, context);
  switch (list.xml) {
    case 'Telephones':
      return applyTelephones(list, path, current, sent, context);
    case 'CustomFields':
      return applyCustomFields(list, path, current, sent, context);
    case 'Roles':
      return applyRoles(list, path, current, sent, context);
    default:
      return applyByRule(list, path, current, sent, context);
  }
}

function emptied(list: List, path: string, current: readonly Item[], context: WriteContext): readonly Item[] {
  if (context.behaviour.emptyContainer === 'ignored') return current;
  const kept = current.filter((item) => isReadOnly(list, item));
  for (const item of current.filter((each) => !kept.includes(each))) {
    context.removals.push({ field: describe(list, path, item), how: 'empty-container' });
  }
  return kept;
}

function applyByRule(
  list: List,
  path: string,
  current: readonly Item[],
  sent: readonly ItemChange[],
  context: WriteContext,
): readonly Item[] {
  if (list.rule !== 'last-of-type-wins' && list.max !== undefined && sent.length > list.max) {
    context.warnings.push(warning('W016', path, `${path} may hold at most ${list.max}; none was changed.`));
    return current;
  }
  const accepted = withoutTooMany(list, path, acceptItems(list, sent, path, context), context);
  const replaces =
    list.rule === 'replaces' ||
    (list.rule === 'undocumented' && context.behaviour.undocumentedLists === 'replace');
  // Where nothing could be written nothing is replaced either.
  const removeMissing = replaces && accepted.length > 0;
  return merge(
    list,
    path,
    current,
    sent,
    digitsDemanded(list, path, accepted, context),
    removeMissing,
    context,
  );
}

function withoutTooMany(
  list: List,
  path: string,
  accepted: readonly AcceptedItem[],
  context: WriteContext,
): readonly AcceptedItem[] {
  if (list.maxPerType !== 1) return accepted;
  const tooMany = [...countTypes(accepted)].filter(([, count]) => count > 1).map(([type]) => type);
  for (const type of tooMany) {
    const message = `Only one ${list.item} of type ${type} is allowed; it was not changed.`;
    context.warnings.push(warning('W016', `${path}/Type`, message));
  }
  return accepted.filter(({ item }) => !tooMany.includes(String(item['type'])));
}

function digitsDemanded(
  list: List,
  path: string,
  accepted: readonly AcceptedItem[],
  context: WriteContext,
): readonly AcceptedItem[] {
  if (list.xml !== 'Phones') return accepted;
  return accepted.filter(({ item, emptied: empty }) => {
    const usable = empty.includes('value') || /\d/.test(String(item['value'] ?? ''));
    if (!usable) context.warnings.push(warning('W023', `${path}/Phone`, 'The emergency phone is not valid.'));
    return usable;
  });
}
