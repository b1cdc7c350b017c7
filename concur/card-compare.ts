import {
  cardIdentity,
  cardName,
  CREDIT_CARD,
  type CreditCard,
  type CreditCardContent,
  isCompanyCard,
  type UnknownElement,
} from '../profile';
import { type CardDifference } from './card-types';
import { withoutCleared } from './card-merge';
import { type CardDocument } from './xml';

/**
 * What Concur shows after a write otherwise than it should: what was sent, and the company cards as they
 * were before (docs/concur.md §4).
 */
export function compareCards(
  before: CardDocument,
  sent: readonly CreditCardContent[],
  after: CardDocument,
): CardDifference[] {
  const expected = byKey([...sent.map(withoutCleared), ...before.cards.filter(isCompanyCard)]);
  const shown = byKey(after.cards);
  const known = byKey(before.cards);
  const fromExpected = [...expected].flatMap(([key, card]): CardDifference[] => {
    const found = shown.get(key);
    if (found === undefined) return [{ card: cardName(card), kind: 'missing', fields: [] }];
    const fields = isCompanyCard(card) ? [] : fieldsThatDiffer(card, found);
    return fields.length === 0 ? [] : [{ card: cardName(card), kind: 'changed', fields }];
  });
  const fromShown = [...shown].flatMap(([key, card]): CardDifference[] => {
    if (expected.has(key)) return [];
    return [{ card: cardName(card), kind: known.has(key) ? 'still-there' : 'unexpected', fields: [] }];
  });
  return [...fromExpected, ...fromShown, ...unknownLost(before, sent, after)];
}

/** Two cards of one identity are told apart by their order. */
function byKey(cards: readonly CreditCard[]): Map<string, CreditCard> {
  const map = new Map<string, CreditCard>();
  for (const card of cards) {
    const key = `${isCompanyCard(card) ? 'company' : 'own'}|${cardIdentity(card)}`;
    let unique = key;
    for (let n = 2; map.has(unique); n += 1) unique = `${key}#${n}`;
    map.set(unique, card);
  }
  return map;
}

function fieldsThatDiffer(expected: CreditCard, shown: CreditCard): string[] {
  const { displayName, expDate, nameOnCard, usageType } = CREDIT_CARD.children;
  const { billingAddress, segments } = CREDIT_CARD.children;
  const address = Object.entries(billingAddress.children);
  const addressOf = (card: CreditCard): readonly string[] => {
    const values: Readonly<Record<string, unknown>> = { ...card.billingAddress };
    return address.map(([name]) => textOf(values[name]));
  };
  const pairs: readonly (readonly [xml: string, isSame: boolean])[] = [
    [displayName.xml, textOf(expected.displayName) === textOf(shown.displayName)],
    [expDate.xml, textOf(expected.expDate) === textOf(shown.expDate)],
    [nameOnCard.xml, textOf(expected.nameOnCard) === textOf(shown.nameOnCard)],
    [usageType.xml, textOf(expected.usageType) === textOf(shown.usageType)],
    [billingAddress.xml, addressOf(expected).join('\n') === addressOf(shown).join('\n')],
    [segments.xml, defaultsOf(expected) === defaultsOf(shown)],
  ];
  return pairs.filter(([, isSame]) => !isSame).map(([xml]) => xml);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value.trim() : '';
}

/** Whether segments without a default are shown at all is Concur's choice. */
function defaultsOf(card: CreditCard): string {
  const types = (card.segments ?? []).flatMap(({ type, default: isDefault }) =>
    isDefault === true && type !== undefined ? [type] : [],
  );
  return types.sort().join(' ');
}

/** Elements that no POST of ours can hold are expected to stay; cards that were removed take theirs along. */
function unknownLost(
  before: CardDocument,
  sent: readonly CreditCardContent[],
  after: CardDocument,
): CardDifference[] {
  const kept = new Set(sent.map((card) => cardIdentity(withoutCleared(card))));
  const left = after.unknown.map(spelled);
  const lost = before.unknown.filter((element) => {
    const card = before.cards[indexIn(element.path)];
    if (card !== undefined && !isCompanyCard(card) && !kept.has(cardIdentity(card))) return false;
    const at = left.indexOf(spelled(element));
    if (at >= 0) left.splice(at, 1);
    return at < 0;
  });
  const fields = [...new Set(lost.map(({ name }) => name))];
  return fields.length === 0 ? [] : [{ kind: 'unknown-lost', fields }];
}

function spelled({ path, name, value }: UnknownElement): string {
  // Cards may come in another order.
  return [path.replace(/\[\d+\]/g, ''), name, value].join('\n');
}

function indexIn(path: string): number {
  return Number(/\/CreditCard\[(\d+)\]/.exec(path)?.[1] ?? 0) - 1;
}
