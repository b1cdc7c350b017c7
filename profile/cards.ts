import { boolean, type ChangesOf, group, type JsonOf, list, text, whole } from './nodes';
import * as values from './values';

/**
 * THE table of a card: Concur's form of payment in the schema's order (docs/concur.md §4). It stands beside
 * the profile's table, because cards are read and written by calls of their own.
 */
export const CREDIT_CARD = group('CreditCard', {
  displayName: text('DisplayName', { at: 'attribute' }),
  vendor: text('Vendor', { required: true }),
  accountNo: text('AccountNo', { required: true, sensitive: true }),
  expDate: text('ExpDate', { form: 'month' }),
  nameOnCard: text('NameOnCard'),
  usageType: text('UsageType', {
    values: values.CARD_USAGE_TYPES,
    readOnlyValues: values.READ_ONLY_CARD_USAGE_TYPES,
  }),
  billingAddress: whole('BillingAddress', {
    streetAddress: text('StreetAddress'),
    city: text('City'),
    stateProvince: text('StateProvince'),
    country: text('Country'),
    zipCode: text('ZipCode'),
  }),
  segments: list(
    'Segments',
    'Segment',
    {
      type: text('Type', { at: 'attribute', required: true, values: values.SEGMENT_TYPES }),
      default: boolean('Default', { at: 'attribute', required: true }),
      mandatory: boolean('Mandatory', { at: 'attribute', readOnly: true }),
    },
    { rule: 'replaces', identity: ['type'], maxPerType: 1 },
  ),
});

/** The document around the cards: root and container. */
export const CARDS_ROOT_XML = 'CorporateFOPResponse';
export const CARDS_XML = 'CreditCards';

/** A traveller's cards as one more section; a company card is another one than a card of the same number. */
export const CARDS = list(CARDS_XML, CREDIT_CARD.xml, CREDIT_CARD.children, {
  rule: 'replaces',
  identity: ['vendor', 'accountNo'],
  identityOf: ({ vendor, accountNo, usageType }) => {
    const text = (value: unknown): string => (typeof value === 'string' ? value : '');
    const identity = cardIdentity({ vendor: text(vendor), accountNo: text(accountNo) });
    return isCompanyCard({ usageType: text(usageType) }) ? `${identity}|company` : identity;
  },
});

/** A card as JSON; an absent field is unknown or empty, never `null`. */
export type CreditCard = JsonOf<typeof CREDIT_CARD>;
export type CardSegment = NonNullable<CreditCard['segments']>[number];

/** A card as a POST says it: `null` and `[]` clear, what is absent is left alone. */
export type CreditCardContent = NonNullable<ChangesOf<typeof CREDIT_CARD>>;

/** What says which card is meant: both together (docs/concur.md §4). */
export interface CardRef {
  readonly vendor: string;
  readonly accountNo: string;
}

/** A card for people and logs: at most the last four digits, and none of a short number. */
export interface CardName {
  readonly vendor: string;
  readonly ending: string;
}

const SEPARATORS = /[\s-]/g;
const SHOWN_DIGITS = 4;
const SHORTEST_SHOWN = 12;

/** A number as it is sent: without the spaces and dashes that people write. */
export function plainCardNumber(accountNo: string): string {
  return accountNo.replace(SEPARATORS, '');
}

/**
 * The same for two cards that Concur takes for one: vendor and number, however they are spelled. Holds the
 * number: never log or store it.
 */
export function cardIdentity(card: { readonly vendor?: string; readonly accountNo?: string }): string {
  const vendor = (card.vendor ?? '').replace(SEPARATORS, '').toLowerCase();
  return `${vendor}|${plainCardNumber(card.accountNo ?? '').toLowerCase()}`;
}

export function cardName(card: { readonly vendor?: string; readonly accountNo?: string }): CardName {
  const number = plainCardNumber(card.accountNo ?? '');
  const ending = number.length < SHORTEST_SHOWN ? '' : number.slice(-SHOWN_DIGITS);
  return { vendor: card.vendor ?? '', ending };
}

/** A ghost card: the company's own, which no POST may hold. */
export function isCompanyCard(card: { readonly usageType?: string | null }): boolean {
  const usage = card.usageType?.trim().toLowerCase();
  return values.READ_ONLY_CARD_USAGE_TYPES.some((type) => type.toLowerCase() === usage);
}
