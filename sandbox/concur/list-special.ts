import { type List } from '../../profile';
import { warning } from './field-checks';
import { acceptItems, countTypes } from './list-items';
import { merge } from './list-merge';
import { type Item } from './types';
import { type WriteContext } from './write-context';
import { type ItemChange } from './write-document';

/** Only fields that the company has configured, each once (W013, W016). */
export function applyCustomFields(
  list: List,
  path: string,
  current: readonly Item[],
  sent: readonly ItemChange[],
  context: WriteContext,
): readonly Item[] {
  const { customFields } = context.company;
  const nameOf = ({ values }: ItemChange): string => String(values['name'] ?? '');
  const counts = new Map<string, number>();
  for (const change of sent) counts.set(nameOf(change), (counts.get(nameOf(change)) ?? 0) + 1);
  const fit = sent.filter((change) => {
    if (customFields !== 'any' && !customFields.includes(nameOf(change))) {
      const message = `The custom field "${nameOf(change)}" is not configured.`;
      context.warnings.push(warning('W013', `${path}/CustomField`, message));
      return false;
    }
    return counts.get(nameOf(change)) === 1;
  });
  for (const [name, count] of counts) {
    if (count > 1)
      context.warnings.push(warning('W016', `${path}/CustomField`, `"${name}" stands ${count} times.`));
  }
  const accepted = acceptItems(list, fit, path, context);
  const removeMissing = context.behaviour.undocumentedLists === 'replace' && accepted.length > 0;
  return merge(list, path, current, sent, accepted, removeMissing, context);
}

/** Managers and arrangers must exist in the company (W003); one manager, one primary arranger (W016). */
export function applyRoles(
  list: List,
  path: string,
  current: readonly Item[],
  sent: readonly ItemChange[],
  context: WriteContext,
): readonly Item[] {
  const managers = countTypes(sent.map(({ values }) => ({ item: values }))).get('Manager') ?? 0;
  const primaries = sent.filter(({ values }) => isPrimaryArranger(values)).length;
  if (managers > 1) context.warnings.push(warning('W016', `${path}/Type`, 'Only one manager is allowed.'));
  if (primaries > 1)
    context.warnings.push(warning('W016', `${path}/Type`, 'Only one primary arranger is allowed.'));
  const fit = sent.filter(({ values }) => {
    if (managers > 1 && values['type'] === 'Manager') return false;
    if (primaries > 1 && isPrimaryArranger(values)) return false;
    const login = values['loginId'];
    const known = typeof login === 'string' && context.colleague(login) !== undefined;
    if (!known)
      context.warnings.push(warning('W003', `${path}/LoginId`, 'The user does not exist in the company.'));
    return known;
  });
  const accepted = acceptItems(list, fit, path, context);
  const removeMissing = context.behaviour.undocumentedLists === 'replace' && accepted.length > 0;
  const newManager = accepted.some(({ item }) => item['type'] === 'Manager');
  const newPrimary = accepted.some(({ item }) => isPrimaryArranger(item));
  const kept = current
    .filter((item) => !(newManager && item['type'] === 'Manager'))
    .map((item) => (newPrimary && isPrimaryArranger(item) ? { ...item, primaryIndicatorFlag: false } : item));
  return merge(list, path, kept, sent, accepted, removeMissing, context);
}

function isPrimaryArranger(item: Item): boolean {
  return item['type'] === 'Arranger' && item['primaryIndicatorFlag'] === true;
}
