import { type List } from '../../profile';
import { checkValue, warning, wrongDateRange } from './field-checks';
import { type Item, type Scalar } from './types';
import { type WriteContext } from './write-context';
import { type ItemChange } from './write-document';

/** An element of a list whose values passed the checks. */
export interface AcceptedItem {
  readonly item: Item;
  readonly emptied: readonly string[];
  /** Fields that were sent but not written: what Concur had there stays. */
  readonly refused: readonly string[];
}

/** `Telephones/CountryCode`, `EmailAddresses/EmailAddress`, … */
export function pathOfField(list: List, path: string, field: string): string {
  const leaf = list.children[field];
  return `${path}/${leaf?.xml ?? list.item}`;
}

/** The elements that can be written; each value that cannot is a warning. */
export function acceptItems(
  list: List,
  sent: readonly ItemChange[],
  path: string,
  context: WriteContext,
): readonly AcceptedItem[] {
  return sent.flatMap((change) => {
    const accepted = acceptItem(list, change, path, context);
    return accepted === undefined ? [] : [accepted];
  });
}

function acceptItem(
  list: List,
  change: ItemChange,
  path: string,
  context: WriteContext,
): AcceptedItem | undefined {
  const type = change.values['type'];
  const typeLeaf = list.children['type'];
  if (typeof type === 'string' && (typeLeaf?.readOnlyValues ?? []).includes(type)) {
    context.warnings.push(warning('W011', `${path}/Type`, `${list.item} of type ${type} cannot be changed.`));
    return undefined;
  }
  const refused: string[] = [];
  const item: Record<string, Scalar> = {};
  for (const [field, value] of Object.entries(change.values)) {
    const leaf = list.children[field];
    const problem = leaf === undefined ? undefined : checkValue(leaf, value, pathOfField(list, path, field));
    if (problem === undefined) item[field] = value;
    else {
      context.warnings.push(problem);
      refused.push(field);
    }
  }
  const range = wrongDateRange(item);
  if (range !== undefined) {
    const field = pathOfField(list, path, range[1]);
    context.warnings.push(warning('W014', field, 'The date range is not valid: it ends before it starts.'));
    for (const name of range) {
      delete item[name];
      refused.push(name);
    }
  }
  for (const field of change.emptied.filter((name) => list.children[name]?.required)) {
    const at = pathOfField(list, path, field);
    context.warnings.push(
      warning('W007', at, `The ${list.children[field]?.xml ?? field} field is required.`),
    );
    refused.push(field);
  }
  // An element stands or falls with what the schema requires of it and with its text.
  const lost = refused.some((name) => list.children[name]?.required || list.children[name]?.at === 'content');
  return lost ? undefined : { item, emptied: change.emptied, refused };
}

/** How often each type stands among the elements. */
export function countTypes(items: readonly { readonly item: Item }[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { item } of items) {
    const type = String(item['type'] ?? '');
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  return counts;
}
