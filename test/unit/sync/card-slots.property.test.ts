import * as fc from 'fast-check';
import { type Image } from '../../../hub';
import { type CreditCard, isCompanyCard, profileValues } from '../../../profile';
import { compareImages } from '../../../sync/model/compare';
import { merge } from '../../../sync/model/merge';
import { planWrite } from '../../../sync/model/plan';
import { imageOf, slotsOf } from '../../../sync/model/slots';
import { aCard, aCardNumber } from '../../support/concur/cards';

const segments = fc.uniqueArray(
  fc.record({ type: fc.constantFrom(...profileValues.SEGMENT_TYPES), default: fc.boolean() }),
  { selector: ({ type }) => type, minLength: 1, maxLength: 3 },
);
const content = fc.record(
  {
    displayName: fc.constantFrom('Mine', 'Yours'),
    expDate: fc.constantFrom('2030-01', '2031-12'),
    billingAddress: fc.constantFrom({ city: 'Here' }, { city: 'There', zipCode: '007' }),
    segments,
    usageType: fc.constantFrom('Business', 'Business', 'Corporate'),
  },
  { requiredKeys: [] },
);
/** Cards of a small world, so that two sides often have the same. */
const cards: fc.Arbitrary<CreditCard[]> = fc.uniqueArray(
  fc.tuple(fc.nat(5), content).map(([n, changes]): CreditCard => {
    const vendor = n % 2 === 0 ? 'Visa' : 'MasterCard';
    return aCard({ ...changes, vendor, accountNo: aCardNumber(vendor, n) }, n);
  }),
  { selector: ({ vendor, accountNo }) => `${vendor} ${accountNo}`, maxLength: 4 },
);
const RULES = { notes: [], rule: { default: 'hub-wins' } } as const;
const image = (list: readonly CreditCard[]): Image => ({
  status: 'active',
  sections: list.length === 0 ? {} : { cards: [...list] },
});
const sides = fc.record({ hub: cards, concur: cards, base: cards });
const numbersOf = (of: Image): string[] => (of.sections.cards ?? []).map(({ accountNo }) => accountNo ?? '');
const merged = ({ hub, concur, base }: Record<'hub' | 'concur' | 'base', CreditCard[]>) =>
  merge({
    hub: image(hub),
    concur: image(concur),
    baseHub: image(base),
    baseConcur: image(base),
    rule: { default: 'hub-wins' },
    hubChangedAt: new Date(0),
  });

describe('cards as slots', () => {
  it('are taken apart and put together again unchanged', () => {
    fc.assert(
      fc.property(cards, (list) => {
        expect(imageOf(slotsOf(image(list)))).toEqual(image(list));
      }),
    );
  });

  it('say the same put together and taken apart again', () => {
    fc.assert(
      fc.property(cards, (list) => {
        const slots = slotsOf(image(list));
        expect(slotsOf(imageOf(slots))).toEqual(slots);
      }),
    );
  });

  it('differ from themselves in nothing', () => {
    fc.assert(
      fc.property(cards, (list) => {
        expect(compareImages(image(list), image(list), RULES)).toEqual({ differs: [], accepted: [] });
      }),
    );
  });
});

describe('merging cards', () => {
  it('is over after one time: nothing more moves in the hub', () => {
    fc.assert(
      fc.property(sides, ({ hub, concur, base }) => {
        const once = merged({ hub, concur, base });
        const again = merge({
          hub: once.hub,
          concur: image(concur),
          baseHub: once.baseHub,
          baseConcur: image(concur),
          rule: { default: 'hub-wins' },
          hubChangedAt: new Date(0),
        });
        expect(again.hubMoved).toBe(false);
        expect(again.conflicts).toEqual([]);
        expect([...again.toConcur].sort()).toEqual([...once.toConcur].sort());
      }),
    );
  });

  it('takes Concur’s list where the hub changed nothing, and sends nothing', () => {
    fc.assert(
      fc.property(cards, cards, (base, concur) => {
        const { hub, toConcur } = merged({ hub: base, concur, base });
        expect(toConcur).toEqual([]);
        expect(compareImages(hub, image(concur), RULES).differs).toEqual([]);
      }),
    );
  });

  it('removes in Concur only what the hub removed, never the last, and never a company card', () => {
    fc.assert(
      fc.property(sides, ({ hub, concur, base }) => {
        const result = merged({ hub, concur, base });
        const plan = planWrite(result.hub, image(concur), result.toConcur);
        const removed = (plan.cards?.remove ?? []).map(({ accountNo }) => accountNo);
        const had = new Set(numbersOf(image(base)));
        const has = new Set(numbersOf(result.hub));
        expect(removed.every((number) => had.has(number) && !has.has(number))).toBe(true);
        const own = concur.filter((card) => !isCompanyCard(card));
        const companyOnly = concur.filter(isCompanyCard).map(({ accountNo }) => accountNo);
        expect(removed.some((number) => companyOnly.includes(number))).toBe(false);
        const put = (plan.cards?.put ?? []).map(({ accountNo }) => accountNo);
        const left = own.filter(({ accountNo }) => !removed.includes(accountNo ?? ''));
        expect(removed.length === 0 || left.length + put.length > 0).toBe(true);
        expect((plan.cards?.put ?? []).some(isCompanyCard)).toBe(false);
      }),
    );
  });

  it('takes an address whole from one side', () => {
    fc.assert(
      fc.property(sides, ({ hub, concur, base }) => {
        const addresses = [...hub, ...concur].map(({ billingAddress }) => JSON.stringify(billingAddress));
        for (const card of merged({ hub, concur, base }).hub.sections.cards ?? []) {
          if (card.billingAddress !== undefined)
            expect(addresses).toContain(JSON.stringify(card.billingAddress));
        }
      }),
    );
  });
});
