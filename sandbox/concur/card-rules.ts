import { type Scalar } from './types';

/** Checks of its own, apart from the product's, so that a mistake there is not made twice (docs/concur.md §4). */
const NUMBERS: Readonly<Record<string, RegExp>> = {
  AmericanExpress: /^3[47]\d{13}$/,
  DinersClub: /^3(?:[689]\d{12}|0[0-59]\d{11})$/,
  Discover:
    /^(?:6011\d{12}|65\d{14}|64[4-9]\d{13}|622(?:12[6-9]|1[3-9]\d|[2-8]\d\d|9[01]\d|92[0-5])\d{10})(?:\d{3})?$/,
  MasterCard: /^(?:5[1-5]\d\d|222[1-9]|22[3-9]\d|2[3-6]\d\d|27[01]\d|2720)\d{12}$/,
  Visa: /^4(?:\d{12}|\d{15}|\d{18})$/,
  CarteBlanche: /^30[0-5]\d{11}$/,
  Enroute: /^20(?:14|49)\d{11}$/,
  UniversalAirTravel: /^1\d{14}$/,
  JCB: /^35(?:2[89]|[3-8]\d)\d{12}$/,
  ChinaUnionPay: /^62\d{14,17}$/,
};

/** What a digit counts when it is doubled. */
const DOUBLED = [0, 2, 4, 6, 8, 1, 3, 5, 7, 9];

/** The code Concur answers for a card that it does not take; undefined where it takes it. */
export function cardCode(
  vendor: Scalar | undefined,
  accountNo: Scalar | undefined,
): 'W009' | 'W010' | undefined {
  const word = String(vendor ?? '');
  const known = Object.keys(NUMBERS).find(
    (name) => name.toLowerCase() === word.replace(/\W/g, '').toLowerCase(),
  );
  if (known !== undefined && known !== word) return 'W010';
  const pattern = known === undefined ? undefined : NUMBERS[known];
  const number = String(accountNo ?? '');
  return pattern === undefined || (pattern.test(number) && isLuhn(number)) ? undefined : 'W009';
}

function isLuhn(number: string): boolean {
  let sum = 0;
  let isDoubled = false;
  for (let at = number.length - 1; at >= 0; at -= 1) {
    const digit = Number(number[at]);
    sum += isDoubled ? (DOUBLED[digit] ?? 0) : digit;
    isDoubled = !isDoubled;
  }
  return sum % 10 === 0;
}

/** Vendor and number say which card it is. Holds the number. */
export function cardKey(card: Readonly<Record<string, unknown>>): string {
  const number = String(card['accountNo']).replace(/[\s-]/g, '');
  return `${String(card['vendor'])} ${number}`.toLowerCase();
}

export function isGhost(card: Readonly<Record<string, unknown>>): boolean {
  return card['usageType'] === 'Corporate';
}
