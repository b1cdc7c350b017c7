import * as fc from 'fast-check';
import {
  type Children,
  CREDIT_CARD,
  type CreditCard,
  type Leaf,
  type List,
  type Node,
  PROFILE_ELEMENTS,
  type ProfileSections,
  type ProfileStatus,
  type SectionChanges,
  type UnknownElement,
} from '../../../profile';
import { isClearable } from '../../../concur/xml';
import { type ConcurProfile, type ProfileWrite } from '../../../concur/types';

/**
 * Arbitrary profiles, derived from the table of elements: whatever is added to the table is generated
 * from then on. What is allowed by the table is generated, not what makes sense for a traveller.
 */

/** `read`: as Concur shows it. `write`: what a hub may ask to write, clearing included. */
type Purpose = 'read' | 'write';

/** Texts that have broken codecs before. */
const TRICKY_TEXTS = [
  "O'Brien & Söhne <GmbH>",
  '007',
  '+49 (0)30 1234-0',
  '12345678901234567890',
  '1e5',
  'true',
  'null',
  '0x1F',
  ']]>',
  '&amp;lt;',
  '<b>bold</b>',
  '"quoted"',
  'Ελένη Жанна 花子',
  '👩🏽‍💻 ZWJ',
  'line\nbreak\tand tab',
  'carriage\r\nreturn',
  '__proto__',
];

/** Characters that parsers normalise, mistake for an end of line or cut off, and the edges of what XML allows. */
const EDGES = [...'\t\n\r &<>"\'\u0085\u00a0\u2028\ufeff\ufffd\ud7ff\ue000\u{10000}\u{10ffff}]'];

/** Any character that XML 1.0 can carry. */
export const xmlCharacter: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom(...EDGES),
  fc.integer({ min: 0x20, max: 0xd7ff }).map((point) => String.fromCodePoint(point)),
  fc.integer({ min: 0xe000, max: 0xfffd }).map((point) => String.fromCodePoint(point)),
  fc.integer({ min: 0x10000, max: 0x10ffff }).map((point) => String.fromCodePoint(point)),
);

const isLegal = (text: string): boolean =>
  !/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u.test(text);

function textArbitrary(max: number): fc.Arbitrary<string> {
  return fc
    .oneof(
      fc.constantFrom(...TRICKY_TEXTS),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }),
      fc.string({ unit: xmlCharacter, minLength: 1, maxLength: 20 }),
    )
    .map((text) => text.slice(0, max).trim())
    .filter((text) => text !== '' && isLegal(text));
}

const dateArbitrary = fc
  .date({ min: new Date('1900-01-01'), max: new Date('2079-06-06'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10));

function leafArbitrary(leaf: Leaf, purpose: Purpose): fc.Arbitrary<unknown> {
  switch (leaf.kind) {
    case 'boolean':
      return fc.boolean();
    case 'integer':
      return fc.integer({ min: 0, max: 10_000_000 });
    case 'date':
      return dateArbitrary;
    case 'text': {
      if (leaf.values === undefined) return textArbitrary(leaf.max ?? 60);
      const readOnly = purpose === 'read' ? (leaf.readOnlyValues ?? []) : [];
      return fc.constantFrom(...leaf.values, ...readOnly);
    }
  }
}

function itemArbitrary(list: List, purpose: Purpose): fc.Arbitrary<Record<string, unknown>> {
  const mustHave = Object.entries(list.children)
    .filter(([, leaf]) => leaf.at === 'content' || leaf.required === true)
    .map(([key]) => key);
  const model = Object.entries(list.children).map(
    ([key, leaf]) => [key, leafArbitrary(leaf, purpose)] as const,
  );
  return fc
    .record(Object.fromEntries(model), { requiredKeys: mustHave })
    .filter(
      (item) =>
        isAttributesOnly(list) || Object.keys(item).some((key) => list.children[key]?.at !== 'attribute'),
    );
}

function isAttributesOnly(list: List): boolean {
  return Object.values(list.children).every((leaf) => leaf.at === 'attribute');
}

function nodeArbitrary(node: Node, purpose: Purpose): fc.Arbitrary<unknown> {
  if (node.node === 'leaf') {
    const value = leafArbitrary(node, purpose);
    return purpose === 'write' && isClearable(node) ? fc.option(value, { freq: 4, nil: null }) : value;
  }
  if (node.node === 'list') {
    return fc.array(itemArbitrary(node, purpose), { minLength: purpose === 'read' ? 1 : 0, maxLength: 3 });
  }
  return childrenArbitrary(node.children, purpose).filter((group) => Object.keys(group).length > 0);
}

function childrenArbitrary(children: Children, purpose: Purpose): fc.Arbitrary<Record<string, unknown>> {
  const model = Object.entries(children).map(([key, node]) => [key, nodeArbitrary(node, purpose)] as const);
  return fc.record(Object.fromEntries(model), { requiredKeys: [] });
}

/** Sections as a read shows them: valid, without empty groups and lists. */
export const profileSections: fc.Arbitrary<ProfileSections> = childrenArbitrary(PROFILE_ELEMENTS, 'read');

/** Sections of which every element of the table is present. */
export const fullProfileSections: fc.Arbitrary<ProfileSections> = fc
  .record(
    Object.fromEntries(
      Object.entries(PROFILE_ELEMENTS).map(([key, node]) => [key, fullNodeArbitrary(node)] as const),
    ),
  )
  .map((sections: Record<string, unknown>) => sections);

function fullNodeArbitrary(node: Node): fc.Arbitrary<unknown> {
  if (node.node === 'leaf') return leafArbitrary(node, 'read');
  const children: Children = node.children;
  const model = Object.entries(children).map(([key, child]) => [key, fullNodeArbitrary(child)] as const);
  const all = fc.record(Object.fromEntries(model));
  return node.node === 'list' ? fc.array(all, { minLength: 1, maxLength: 2 }) : all;
}

/** Changes as a planner may ask for them, `null` and `[]` included. */
export const sectionChanges: fc.Arbitrary<SectionChanges> = childrenArbitrary(PROFILE_ELEMENTS, 'write');

/** Cards as a read shows them, company cards among them. */
export const creditCards: fc.Arbitrary<CreditCard[]> = fc.array(
  childrenArbitrary(CREDIT_CARD.children, 'read')
    .filter((card) => Object.keys(card).length > 0)
    .map((card: Record<string, unknown>): CreditCard => card),
  { maxLength: 4 },
);

export const profileStatus = fc.constantFrom<ProfileStatus>('active', 'inactive');

/** Logins that are plainly made up. */
export const loginId = fc.stringMatching(/^[a-z0-9._-]{3,12}$/).map((name) => `${name}@example.test`);

const unknownElement: fc.Arbitrary<UnknownElement> = fc.record({
  path: fc.constantFrom('', 'General', 'Hotel', 'Air/Seat'),
  name: fc.constantFrom('NewThing', 'Another', '@Flag'),
  value: fc.oneof(textArbitrary(40), fc.constant('<A x="1">1</A><B/>')),
});

export const concurProfile: fc.Arbitrary<ConcurProfile> = fc
  .record({
    loginId,
    status: profileStatus,
    sections: profileSections,
    unknown: fc.uniqueArray(unknownElement, { maxLength: 3, selector: (u) => `${u.path}/${u.name}` }),
  })
  .map(({ sections, ...rest }) => {
    const uuid = sections.general?.uuid;
    return { ...rest, sections, ...(uuid === undefined ? {} : { uuid }) };
  });

export const profileWrite: fc.Arbitrary<ProfileWrite> = fc.record({
  action: fc.constantFrom('Create' as const, 'Update' as const),
  loginId,
  status: profileStatus,
  sections: sectionChanges,
});
