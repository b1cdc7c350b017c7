import { type Leaf } from '../../profile';
import { ConcurUnwritable } from '../errors';

export type Scalar = string | number | boolean;

const INTEGER = /^[+-]?\d{1,15}$/;
/** A date, alone or with a time part whatever its form. */
const DATE = /^(\d{4})-(\d{2})-(\d{2})(?:[T ]\d{2}:\d{2}\S*|Z|[+-]\d{2}:\d{2})?$/;
const BOOLEANS: ReadonlyMap<string, boolean> = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
]);

/**
 * A leaf's text as JSON.
 * @param text trimmed, not empty
 * @param tolerant also accept the spellings that only reads show (`readAs`, `True`, a time part)
 * @returns undefined where the text is no value of the leaf's kind
 */
export function parseLeaf(leaf: Leaf, text: string, tolerant: boolean): Scalar | undefined {
  switch (leaf.kind) {
    case 'text':
      return tolerant ? (readAs(leaf, text) ?? monthIn(leaf, text) ?? text) : text;
    case 'boolean':
      return BOOLEANS.get(tolerant ? text.toLowerCase() : text);
    case 'integer':
      return INTEGER.test(text) ? Number(text) : undefined;
    case 'date':
      return parseDate(text);
  }
}

/**
 * A leaf's value as text; `''` where there is nothing to say.
 * @throws ConcurUnwritable where the value is not of the leaf's kind
 */
export function formatLeaf(leaf: Leaf, value: unknown, path: string): string {
  if (value === null) return '';
  switch (leaf.kind) {
    case 'text':
      if (typeof value !== 'string') throw wrongKind(path, 'a text');
      return value.trim() === '' ? '' : (readAs(leaf, value) ?? value);
    case 'boolean':
      if (typeof value !== 'boolean') throw wrongKind(path, 'true or false');
      return String(value);
    case 'integer':
      if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw wrongKind(path, 'a whole number');
      return String(value);
    case 'date':
      if (typeof value !== 'string' || value.length !== 10 || parseDate(value) === undefined) {
        throw wrongKind(path, 'a date YYYY-MM-DD');
      }
      return value;
  }
}

function readAs(leaf: Leaf, text: string): string | undefined {
  const spellings = leaf.readAs;
  return spellings !== undefined && Object.hasOwn(spellings, text) ? spellings[text] : undefined;
}

/** `2027-05` of a whole date. Any other text stays as it is, so that it goes back as it came. */
function monthIn(leaf: Leaf, text: string): string | undefined {
  return leaf.form === 'month' ? parseDate(text)?.slice(0, 'YYYY-MM'.length) : undefined;
}

function parseDate(text: string): string | undefined {
  const [, year, month, day] = DATE.exec(text) ?? [];
  if (year === undefined || month === undefined || day === undefined) return undefined;
  const iso = `${year}-${month}-${day}`;
  if (month >= '01' && month <= '12' && day >= '01' && day <= '28') return iso;
  const time = Date.parse(`${iso}T00:00:00Z`);
  // 2026-02-30 would roll over to March.
  return !Number.isNaN(time) && new Date(time).toISOString().startsWith(iso) ? iso : undefined;
}

function wrongKind(path: string, wanted: string): ConcurUnwritable {
  return new ConcurUnwritable(`${path} must be ${wanted}. Correct it in the hub.`, path, {
    code: 'xml-wrong-kind',
  });
}
