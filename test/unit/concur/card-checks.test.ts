import * as fc from 'fast-check';
import {
  CARD_NUMBER_RULES,
  cardIdentity,
  cardName,
  checkCard,
  checkCardContent,
  isMaskedNumber,
} from '../../../profile';
import { cardCode } from '../../../sandbox/concur/card-rules';
import { aCard, aCardNumber, mistyped } from '../../support/concur/cards';

const codesOf = (card: Parameters<typeof checkCard>[0]): string[] => checkCard(card).map(({ code }) => code);
const vendors = Object.keys(CARD_NUMBER_RULES);

describe('The checks of a card', () => {
  it.each(vendors)('take every length and prefix of %s, and no other', (vendor) => {
    const { lengths, prefixes } = CARD_NUMBER_RULES[vendor] ?? { lengths: [], prefixes: [] };
    for (const length of lengths) {
      expect(codesOf(aCard({ vendor, accountNo: aCardNumber(vendor, 7, length) }))).toEqual([]);
      expect(codesOf(aCard({ vendor, accountNo: mistyped(aCardNumber(vendor, 7, length)) }))).toEqual([
        'W009',
      ]);
    }
    for (const length of [11, 20]) {
      expect(codesOf(aCard({ vendor, accountNo: aCardNumber(vendor, 7, length) }))).toEqual(['W009']);
    }
    expect(codesOf(aCard({ vendor, accountNo: aCardNumber('Other', 7, lengths[0]) }))).toEqual(['W009']);
    expect(prefixes.length).toBeGreaterThan(0);
  });

  it('know the ends of each range of prefixes', () => {
    const begins = (vendor: string, start: string, length: number): boolean => {
      const digits = start.padEnd(length - 1, '0');
      return [...'0123456789'].some((last) => codesOf({ vendor, accountNo: digits + last }).length === 0);
    };
    expect(['2220', '2221', '2720', '2721'].map((start) => begins('MasterCard', start, 16))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(['3527', '3528', '3589', '3590'].map((start) => begins('JCB', start, 16))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(['622125', '622126', '622925', '622926'].map((start) => begins('Discover', start, 16))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect(['305', '306', '309'].map((start) => begins('DinersClub', start, 14))).toEqual([
      true,
      false,
      true,
    ]);
  });

  it('agree with those of the simulated Concur, which were written apart', () => {
    const digits = fc.stringMatching(/^(3[0-9]|4|5[0-9]|6[0-9]|622[0-9]{3}|2[0-9]{3}|1)[0-9]{10,16}$/);
    fc.assert(
      fc.property(fc.constantFrom(...vendors), digits, fc.nat(9), (vendor, start, last) => {
        const accountNo = start + String(last);
        const ours = checkCard({ vendor, accountNo })[0]?.code;
        expect(ours).toBe(cardCode(vendor, accountNo));
      }),
      { numRuns: 2_000 },
    );
  });

  it('leave numbers of other vendors alone, but not masked ones', () => {
    expect(codesOf(aCard({ vendor: 'HouseCard', accountNo: 'AB 12' }))).toEqual([]);
    expect(codesOf(aCard({ vendor: 'HouseCard', accountNo: '••••0001' }))).toEqual(['W009']);
  });

  it('take a number with the spaces and dashes that people write', () => {
    const spaced = aCardNumber('Visa', 3).replace(/(\d{4})(?=\d)/g, '$1 ');
    expect(codesOf(aCard({ accountNo: spaced }))).toEqual([]);
    expect(cardIdentity({ vendor: 'visa', accountNo: spaced })).toBe(
      cardIdentity({ vendor: 'Visa', accountNo: aCardNumber('Visa', 3) }),
    );
  });

  it.each([
    [{ vendor: '' }, 'W007', 'CreditCard.Vendor'],
    [{ accountNo: ' ' }, 'W007', 'CreditCard.AccountNo'],
    [{ vendor: 'visa' }, 'W010', 'CreditCard.Vendor'],
    [{ vendor: 'American Express', accountNo: aCardNumber('AmericanExpress') }, 'W010', 'CreditCard.Vendor'],
    [{ expDate: '05/2029' }, 'W006', 'CreditCard.ExpDate'],
    [{ expDate: '2029-13' }, 'W006', 'CreditCard.ExpDate'],
    [{ usageType: 'Corporate' }, 'W011', 'CreditCard.UsageType'],
    [{ usageType: 'Personal' }, 'W003', 'CreditCard.UsageType'],
    [{ segments: [{ type: 'Boat', default: true }] }, 'W003', 'Segment.Type'],
    [{ segments: [{ default: true }] }, 'W007', 'Segment.Type'],
    [{ segments: [{ type: 'Air' }, { type: 'Air' }] }, 'W016', 'Segment.Type'],
  ])('find %j', (changes, code, field) => {
    const card = { ...aCard({ accountNo: aCardNumber('Visa') }), ...changes };
    const [finding] = checkCard(card);
    expect(finding).toMatchObject({ code });
    expect(finding?.field).toContain(field);
  });

  it('do not look at vendor and number of a card that Concur has', () => {
    const card = { ...aCard({ accountNo: mistyped(aCardNumber('Visa')) }), vendor: 'visa' };
    expect(checkCardContent(card)).toEqual([]);
  });

  it('never say a number', () => {
    const number = mistyped(aCardNumber('Visa', 123_456));
    expect(
      JSON.stringify(checkCard(aCard({ accountNo: number, expDate: number, usageType: number }))),
    ).not.toContain(number.slice(4));
    expect(cardName({ vendor: 'Visa', accountNo: number })).toEqual({
      vendor: 'Visa',
      ending: number.slice(-4),
    });
    expect(cardName({ vendor: 'HouseCard', accountNo: '1234' })).toEqual({ vendor: 'HouseCard', ending: '' });
  });

  it.each(['************0001', 'XXXXXXXXXXXX0001', '••••0001', '0001', '4###########0001'])(
    'tell that %s is shown in part only',
    (accountNo) => expect(isMaskedNumber({ vendor: 'Visa', accountNo })).toBe(true),
  );

  it('do not take a short number of another vendor for a masked one', () => {
    expect(isMaskedNumber({ vendor: 'HouseCard', accountNo: 'AX-0001' })).toBe(false);
    expect(isMaskedNumber({ vendor: 'Visa', accountNo: mistyped(aCardNumber('Visa')) })).toBe(false);
  });
});
