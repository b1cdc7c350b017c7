import {
  CREDIT_CARD,
  type CreditCard,
  type CreditCardContent,
  isCompanyCard,
  plainCardNumber,
} from './cards';
import * as values from './values';

/** What Concur would not take of a card, found before it is sent. Never holds a value of the card. */
export interface CardFinding {
  /** The code that Concur would answer (docs/concur.md §3, outcome codes). */
  readonly code: 'W003' | 'W006' | 'W007' | 'W009' | 'W010' | 'W011' | 'W016';
  /** Concur's path, e.g. `CreditCard.AccountNo`. */
  readonly field: string;
  readonly reason: string;
}

interface NumberRule {
  /** Digits. */
  readonly lengths: readonly number[];
  /** First and last number of each range of prefixes; both have as many digits. */
  readonly prefixes: readonly (readonly [first: number, last: number])[];
}

const rule = (lengths: readonly number[], ...prefixes: NumberRule['prefixes']): NumberRule => ({
  lengths,
  prefixes,
});

/** Vendors whose numbers are checked, each with a Luhn digit; of all others no rule is known (docs/concur.md §4). */
export const CARD_NUMBER_RULES: Readonly<Record<string, NumberRule>> = {
  AmericanExpress: rule([15], [34, 34], [37, 37]),
  DinersClub: rule([14], [36, 36], [38, 38], [39, 39], [300, 305], [309, 309]),
  Discover: rule([16, 19], [65, 65], [644, 649], [6011, 6011], [622126, 622925]),
  MasterCard: rule([16], [51, 55], [2221, 2720]),
  Visa: rule([13, 16, 19], [4, 4]),
  CarteBlanche: rule([14], [300, 305]),
  Enroute: rule([15], [2014, 2014], [2049, 2049]),
  UniversalAirTravel: rule([15], [1, 1]),
  JCB: rule([16], [3528, 3589]),
  ChinaUnionPay: rule([16, 17, 18, 19], [62, 62]),
};

const DIGITS = /^\d+$/;
const MONTH = /^\d{4}-(0[1-9]|1[0-2])$/;
/** How services hide digits; a number of a vendor without a rule may have letters, but hardly these. */
const MASK = /[*•●#…]|x{2}/i;
/** Fewer digits are the end of a number, not a number. */
const SHORTEST_NUMBER = 12;

const elements = CREDIT_CARD.children;
const fieldOf = (xml: string): string => `${CREDIT_CARD.xml}.${xml}`;
const NUMBER_FIELD = fieldOf(elements.accountNo.xml);
const VENDOR_FIELD = fieldOf(elements.vendor.xml);

/**
 * Checks a card that is added: everything (docs/concur.md §4).
 * @returns nothing where Concur is not known to refuse it
 */
export function checkCard(card: CreditCardContent): CardFinding[] {
  return [...checkVendor(card.vendor), ...checkNumber(card), ...checkCardContent(card)];
}

/**
 * Checks what is changed of a card that Concur has: not its vendor and number, which are Concur's own.
 */
export function checkCardContent(card: CreditCardContent): CardFinding[] {
  const { expDate, usageType, segments } = card;
  return [
    ...(typeof expDate === 'string' && !MONTH.test(expDate)
      ? [finding('W006', fieldOf(elements.expDate.xml), 'is not a month of the form YYYY-MM')]
      : []),
    ...checkUsage(usageType),
    ...checkSegments(segments ?? []),
  ];
}

/** True where a number is shown in part only, so that it says nothing about which card it is. */
export function isMaskedNumber(card: CreditCard): boolean {
  const number = plainCardNumber(card.accountNo ?? '');
  if (MASK.test(number)) return true;
  const isChecked = Object.hasOwn(CARD_NUMBER_RULES, knownVendor(card.vendor) ?? '');
  return isChecked && (!DIGITS.test(number) || number.length < SHORTEST_NUMBER);
}

function checkVendor(vendor: string | null | undefined): CardFinding[] {
  if (vendor === undefined || vendor === null || vendor.trim() === '') {
    return [finding('W007', VENDOR_FIELD, 'is required')];
  }
  const known = knownVendor(vendor);
  return known === undefined || known === vendor
    ? []
    : [finding('W010', VENDOR_FIELD, `is spelled ${known} by Concur`)];
}

function knownVendor(vendor: string | null | undefined): string | undefined {
  const letters = (text: string): string => text.replace(/[^a-z]/gi, '').toLowerCase();
  return Object.keys(CARD_NUMBER_RULES).find((name) => letters(name) === letters(vendor ?? ''));
}

function checkNumber(card: CreditCardContent): CardFinding[] {
  const number = plainCardNumber(card.accountNo ?? '');
  if (number === '') return [finding('W007', NUMBER_FIELD, 'is required')];
  const vendor = knownVendor(card.vendor);
  const known = vendor === undefined ? undefined : CARD_NUMBER_RULES[vendor];
  const wrong = known === undefined ? maskProblem(number) : numberProblem(known, number);
  return wrong === undefined ? [] : [finding('W009', NUMBER_FIELD, wrong)];
}

function maskProblem(number: string): string | undefined {
  return MASK.test(number) ? 'is masked: the whole number is needed' : undefined;
}

function numberProblem({ lengths, prefixes }: NumberRule, number: string): string | undefined {
  if (!DIGITS.test(number)) return maskProblem(number) ?? 'may hold only digits';
  if (!lengths.includes(number.length)) return `must have ${lengths.join(' or ')} digits for its vendor`;
  const fits = prefixes.some(([first, last]) => {
    const start = Number(number.slice(0, String(first).length));
    return start >= first && start <= last;
  });
  if (!fits) return 'does not begin as the numbers of its vendor do';
  return hasLuhnDigit(number) ? undefined : 'has a wrong check digit: a digit is mistyped';
}

/** The last digit makes the sum, every second digit from the right doubled, a multiple of ten. */
function hasLuhnDigit(number: string): boolean {
  const sum = [...number].reverse().reduce((total, digit, index) => {
    const value = Number(digit) * (index % 2 === 0 ? 1 : 2);
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 === 0;
}

function checkUsage(usageType: string | null | undefined): CardFinding[] {
  if (usageType === undefined || usageType === null) return [];
  const field = fieldOf(elements.usageType.xml);
  if (isCompanyCard({ usageType })) {
    return [finding('W011', field, 'makes it a company card, which only Concur can write')];
  }
  return words(values.CARD_USAGE_TYPES).includes(usageType)
    ? []
    : [finding('W003', field, `is not one of: ${values.CARD_USAGE_TYPES.join(', ')}`)];
}

function checkSegments(segments: NonNullable<CreditCard['segments']>): CardFinding[] {
  const field = `${fieldOf(elements.segments.item)}.${elements.segments.children.type.xml}`;
  const types = segments.map(({ type }) => type);
  if (types.some((type) => type === undefined)) return [finding('W007', field, 'is required')];
  if (types.some((type) => !words(values.SEGMENT_TYPES).includes(type ?? ''))) {
    return [finding('W003', field, `is not one of: ${values.SEGMENT_TYPES.join(', ')}`)];
  }
  return new Set(types).size < types.length ? [finding('W016', field, 'stands twice')] : [];
}

function words(list: readonly string[]): readonly string[] {
  return list;
}

function finding(code: CardFinding['code'], field: string, reason: string): CardFinding {
  return { code, field, reason };
}
