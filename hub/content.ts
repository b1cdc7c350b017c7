import { type Image } from './types';
import { isJsonObject, mapLeaves } from './sections';

/**
 * Canonical JSON: fields in order, nothing that is empty. Two contents are the same where their texts are.
 * Holds plain values: hash it, never store it.
 */
export function canonicalText(value: unknown): string {
  return JSON.stringify(canonical(value, false)) ?? 'null';
}

/**
 * Text of one side's content as far as synchronisation goes: without the hub's list keys, and lists in any
 * order are the same, because Concur keeps none.
 */
export function imageText(image: Image): string {
  return JSON.stringify({
    status: image.status,
    sections: canonical(
      mapLeaves(image.sections, (value) => value),
      true,
    ),
  });
}

function canonical(value: unknown, forSync: boolean): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => canonical(item, forSync) ?? null);
    if (items.length === 0) return undefined;
    return forSync ? items.map((item) => JSON.stringify(item)).sort() : items;
  }
  if (!isJsonObject(value)) return value;
  const fields = Object.keys(value)
    .filter((name) => !(forSync && name === 'key'))
    .sort()
    .map((name) => [name, canonical(value[name], forSync)] as const)
    .filter(([, field]) => field !== undefined && field !== null);
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}
