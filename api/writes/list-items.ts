import { type JsonObject } from '../../hub/sections';
import { itemsByIdentity, type List } from '../../profile';

/**
 * Pairs elements that are written with stored ones, by key, else by identity. A stored element is taken
 * once.
 */
export function pairItems(
  list: List,
  incoming: readonly JsonObject[],
  stored: readonly JsonObject[],
): (JsonObject | undefined)[] {
  const left = new Set(stored);
  const take = (found: JsonObject | undefined): JsonObject | undefined =>
    found !== undefined && left.delete(found) ? found : undefined;
  const byKey = incoming.map(({ key }) =>
    typeof key === 'string' ? take(stored.find((item) => item['key'] === key)) : undefined,
  );
  const byIdentity = itemsByIdentity(list, stored);
  const identities = [...itemsByIdentity(list, incoming).keys()];
  return incoming.map((_, index) => byKey[index] ?? take(byIdentity.get(identities[index] ?? '')));
}

/**
 * What only Concur decides stays as it is stored: read-only fields of an element, and whole elements of a
 * read-only type (the supervisor's e-mail address), whether they were sent back or not.
 */
export function reconcileItems(
  list: List,
  incoming: readonly JsonObject[],
  stored: readonly JsonObject[],
): JsonObject[] {
  const readOnly = (item: JsonObject): boolean => isReadOnlyItem(list, item);
  const ours = stored.filter(readOnly);
  const theirs = stored.filter((item) => !readOnly(item));
  const shown = pairItems(list, incoming.filter(readOnly), ours).values();
  const written = pairItems(
    list,
    incoming.filter((item) => !readOnly(item)),
    theirs,
  ).values();
  const result = incoming.flatMap((item) => {
    if (!readOnly(item)) return [withReadOnlyFields(list, item, written.next().value)];
    const kept = shown.next().value;
    return kept === undefined ? [] : [kept];
  });
  return [...result, ...ours.filter((item) => !result.includes(item))];
}

function isReadOnlyItem(list: List, item: JsonObject): boolean {
  return Object.entries(list.children).some(([name, leaf]) => {
    const value = item[name];
    return typeof value === 'string' && leaf.readOnlyValues?.includes(value) === true;
  });
}

function withReadOnlyFields(list: List, item: JsonObject, stored: JsonObject | undefined): JsonObject {
  const readOnly = Object.entries(list.children).filter(([, leaf]) => leaf.readOnly === true);
  if (readOnly.length === 0) return item;
  const names = readOnly.map(([name]) => name);
  const own = Object.entries(item).filter(([name]) => !names.includes(name));
  const kept = names.flatMap((name) => (stored?.[name] === undefined ? [] : [[name, stored[name]] as const]));
  return Object.fromEntries([...own, ...kept]);
}
