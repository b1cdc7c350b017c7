import { z } from 'zod';
import { MASK } from '../../hub';
import { type AnyChildren, type AnyList, type AnyNode, type Leaf, TRAVELLER_ELEMENTS } from '../../profile';

/**
 * Zod schemas of a traveller's sections, derived from the table of elements: whatever is added there is
 * accepted, checked and documented from then on. JSON types are strict; lengths and enumerations are
 * only documented, because GET → PUT must work with whatever Concur once sent, and publishing reports them.
 */

const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** `write`: `null` is allowed everywhere and clears. */
type Use = 'read' | 'write';

function leafSchema(leaf: Leaf): z.ZodType {
  const meta = { description: describeLeaf(leaf) };
  switch (leaf.kind) {
    case 'boolean':
      return z.boolean().meta(meta);
    case 'integer':
      return z.int().meta(meta);
    case 'date':
      return dateSchema(leaf.sensitive === true).meta({ ...meta, format: 'date' });
    case 'text':
      return z.string().meta(leaf.values === undefined ? meta : { ...meta, examples: [...leaf.values] });
  }
}

/** A calendar date; a sensitive one may come back as its mask. */
function dateSchema(maskable: boolean): z.ZodType<string> {
  return z.string().refine((text) => isCalendarDate(text) || (maskable && text.startsWith(MASK)), {
    error: 'must be a date of the calendar, YYYY-MM-DD',
    params: { code: 'wrong-format' },
  });
}

function isCalendarDate(text: string): boolean {
  if (!DATE.test(text)) return false;
  const time = Date.parse(`${text}T00:00:00Z`);
  // 2026-02-30 would roll over to March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(text);
}

const MOST_VALUES_NAMED = 24;

function describeLeaf(leaf: Leaf): string {
  const values = leaf.values ?? [];
  const parts = [
    `Concur: ${leaf.xml}.`,
    leaf.readOnly === true ? 'Read-only: accepted and ignored.' : '',
    leaf.required === true && leaf.readOnly !== true ? 'Required.' : '',
    leaf.max === undefined ? '' : `Concur stores ${leaf.max} characters.`,
    values.length === 0 || values.length > MOST_VALUES_NAMED ? '' : `Concur takes ${values.join(', ')}.`,
    leaf.sensitive === true ? 'Masked without the scope `sensitive`.' : '',
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function nodeSchema(node: AnyNode, use: Use): z.ZodType {
  switch (node.node) {
    case 'leaf':
      return leafSchema(node);
    case 'group':
      return z.strictObject(childSchemas(node.children, use)).meta({ description: `Concur: ${node.xml}.` });
    case 'list':
      return z.array(itemSchema(node, use)).meta({ description: describeList(node) });
  }
}

function itemSchema(list: AnyList, use: Use): z.ZodType {
  const key = z
    .string()
    .max(64)
    .meta({ description: 'Opaque and stable; send it back to name this element.' });
  return z.strictObject({ key: key.optional(), ...childSchemas(list.children, use) });
}

function childSchemas(children: AnyChildren, use: Use): Record<string, z.ZodType> {
  return Object.fromEntries(
    Object.entries(children).map(([name, node]) => {
      const schema = nodeSchema(node, use);
      return [name, use === 'write' ? schema.nullable().optional() : schema.optional()];
    }),
  );
}

function describeList(list: AnyList): string {
  const parts = [
    `Concur: ${list.xml}.`,
    list.readOnly === true ? 'Read-only: accepted and ignored.' : '',
    list.max === undefined ? '' : `Concur takes at most ${list.max}.`,
    list.maxPerType === undefined ? '' : `Concur takes ${list.maxPerType} of a type.`,
    list.manyOfTypes === undefined ? '' : `Any number of ${list.manyOfTypes.join(', ')}.`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}

export const shownSections = childSchemas(TRAVELLER_ELEMENTS, 'read');
export const writtenSections = childSchemas(TRAVELLER_ELEMENTS, 'write');
