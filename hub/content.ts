import { type AnyChildren, type AnyNode, TRAVELLER_ELEMENTS } from '../profile';
import { isJsonObject, type JsonObject, nodeOf } from './sections';
import { type Image } from './types';

/**
 * Canonical JSON: fields in order, nothing that is empty. Two contents are the same where their texts are.
 * Holds plain values: hash it, never store it.
 */
export function canonicalText(value: unknown): string {
  return JSON.stringify(canonical(value)) ?? 'null';
}

/**
 * Text of one side's content as far as synchronisation goes: without the hub's list keys, and lists in any
 * order are the same, because Concur keeps none. Its hash is stored: the same content gives the same text in
 * every version.
 */
export function imageText(image: Image): string {
  const sections = childrenText(TRAVELLER_ELEMENTS, image.sections);
  return `{"status":"${image.status}"${sections === undefined ? '' : `,"sections":${sections}`}}`;
}

function canonical(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => canonical(item) ?? null);
    return items.length === 0 ? undefined : items;
  }
  if (!isJsonObject(value)) return value;
  const fields = Object.keys(value)
    .sort()
    .map((name) => [name, canonical(value[name])] as const)
    .filter(([, field]) => field !== undefined && field !== null);
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

/** @returns undefined where there is nothing */
function childrenText(children: AnyChildren, value: JsonObject): string | undefined {
  const fields: string[] = [];
  for (const name of Object.keys(value).sort()) {
    const node = name === 'key' ? undefined : nodeOf(children, name);
    const child = value[name];
    if (node === undefined || child === undefined || child === null) continue;
    const text = nodeText(node, child);
    if (text !== undefined) fields.push(`"${name}":${text}`);
  }
  return fields.length === 0 ? undefined : `{${fields.join(',')}}`;
}

function nodeText(node: AnyNode, value: unknown): string | undefined {
  switch (node.node) {
    case 'leaf':
      return JSON.stringify(value);
    case 'group':
      return isJsonObject(value) ? childrenText(node.children, value) : undefined;
    case 'list': {
      const items = Array.isArray(value) ? value.filter(isJsonObject) : [];
      if (items.length === 0) return undefined;
      // Elements as texts in a text: so they can be put in order, and so they were hashed from the beginning.
      const texts = items.map((item) => childrenText(node.children, item) ?? 'null').sort();
      return JSON.stringify(texts);
    }
  }
}
