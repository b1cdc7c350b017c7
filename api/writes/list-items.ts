import { isJsonObject, type JsonObject } from '../../hub/sections';
import { type AnyList, isReadOnlyKind, itemsByIdentity } from '../../profile';

/**
 * Pairs elements that are written with stored ones, by key, else by identity. A stored element is taken
 * once.
 */
export function pairItems(
  list: AnyList,
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
  list: AnyList,
  incoming: readonly JsonObject[],
  stored: readonly JsonObject[],
): JsonObject[] {
  const readOnly = (item: JsonObject): boolean => isReadOnlyKind(list, item);
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

function withReadOnlyFields(list: AnyList, item: JsonObject, stored: JsonObject | undefined): JsonObject {
  const result: Record<string, unknown> = {};
  for (const name of Object.keys({ ...item, ...stored })) {
    const node = list.children[name];
    const isOurs = node?.node === 'leaf' && node.readOnly === true;
    const value = node?.node === 'list' ? reconcileWithin(node, item[name], stored?.[name]) : item[name];
    const kept = isOurs ? stored?.[name] : value;
    if (kept !== undefined) result[name] = kept;
  }
  return result;
}

/** A list within an element: a card's segments. */
function reconcileWithin(list: AnyList, incoming: unknown, stored: unknown): unknown {
  if (!Array.isArray(incoming)) return undefined;
  const before = Array.isArray(stored) ? stored.filter(isJsonObject) : [];
  return reconcileItems(list, incoming.filter(isJsonObject), before);
}
