import * as fc from 'fast-check';
import {
  type AnyChildren,
  type AnyList,
  type AnyNode,
  CARD_NUMBER_RULES,
  itemIdentity,
  type Leaf,
  type ProfileSections,
  type SectionName,
  TRAVELLER_ELEMENTS,
} from '../../../profile';
import { asProfileSections } from '../../../hub/sections';
import { checkValue, wrongDateRange } from '../../../sandbox/concur/field-checks';
import { type Scalar } from '../../../sandbox/concur/types';
import { aCardNumber } from '../concur/cards';
import { plausible } from '../concur/hub-sections';

/**
 * Content that Concur can hold, derived from the table of elements: whatever is added to the table is
 * generated from then on. What Concur looks up stands in a table of its own here.
 */

export const COLLEAGUES = ['boss@example.test', 'aide@example.test', 'peer@example.test'];
export const RULE_CLASSES = ['Default Travel Class', 'Guests & Co'];
export const TRAVEL_CONFIGS = ['4711', '4712'];

const LOOKED_UP: Readonly<Record<string, readonly string[]>> = {
  'general.ruleClass': RULE_CLASSES,
  'general.travelConfigId': TRAVEL_CONFIGS,
  'roles.loginId': COLLEAGUES,
  'sponsors.loginId': COLLEAGUES,
};
/** Not required by the schema, but nothing is written without it (W003, W007), or no write can take it away. */
const DEMANDED = new Set(['roles.loginId', 'telephones.countryCode', 'cards.usageType']);
/** Few, so that one content often means an element of another. */
const IDENTITIES = ['A-1', 'B 2', '007', "O'Brien & Söhne", 'Ελένη 花子'];

type Json = Record<string, unknown>;

function isScalar(value: unknown): value is Scalar {
  return ['string', 'number', 'boolean'].includes(typeof value);
}

function leafValue(leaf: Leaf, path: string): fc.Arbitrary<unknown> {
  const lookedUp = LOOKED_UP[path];
  if (lookedUp !== undefined) return fc.constantFrom(...lookedUp);
  if (leaf.form === 'month') return fc.constantFrom('2030-01', '2031-12');
  return plausible(leaf).filter(
    (value) => isScalar(value) && checkValue(leaf, value, '') === undefined && String(value).trim() !== '',
  );
}

function isPlainText(node: AnyNode): node is Leaf {
  return node.node === 'leaf' && node.kind === 'text' && node.values === undefined && node.max !== 2;
}

function nodeValue(node: AnyNode, path: string): fc.Arbitrary<unknown> {
  if (node.node === 'leaf') return leafValue(node, path);
  if (node.node === 'list') return listValue(node, path);
  return childrenValue(node.children, path).filter((group) => Object.keys(group).length > 0);
}

function isWritable(node: AnyNode): boolean {
  return !('readOnly' in node && node.readOnly === true);
}

function childrenValue(
  children: AnyChildren,
  path: string,
  change: Readonly<Record<string, fc.Arbitrary<unknown>>> = {},
): fc.Arbitrary<Json> {
  const writable = Object.entries(children).filter(([, node]) => isWritable(node));
  const demanded = ([name, node]: [string, AnyNode]): boolean =>
    DEMANDED.has(`${path}.${name}`) ||
    (node.node === 'leaf' && (node.required === true || node.at === 'content'));
  const model = writable.map(
    ([name, node]) => [name, change[name] ?? nodeValue(node, `${path}.${name}`)] as const,
  );
  return fc.record(Object.fromEntries(model), {
    requiredKeys: writable.filter(demanded).map(([name]) => name),
  });
}

function listValue(list: AnyList, path: string): fc.Arbitrary<Json[]> {
  const identities = list.identity.flatMap((name) => {
    const node = list.children[name];
    if (node === undefined || !isPlainText(node) || LOOKED_UP[`${path}.${name}`] !== undefined) return [];
    if (name === 'phoneNumber') return [];
    const seldom = leafValue(node, `${path}.${name}`);
    return [[name, fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...IDENTITIES) }, seldom)] as const];
  });
  const item = childrenValue(list.children, path, Object.fromEntries(identities))
    .filter(saysSomething(list))
    .map((one) => (path === 'cards' ? asCard(one) : one))
    .filter((one) => wrongDateRange(scalarsOf(one)) === undefined);
  return fc
    .uniqueArray(item, {
      minLength: 1,
      maxLength: list.max ?? 3,
      selector: (one) => itemIdentity(list, one),
    })
    .map((items) => together(path, items));
}

function scalarsOf(item: Json): Record<string, Scalar> {
  return Object.fromEntries(
    Object.entries(item).flatMap(([name, value]) => (isScalar(value) ? [[name, value]] : [])),
  );
}

/** An element of attributes alone says something only where the table has nothing else. */
function saysSomething(list: AnyList): (item: Json) => boolean {
  const isAttribute = (name: string): boolean => {
    const node = list.children[name];
    return node?.node === 'leaf' && node.at === 'attribute';
  };
  const only = Object.keys(list.children).every(isAttribute);
  return (item) => only || Object.keys(item).some((name) => !isAttribute(name));
}

const VENDORS = [...Object.keys(CARD_NUMBER_RULES), 'HouseCard'];

/** A card by the place of its name, so that two contents often mean the same one. */
function asCard(item: Json): Json {
  const n = String(item['accountNo']).length % 4;
  const vendor = VENDORS[n] ?? 'Visa';
  return { ...item, vendor, accountNo: aCardNumber(vendor, n) };
}

/** What Concur demands of a list as a whole (docs/concur.md §3, lists, and §4). */
function together(path: string, items: Json[]): Json[] {
  switch (path) {
    case 'telephones':
      return oneAtMost(items, 'primaryMobile', (item) => item['type'] === 'Cell', 'named');
    case 'roles': {
      const managers = items.filter((item) => item['type'] === 'Manager');
      const fit = items.filter((item) => item['type'] !== 'Manager' || item === managers[0]);
      return oneAtMost(fit, 'primaryIndicatorFlag', (item) => item['type'] === 'Arranger');
    }
    case 'cards':
      return oneDefaultPerSegment(items);
    default:
      return items;
  }
}

/** One element at most has the flag; `named`: and if nobody has it nobody denies it. */
function oneAtMost(items: Json[], flag: string, among: (item: Json) => boolean, how?: 'named'): Json[] {
  const first = items.find((item) => among(item) && item[flag] === true);
  return items.map((item) => {
    const { [flag]: value, ...rest } = item;
    if (!among(item) || value === undefined) return how === 'named' ? rest : item;
    if (first === undefined && how === 'named') return rest;
    return { ...rest, [flag]: item === first };
  });
}

function oneDefaultPerSegment(cards: Json[]): Json[] {
  const taken = new Set<unknown>();
  return cards.map((card) => {
    const { segments } = card;
    if (!Array.isArray(segments)) return card;
    const own = segments.map((segment: Json) => {
      const isDefault = segment['default'] === true && !taken.has(segment['type']);
      if (isDefault) taken.add(segment['type']);
      return { ...segment, default: isDefault };
    });
    return { ...card, segments: own };
  });
}

/** Writable content of one section; undefined where the hub has none of it, or may have none at all. */
export function holdableSection(section: SectionName): fc.Arbitrary<unknown> {
  const node: AnyNode = TRAVELLER_ELEMENTS[section];
  if (!isWritable(node)) return fc.constant(undefined);
  return fc.option(nodeValue(node, section), { freq: 5, nil: undefined });
}

/** Sections that are there, as the hub would take them. */
export function asSections(sections: Json): ProfileSections {
  const present = Object.entries(sections).filter(([, value]) => value !== undefined);
  return asProfileSections(Object.fromEntries(present), 'a generated content');
}
