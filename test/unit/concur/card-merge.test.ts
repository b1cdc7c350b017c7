import { planCards } from '../../../concur/card-merge';
import { isCardsIncomplete, type CardChange } from '../../../concur';
import { cardName, type CreditCard } from '../../../profile';
import { thrownBy } from '../../support/thrown-by';
import { aCard, aCardNumber, mistyped } from '../../support/concur/cards';

const one = aCard({}, 1);
const two = aCard({ vendor: 'MasterCard' }, 2);
const company = aCard({ vendor: 'AmericanExpress', usageType: 'Corporate' }, 3);
const ref = ({ vendor, accountNo }: CardChange): CardChange => ({ vendor, accountNo });
const numbers = (cards: readonly { accountNo?: string | null }[]): unknown[] =>
  cards.map(({ accountNo }) => accountNo);

describe('Merging cards', () => {
  it('sends every card that can be written, also those that nobody mentioned', () => {
    const plan = planCards([one, company, two], { put: [aCard({}, 4)] });
    expect(numbers(plan.send)).toEqual([one.accountNo, two.accountNo, aCardNumber('Visa', 4)]);
    expect(plan.send.slice(0, 2)).toEqual([one, two]);
    expect(plan).toMatchObject({ isNeeded: true, withheld: [], notRemoved: [], defaultsMoved: [] });
  });

  it('changes what is named and keeps the rest of a card, with Concur’s spelling of its number', () => {
    const spaced = one.accountNo.replace(/(\d{4})(?=\d)/g, '$1 ');
    const plan = planCards([{ ...one, accountNo: spaced }], {
      put: [{ ...ref(one), expDate: '2031-01', nameOnCard: null, billingAddress: { city: 'Elsewhere' } }],
    });
    expect(plan.send).toEqual([
      {
        ...one,
        accountNo: spaced,
        expDate: '2031-01',
        nameOnCard: null,
        billingAddress: { city: 'Elsewhere', streetAddress: null, country: null, zipCode: null },
      },
    ]);
  });

  it('needs no call where Concur has everything already', () => {
    const put = [{ ...one, segments: [{ type: 'Air', default: false }] }];
    expect(planCards([one, company], { put }).isNeeded).toBe(false);
    expect(planCards([one], {}).isNeeded).toBe(false);
    expect(planCards([], {}).isNeeded).toBe(false);
    expect(planCards([one], { put: [{ ...ref(one), nameOnCard: null }] }).isNeeded).toBe(true);
  });

  it('removes only what is named', () => {
    expect(numbers(planCards([one, two], { remove: [ref(one)] }).send)).toEqual([two.accountNo]);
    expect(planCards([one, company], { remove: [ref(company), ref(two)] }).notRemoved).toEqual([
      { card: cardName(company), reason: 'company-card' },
      { card: cardName(two), reason: 'not-found' },
    ]);
  });

  it('keeps the last cards, because Concur takes no empty list', () => {
    const plan = planCards([one, two, company], { remove: [ref(one), ref(two)] });
    expect(plan.isNeeded).toBe(false);
    expect(plan.notRemoved.map(({ reason }) => reason)).toEqual(['not-removable', 'not-removable']);
  });

  it('can replace the last card by another one', () => {
    const plan = planCards([one], { put: [two], remove: [ref(one)] });
    expect(numbers(plan.send)).toEqual([two.accountNo]);
    expect(plan.notRemoved).toEqual([]);
  });

  it('removes nothing where a card of the same change is withheld', () => {
    const wrong = { ...two, accountNo: mistyped(two.accountNo) };
    const plan = planCards([one, aCard({}, 9)], { put: [wrong], remove: [ref(one)] });
    expect(plan.isNeeded).toBe(false);
    expect(plan.withheld).toMatchObject([
      { code: 'W009', field: 'CreditCard.AccountNo', card: cardName(wrong) },
    ]);
    expect(plan.notRemoved).toEqual([{ card: cardName(one), reason: 'replacement-withheld' }]);
  });

  it('withholds a change of a company card', () => {
    const plan = planCards([one, company], { put: [{ ...ref(company), nameOnCard: 'Other' }] });
    expect(plan).toMatchObject({ isNeeded: false, withheld: [{ code: 'W011', card: cardName(company) }] });
  });

  it('sends a card whose number looks wrong as Concur shows it, lest it be deleted', () => {
    const odd = { ...one, accountNo: mistyped(one.accountNo) };
    const plan = planCards([odd], { put: [two, { ...ref(odd), expDate: '2031-01' }] });
    expect(numbers(plan.send)).toEqual([odd.accountNo, two.accountNo]);
    expect(plan.withheld).toEqual([]);
  });

  it('makes one card the default of a segment, and says from which it took that', () => {
    const air = [{ type: 'Air', default: true }];
    const before = aCard({ segments: [...air, { type: 'Car', default: true }] }, 1);
    const corporate = { ...company, segments: air };
    const plan = planCards([before, two, corporate], { put: [{ ...ref(two), segments: air }] });
    expect(plan.send.map(({ segments }) => segments)).toEqual([
      [
        { type: 'Air', default: false },
        { type: 'Car', default: true },
      ],
      [
        { type: 'Air', default: true },
        { type: 'Hotel', default: false },
      ],
    ]);
    expect(plan.defaultsMoved).toEqual([
      { segment: 'Air', from: cardName(before), to: cardName(two) },
      { segment: 'Air', from: cardName(company), to: cardName(two) },
    ]);
  });

  it('lets the card that was named last be the default', () => {
    const air = [{ type: 'Air', default: true }];
    const plan = planCards([], { put: [aCard({ segments: air }, 1), aCard({ segments: air }, 2)] });
    expect(plan.send.map(({ segments }) => segments?.[0]?.default)).toEqual([false, true]);
    expect(plan.defaultsMoved).toHaveLength(1);
  });

  it('keeps two cards that Concur shows with one number', () => {
    expect(planCards([one, { ...one, displayName: 'Again' }], { put: [two] }).send).toHaveLength(3);
  });

  it.each<[string, CreditCard]>([
    ['no number', { vendor: 'Visa', displayName: 'x' }],
    ['no vendor', { accountNo: aCardNumber('Visa') }],
    ['a masked number', { vendor: 'Visa', accountNo: '************0001' }],
    ['the end of a number', { vendor: 'Visa', accountNo: '0001' }],
  ])('refuses to send anything where Concur shows a card with %s', (_what, card) => {
    const error = thrownBy(() => planCards([one, card], { put: [two] }));
    expect(isCardsIncomplete(error) && error.failureClass).toBe('record');
    // What cannot be written anyway need not be shown in full.
    expect(
      thrownBy(() => planCards([one, { ...card, usageType: 'Corporate' }], { put: [two] })),
    ).toBeUndefined();
  });

  it('refuses a change that names a card twice', () => {
    expect(() => planCards([one], { put: [two], remove: [ref(two)] })).toThrow(RangeError);
    expect(() => planCards([one], { put: [two, { ...two }] })).toThrow(RangeError);
  });
});
