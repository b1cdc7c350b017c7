import {
  cardIdentity,
  type CardFinding,
  cardName,
  type CardRef,
  type CardSegment,
  checkCard,
  checkCardContent,
  CREDIT_CARD,
  type CreditCard,
  type CreditCardContent,
  isCompanyCard,
  isMaskedNumber,
  plainCardNumber,
} from '../profile';
import {
  type CardChange,
  type CardNotRemoved,
  type CardsChange,
  type DefaultMoved,
  type WithheldCard,
} from './card-types';
import { CardsIncomplete } from './errors';

/** What is to be sent so that Concur has the change and keeps everything else. */
export interface CardsPlan {
  /** All cards that can be written, in Concur's order, new ones behind. */
  readonly send: readonly CreditCardContent[];
  /** False where Concur shows exactly that already. */
  readonly isNeeded: boolean;
  readonly withheld: readonly WithheldCard[];
  readonly notRemoved: readonly CardNotRemoved[];
  readonly defaultsMoved: readonly DefaultMoved[];
}

type Address = NonNullable<CreditCardContent['billingAddress']>;

interface Removals {
  readonly done: ReadonlySet<string>;
  readonly notRemoved: readonly CardNotRemoved[];
}

/**
 * Merges a change into the cards that Concur shows (docs/concur.md §4, docs/decisions/0017). Pure. A POST
 * deletes what it does not name: every writable card that is not explicitly removed is in `send`.
 * @throws CardsIncomplete where a card is not shown in full, so that sending it would delete it
 * @throws RangeError where the change names a card twice: a mistake of the caller's
 */
export function planCards(shown: readonly CreditCard[], change: CardsChange): CardsPlan {
  const { put = [], remove = [] } = change;
  demandDistinct([...put, ...remove]);
  const writable = shown.filter((card) => !isCompanyCard(card));
  demandComplete(writable);
  const companyCards = shown.filter(isCompanyCard);
  const withheld = put.flatMap((card) => findingsFor(card, writable, companyCards));
  const accepted = put.filter((card) => findingsFor(card, writable, companyCards).length === 0);
  const merged = mergeAll(writable, accepted);
  const removals = decideRemovals(remove, writable, companyCards, merged.length, withheld.length > 0);
  const kept = merged.filter((card) => !removals.done.has(identityOf(card)));
  const { cards, moved } = moveDefaults(kept, accepted, companyCards);
  return {
    send: cards,
    isNeeded: JSON.stringify(cards.map(strictForm)) !== JSON.stringify(writable.map(strictForm)),
    withheld,
    notRemoved: removals.notRemoved,
    defaultsMoved: moved,
  };
}

/** A card as it is once what was cleared is gone. */
export function withoutCleared(card: CreditCardContent): CreditCard {
  const { segments = [], billingAddress, ...leaves } = card;
  const address = nonNull(billingAddress ?? {});
  return {
    ...nonNull(leaves),
    ...(Object.keys(address).length === 0 ? {} : { billingAddress: address }),
    ...(segments.length === 0 ? {} : { segments: [...segments] }),
  };
}

function nonNull<T extends object>(values: T): { [P in keyof T]?: NonNullable<T[P]> };
function nonNull(values: object): object {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== null && value !== undefined && value !== ''),
  );
}

function identityOf(card: CreditCardContent): string {
  return cardIdentity(withoutCleared(card));
}

function demandDistinct(named: readonly CardRef[]): void {
  if (new Set(named.map(cardIdentity)).size < named.length) {
    throw new RangeError('A change of cards names the same card (vendor and number) more than once.');
  }
}

function demandComplete(writable: readonly CreditCard[]): void {
  const isComplete = (card: CreditCard): boolean =>
    (card.vendor ?? '') !== '' && (card.accountNo ?? '') !== '' && !isMaskedNumber(card);
  if (writable.every(isComplete)) return;
  throw new CardsIncomplete(
    'Concur does not show vendor and full number of every card. Nothing was sent, because Concur deletes a ' +
      'card that is not sent in full. Ask Concur whether the application may see whole numbers, or let the ' +
      'traveller correct the card in Concur.',
  );
}

function findingsFor(
  put: CardChange,
  writable: readonly CreditCard[],
  companyCards: readonly CreditCard[],
): WithheldCard[] {
  const isSame = (card: CreditCard): boolean => cardIdentity(card) === cardIdentity(put);
  const card = cardName(put);
  if (writable.some(isSame)) return checkCardContent(put).map((finding) => ({ ...finding, card }));
  if (!companyCards.some(isSame)) return checkCard(put).map((finding) => ({ ...finding, card }));
  const finding: CardFinding = {
    code: 'W011',
    field: CREDIT_CARD.xml,
    reason: 'is a company card, which only Concur can write',
  };
  return [{ ...finding, card }];
}

function mergeAll(writable: readonly CreditCard[], puts: readonly CardChange[]): CreditCardContent[] {
  const merged = writable.map((card): CreditCardContent => {
    const put = puts.find((each) => cardIdentity(each) === cardIdentity(card));
    return put === undefined ? card : mergeOne(card, put);
  });
  const known = new Set(writable.map(cardIdentity));
  const added = puts.filter((put) => !known.has(cardIdentity(put)));
  return [
    ...merged,
    ...added.map((put) => ({
      ...put,
      accountNo: plainCardNumber(put.accountNo),
      ...(put.segments === undefined ? {} : { segments: put.segments.map(withDefault) }),
    })),
  ].map(asItCanBeSent);
}

/** Vendor and number stay as Concur spells them, so that Concur knows the card again. */
function mergeOne(card: CreditCard, put: CardChange): CreditCardContent {
  const { vendor: _vendor, accountNo: _accountNo, segments, billingAddress, ...leaves } = put;
  const changed = Object.fromEntries(Object.entries(leaves).filter(([, value]) => value !== undefined));
  return {
    ...card,
    ...changed,
    ...(billingAddress === undefined
      ? {}
      : { billingAddress: mergeAddress(card.billingAddress, billingAddress) }),
    ...(segments === undefined ? {} : { segments: mergeSegments(card.segments ?? [], segments) }),
  };
}

/** An address is one thing: what the new one lacks is cleared. */
function mergeAddress(before: CreditCard['billingAddress'], after: Address | null): Address | null {
  if (after === null) return null;
  return { ...Object.fromEntries(Object.keys(before ?? {}).map((name) => [name, null])), ...after };
}

function mergeSegments(before: readonly CardSegment[], after: readonly CardSegment[]): CardSegment[] {
  if (after.length === 0) return [];
  const named = new Map(after.map((segment) => [segment.type, segment]));
  const merged = before.map((segment) => ({ ...segment, ...named.get(segment.type) }));
  const known = new Set(before.map(({ type }) => type));
  return [...merged, ...after.filter(({ type }) => !known.has(type))].map(withDefault);
}

/** The schema demands `Default`; a segment that does not say is no default. */
function withDefault(segment: CardSegment): CardSegment {
  return { ...segment, default: segment.default ?? false };
}

/** A segment that Concur shows without a type cannot be sent; it says nothing either. */
function asItCanBeSent(card: CreditCardContent): CreditCardContent {
  if (card.segments === undefined) return card;
  return { ...card, segments: card.segments.filter(({ type }) => type !== undefined).map(withDefault) };
}

function decideRemovals(
  remove: readonly CardRef[],
  writable: readonly CreditCard[],
  companyCards: readonly CreditCard[],
  mergedCount: number,
  isSomethingWithheld: boolean,
): Removals {
  const has = (cards: readonly CreditCard[], ref: CardRef): boolean =>
    cards.some((card) => cardIdentity(card) === cardIdentity(ref));
  const found = remove.filter((ref) => has(writable, ref));
  const others = remove.filter((ref) => !has(writable, ref));
  const notFound = others.map((ref): CardNotRemoved => ({
    card: cardName(ref),
    reason: has(companyCards, ref) ? 'company-card' : 'not-found',
  }));
  const identities = new Set(found.map(cardIdentity));
  const removedCount = writable.filter((card) => identities.has(cardIdentity(card))).length;
  const reason = isSomethingWithheld
    ? 'replacement-withheld'
    : removedCount === mergedCount
      ? 'not-removable'
      : undefined;
  if (reason === undefined || found.length === 0) return { done: identities, notRemoved: notFound };
  const stay = found.map((ref): CardNotRemoved => ({ card: cardName(ref), reason }));
  return { done: new Set(), notRemoved: [...notFound, ...stay] };
}

/** A segment has one default: the card that was named last for it (docs/concur.md §4). */
function moveDefaults(
  cards: readonly CreditCardContent[],
  puts: readonly CardChange[],
  companyCards: readonly CreditCard[],
): { readonly cards: readonly CreditCardContent[]; readonly moved: readonly DefaultMoved[] } {
  const owners = new Map<string, CardChange>();
  for (const put of puts) {
    for (const { type, default: isDefault } of put.segments ?? []) {
      if (type !== undefined && isDefault === true) owners.set(type, put);
    }
  }
  const moved: DefaultMoved[] = [];
  const lost = (card: CreditCardContent, { type, default: isDefault }: CardSegment): boolean => {
    const owner = type === undefined ? undefined : owners.get(type);
    if (type === undefined || owner === undefined || isDefault !== true) return false;
    if (!isCompanyCard(card) && identityOf(card) === cardIdentity(owner)) return false;
    moved.push({ segment: type, from: cardName(withoutCleared(card)), to: cardName(owner) });
    return true;
  };
  const after = cards.map((card): CreditCardContent => {
    if (card.segments === undefined) return card;
    const segments = card.segments.map((each) => (lost(card, each) ? { ...each, default: false } : each));
    return { ...card, segments };
  });
  // Company cards are not sent: Concur itself takes the default from them.
  for (const card of companyCards) for (const segment of card.segments ?? []) lost(card, segment);
  return { cards: after, moved };
}

/** Everything of a card that a POST can say, in one order: equal where sending would change nothing. */
function strictForm(card: CreditCardContent): unknown {
  const { segments = [], billingAddress = {}, ...leaves } = withoutCleared(card);
  const sorted = (values: object): [string, unknown][] =>
    Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1));
  const spoken = segments
    .filter(({ type }) => type !== undefined)
    .map(({ type, default: isDefault }) => `${type} ${isDefault === true}`)
    .sort();
  return [sorted(leaves), sorted(billingAddress), spoken];
}
