import {
  CARDS_ROOT_XML,
  CARDS_XML,
  type Children,
  CREDIT_CARD,
  type CreditCard,
  type CreditCardContent,
  isCompanyCard,
  type Leaf,
  type UnknownElement,
} from '../../profile';
import { ConcurUnreadable, ConcurUnwritable } from '../errors';
import { decodeAttributes, decodeChildren, type Decoding } from './decode';
import { type Direction, encodeChildren } from './encode';
import { formatLeaf } from './leaves';
import {
  attributeNamed,
  childrenOf,
  element,
  localName,
  parseDocument,
  sameName,
  toDocument,
  type XmlAttribute,
  type XmlElement,
  XSI,
} from './tree';
import { insertUnknown, unknownAttributes, unknownElement } from './unknown';

const LOGIN = 'LoginId';

/** A traveller's cards as Concur shows them. */
export interface CardDocument {
  readonly loginId: string;
  readonly cards: readonly CreditCard[];
  readonly unknown: readonly UnknownElement[];
}

const TABLE: Children = CREDIT_CARD.children;
const ELEMENTS: Children = Object.fromEntries(
  Object.entries(TABLE).filter(([, node]) => node.node !== 'leaf' || node.at !== 'attribute'),
);
const ATTRIBUTES: Readonly<Record<string, Leaf>> = Object.fromEntries(
  Object.entries(TABLE).flatMap(([key, node]) =>
    node.node === 'leaf' && node.at === 'attribute' ? [[key, node]] : [],
  ),
);

/**
 * Cards as Concur sent them. Tolerant as for a profile: what the table does not know is kept in `unknown`.
 * @param askedFor the login that was asked for, where the document may lack it
 * @throws ConcurUnreadable where the XML is cut off or malformed, holds no cards or names no login
 */
export function decodeCards(xml: string, askedFor?: string): CardDocument {
  const root = parseDocument(xml);
  if (!sameName(root.name, CARDS_ROOT_XML)) {
    throw new ConcurUnreadable('Concur sent another document than cards. Nothing of it was used.');
  }
  const loginId = attributeNamed(root, LOGIN)?.trim() || askedFor;
  if (loginId === undefined) {
    throw new ConcurUnreadable('The cards that Concur sent name no login. Nothing of it was used.');
  }
  const decoding: Decoding = { as: 'read', unknown: [] };
  const cards: CreditCard[] = [];
  const others = root.attributes.filter(({ name }) => !sameName(name, LOGIN));
  decoding.unknown.push(...unknownAttributes({ ...root, attributes: others }, ''));
  const ordinals = new Map<string, number>();
  for (const child of childrenOf(root)) {
    if (sameName(child.name, CARDS_XML)) {
      decoding.unknown.push(...unknownAttributes(child, CARDS_XML));
      for (const item of childrenOf(child)) decodeItem(item, cards, decoding);
      continue;
    }
    const name = localName(child.name).toLowerCase();
    const ordinal = (ordinals.get(name) ?? 0) + 1;
    ordinals.set(name, ordinal);
    decoding.unknown.push(...unknownElement(child, '', ordinal));
  }
  return { loginId, cards, unknown: decoding.unknown };
}

/** An empty element is no card; anything that says something is one, lest it be left out of a POST. */
function decodeItem(item: XmlElement, cards: CreditCard[], decoding: Decoding): void {
  if (!sameName(item.name, CREDIT_CARD.xml)) {
    decoding.unknown.push(...unknownElement(item, CARDS_XML, 1));
    return;
  }
  const unknownBefore = decoding.unknown.length;
  const path = `${CARDS_XML}/${CREDIT_CARD.xml}[${cards.length + 1}]`;
  // An attribute that comes as an element is understood all the same.
  const card = cardOf({
    ...decodeChildren(TABLE, item, decoding, path),
    ...decodeAttributes(ATTRIBUTES, item, decoding, path),
  });
  if (Object.keys(card).length > 0 || decoding.unknown.length > unknownBefore) cards.push(card);
}

// As for the sections of a profile: that the walker makes this shape is what the round-trip property tests.
function cardOf(decoded: Record<string, unknown>): CreditCard {
  return decoded;
}

/** Cards as Concur would show them, company cards, read-only and unknown elements included. */
export function encodeCardsRead(document: CardDocument): string {
  const root = rootOf(document.loginId, document.cards, 'read');
  insertUnknown(root, document.unknown);
  return toDocument(root);
}

/**
 * The body of a POST: the complete set of cards that can be written, in the schema's order. Company cards
 * and `Mandatory` are left out (docs/concur.md §4).
 * @throws ConcurUnwritable with code `cards-empty` where no card is left, because Concur takes no empty list;
 *   otherwise where a card lacks vendor or number or a value cannot be said in XML
 */
export function encodeCardsWrite(loginId: string, cards: readonly CreditCardContent[]): string {
  const writable = cards.filter((card) => !isCompanyCard(card));
  if (writable.length === 0) {
    throw new ConcurUnwritable(
      'Concur takes no empty list of cards, so the last card cannot be removed here. Nothing was sent; ' +
        'let the traveller remove it in Concur.',
      CARDS_XML,
      { code: 'cards-empty' },
    );
  }
  return toDocument(rootOf(loginId, writable, 'write'));
}

function rootOf(loginId: string, cards: readonly CreditCardContent[], direction: Direction): XmlElement {
  const items = cards.map((card, index) =>
    encodeCard(card, direction, `${CARDS_XML}/${CREDIT_CARD.xml}[${index + 1}]`),
  );
  return element(CARDS_ROOT_XML, [element(CARDS_XML, items)], [XSI, { name: LOGIN, value: loginId }]);
}

function encodeCard(card: CreditCardContent, direction: Direction, path: string): XmlElement {
  const values: Readonly<Record<string, unknown>> = card;
  if (direction === 'write') demandIdentity(card, path);
  const attributes = Object.entries(ATTRIBUTES).flatMap(([key, leaf]): XmlAttribute[] => {
    const value = values[key];
    if (value === undefined) return [];
    const text = formatLeaf(leaf, value, `${path}/@${leaf.xml}`);
    // In a POST an empty attribute clears, as an empty element does.
    return text === '' && direction === 'read' ? [] : [{ name: leaf.xml, value: text }];
  });
  return element(CREDIT_CARD.xml, encodeChildren(ELEMENTS, values, direction, path), attributes);
}

/** Without them Concur could not tell which card is meant, and would delete the one that is. */
function demandIdentity({ vendor, accountNo }: CreditCardContent, path: string): void {
  for (const [value, { xml }] of [
    [vendor, CREDIT_CARD.children.vendor],
    [accountNo, CREDIT_CARD.children.accountNo],
  ] as const) {
    if ((value ?? '').trim() !== '') continue;
    throw new ConcurUnwritable(`${path} lacks ${xml}, which says which card it is.`, path, {
      code: 'xml-required',
    });
  }
}
