import * as fc from 'fast-check';
import {
  childrenOf,
  decodeCards,
  encodeCardsRead,
  encodeCardsWrite,
  parseDocument,
} from '../../../concur/xml';
import { isConcurUnwritable } from '../../../concur';
import { CREDIT_CARD, isCompanyCard } from '../../../profile';
import { creditCards, loginId } from '../../support/concur/arbitraries';
import { thrownBy } from '../../support/thrown-by';
import { aCard } from '../../support/concur/cards';

const RUNS = { numRuns: 150 };
const INNER = ['Vendor', 'AccountNo', 'ExpDate', 'NameOnCard', 'UsageType', 'BillingAddress', 'Segments'];

const unknown = fc.uniqueArray(
  fc.record({
    path: fc.constantFrom('', 'CreditCards/CreditCard[1]', 'CreditCards/CreditCard[1]/BillingAddress'),
    name: fc.constantFrom('NewThing', 'Another', '@Flag'),
    value: fc.constantFrom('some & text', '007', '<A x="1">1</A><B/>'),
  }),
  { maxLength: 3, selector: ({ path, name }) => `${path}/${name}` },
);

describe('The codec of cards', () => {
  it('reads back all cards that it shows', () => {
    fc.assert(
      fc.property(loginId, creditCards, (login, cards) => {
        const document = { loginId: login, cards, unknown: [] };
        expect(decodeCards(encodeCardsRead(document))).toEqual(document);
      }),
      RUNS,
    );
  });

  it('keeps what it does not know where it stood', () => {
    fc.assert(
      fc.property(unknown, (elements) => {
        const document = { loginId: 'one@example.test', cards: [aCard()], unknown: elements };
        const read = decodeCards(encodeCardsRead(document));
        expect(read.cards).toEqual(document.cards);
        expect(new Set(read.unknown)).toEqual(new Set(elements));
        expect(decodeCards(encodeCardsRead(read))).toEqual(read);
      }),
      RUNS,
    );
  });

  it('writes every card but those of the company, in the schema’s order, without what is read-only', () => {
    fc.assert(
      fc.property(creditCards, (shown) => {
        const cards = shown.map((card, n) => ({ ...card, vendor: 'HouseCard', accountNo: `A${n}` }));
        const writable = cards.filter((card) => !isCompanyCard(card));
        fc.pre(writable.length > 0);
        const xml = encodeCardsWrite('one@example.test', cards);
        expect(decodeCards(xml).cards.map(({ accountNo }) => accountNo)).toEqual(
          writable.map(({ accountNo }) => accountNo),
        );
        expect(xml).not.toContain('Mandatory');
        for (const item of childrenOf(parseDocument(xml)).flatMap(childrenOf)) {
          const positions = childrenOf(item).map(({ name }) => INNER.indexOf(name));
          expect(positions).toEqual([...positions].sort((a, b) => a - b));
        }
      }),
      RUNS,
    );
  });
});

describe('Cards in XML', () => {
  it('stand as Concur wants them', () => {
    const card = aCard({ displayName: 'My "card"', billingAddress: { city: 'Testville' } });
    const segments = [{ type: 'Air', default: true, mandatory: true }];
    const xml = encodeCardsWrite('one@example.test', [{ ...card, segments, expDate: null }]);
    expect(xml).toContain('<CorporateFOPResponse xmlns:xsi=');
    expect(xml).toContain(
      ' LoginId="one@example.test"><CreditCards><CreditCard DisplayName="My &quot;card&quot;"><Vendor>Visa</Vendor>',
    );
    expect(xml).toContain('<ExpDate xsi:nil="true"/><NameOnCard>');
    expect(xml).toContain(
      '<BillingAddress><City>Testville</City></BillingAddress><Segments><Segment Type="Air" Default="true"/></Segments>',
    );
  });

  it('are read in any case, with a day in the month and spaces around', () => {
    const xml =
      '<corporatefopresponse loginid="one@example.test"><CREDITCARDS><creditCard displayname="d"><VENDOR>Visa</VENDOR>' +
      '<accountno> A1 </accountno><expdate>2029-05-31T00:00:00</expdate><Segments><segment type="Air" default="True"/>' +
      '</Segments></creditCard></CREDITCARDS></corporatefopresponse>';
    expect(decodeCards(xml)).toEqual({
      loginId: 'one@example.test',
      cards: [
        {
          displayName: 'd',
          vendor: 'Visa',
          accountNo: 'A1',
          expDate: '2029-05',
          segments: [{ type: 'Air', default: true }],
        },
      ],
      unknown: [],
    });
  });

  it('of which only those of the company are left are not written, and neither is an empty list', () => {
    for (const cards of [[], [aCard({ usageType: 'Corporate' })], [aCard({ usageType: 'corporate' })]]) {
      expect(thrownBy(() => encodeCardsWrite('one@example.test', cards))).toMatchObject({
        code: 'cards-empty',
      });
    }
  });

  it('without vendor or number are not written', () => {
    const { accountNo: _, ...card } = aCard();
    expect(() => encodeCardsWrite('one@example.test', [card])).toThrow(/AccountNo/);
  });

  it('show no number in an error', () => {
    const accountNo = `${aCard().accountNo}\u0000`;
    const caught = thrownBy(() => encodeCardsWrite('one@example.test', [aCard({ accountNo })]));
    expect(isConcurUnwritable(caught) && caught.message).toContain('CreditCards/CreditCard/AccountNo');
    expect(String(caught)).not.toContain(accountNo.slice(0, 8));
  });

  it.each([
    '<ProfileResponse LoginId="one"/>',
    '<CorporateFOPResponse/>',
    '<CorporateFOPResponse LoginId="one">',
  ])('are not made out of %s', (xml) =>
    expect(thrownBy(() => decodeCards(xml))).toMatchObject({ code: 'ConcurUnreadable' }),
  );

  it('have no element that is not in the table', () => {
    const { children } = CREDIT_CARD;
    expect(Object.values(children).map(({ xml }) => xml)).toEqual(['DisplayName', ...INNER]);
  });
});
