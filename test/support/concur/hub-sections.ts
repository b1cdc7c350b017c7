import * as fc from 'fast-check';
import {
  type Children,
  type Leaf,
  type List,
  type Node,
  PROFILE_ELEMENTS,
  type ProfileSections,
} from '../../../profile';
import { xmlCharacter } from './arbitraries';

/**
 * What a hub may hold: mostly what a careful person would enter, and in one value of two hundred what
 * nobody should. Which of it is sent is the business of the pre-flight checks.
 */

const HOSTILE_TEXTS = [
  '   ',
  '\u00a0',
  '\u0000',
  'a\u0007b',
  '\ud800',
  '\ufffe',
  'tab\tin it',
  'c\u0085d',
  '<b>',
  'x'.repeat(300),
];

const plainText = (max: number): fc.Arbitrary<string> =>
  fc
    .string({ unit: xmlCharacter, minLength: 1, maxLength: Math.max(1, Math.floor(max / 2)) })
    .map((text) => (text.trim() === '' ? 'x' : text));

const dates = (first: string, last: string): fc.Arbitrary<string> =>
  fc
    .date({ min: new Date(first), max: new Date(last), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10));

/** A value of one field as a careful person would enter it. */
function plausible(leaf: Leaf): fc.Arbitrary<unknown> {
  if (leaf.values !== undefined) return fc.constantFrom(...leaf.values);
  if (leaf.kind === 'boolean') return fc.boolean();
  if (leaf.kind === 'integer') return fc.integer({ min: -1_000_000, max: 1_000_000_000_000 });
  if (leaf.kind === 'date') {
    return leaf.range === 'smalldatetime'
      ? dates('1900-01-01', '2079-06-06')
      : dates('1753-01-01', '9999-12-31');
  }
  if (leaf.max === 2) return fc.constantFrom('CH', 'DE', 'US', 'GB', 'jp');
  if (leaf.xml === 'HomeAirport') return fc.constantFrom('ZRH', 'JFK', 'fra');
  if (leaf.xml === 'EmailAddress') return fc.emailAddress({ size: 'small' });
  if (leaf.xml === 'PhoneNumber' || leaf.xml === 'Phone') {
    return fc.stringMatching(/^[0-9]{2,4}[ -][0-9]{3,8}$/);
  }
  return plainText(Math.min(leaf.max ?? 30, 30));
}

const hostile: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(...HOSTILE_TEXTS),
  fc.constantFrom('1752-12-31', '1899-12-31', '2079-06-07', '2026-02-30', '10000-01-01'),
  fc.constantFrom('c1', 'é!', '1', 'ZR', 'SPAM', 'a@b', 7, 1.5, Number.NaN, true, 'yes'),
);

function leafValue(leaf: Leaf): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 199, arbitrary: plausible(leaf) }, { weight: 1, arbitrary: hostile });
}

function nodeValue(node: Node): fc.Arbitrary<unknown> {
  if (node.node === 'leaf') return leafValue(node);
  if (node.node === 'group') return childrenValue(node.children);
  return fc.array(itemValue(node), { minLength: 1, maxLength: 3 }).map((items) => sensible(node, items));
}

/** Now and then without something that is required. */
function itemValue(list: List): fc.Arbitrary<Record<string, unknown>> {
  const model = Object.entries(list.children).map(([key, leaf]) => [key, leafValue(leaf)] as const);
  const required = Object.entries(list.children)
    .filter(([key, leaf]) => leaf.required === true || leaf.at === 'content' || key === 'countryCode')
    .map(([key]) => key);
  return fc.oneof(
    { weight: 30, arbitrary: fc.record(Object.fromEntries(model), { requiredKeys: required }) },
    { weight: 1, arbitrary: fc.record(Object.fromEntries(model), { requiredKeys: [] }) },
  );
}

/** Mostly as many as may be: a list of too many is refused as a whole. */
function sensible(list: List, items: Record<string, unknown>[]): Record<string, unknown>[] {
  const isOver = items.length === 3 && JSON.stringify(items).length % 10 === 0;
  if (isOver) return items;
  const ofOneType = new Map(items.map((item) => [item['type'] === 'Cell' ? item : item['type'], item]));
  const different = list.maxPerType === undefined ? items : [...ofOneType.values()];
  return different.slice(0, list.max ?? items.length);
}

function childrenValue(children: Children): fc.Arbitrary<Record<string, unknown>> {
  const model = Object.entries(children).map(([key, node]) => [key, nodeValue(node)] as const);
  return fc.record(Object.fromEntries(model), { requiredKeys: [] });
}

export const hubSections: fc.Arbitrary<ProfileSections> = childrenValue(PROFILE_ELEMENTS);

export const hubLogin: fc.Arbitrary<string> = fc.oneof(
  fc.stringMatching(/^[a-z0-9._-]{3,12}$/).map((name) => `${name}@example.test`),
  fc.string({ unit: xmlCharacter, minLength: 1, maxLength: 12 }),
);
