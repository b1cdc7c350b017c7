import { CARDS_XML, CREDIT_CARD, PASSWORD_XML, PROFILE_ELEMENTS } from '../../../profile';
import { schemaFaults } from '../../support/concur/schema';
import { rulesOfSchema, rulesOfTable } from '../../support/concur/schema-rules';
import { updateXml } from '../sandbox/support';

/** Each was written from docs/concur.md by itself: what one of them lacks or says otherwise is a mistake. */
describe('The schema of a profile and the table of elements', () => {
  it('name the same places in the same order, with the same kinds, lengths, words, ranges and counts', () => {
    const password = { path: PASSWORD_XML, required: false, kind: 'text' };
    expect(rulesOfSchema('travel-profile-v2')).toEqual([...rulesOfTable(PROFILE_ELEMENTS), password]);
  });

  it.each([
    ['<General><FirstName>Zoë</FirstName><JobTitle/></General>', []],
    ['<TSAInfo><DateOfBirth xsi:nil="true"/></TSAInfo><Visas/>', ['Visas']],
    ['<TSAInfo><DateOfBirth xsi:nil="true"/></TSAInfo>', []],
    ['<TSAInfo><DateOfBirth/></TSAInfo>', ['DateOfBirth']],
    ['<TSAInfo><DateOfBirth>1899-12-31</DateOfBirth></TSAInfo>', ['DateOfBirth']],
    ['<General><FirstName>B</FirstName><NamePrefix>A</NamePrefix></General>', ['NamePrefix']],
    ['<General><UUID>1</UUID></General>', ['UUID']],
    ['<Car><CarType xsi:nil="true"/></Car>', ['CarType']],
    ['<Air><MealCode>SPAM</MealCode></Air>', ['MealCode']],
    ['<Passports><Passport/><Passport/></Passports>', []],
    ['<Passports><Passport/><Passport/><Passport/></Passports>', ['Passport']],
    [`<General><CostCenter>${'x'.repeat(26)}</CostCenter></General>`, ['CostCenter']],
  ])('judges %s', async (inner, faulty) => {
    const [faults = []] = await schemaFaults('travel-profile-v2', [updateXml('traveller', inner)]);
    expect([...new Set(faults.map((fault) => /Element '(\w+)'/.exec(fault)?.[1]))]).toEqual(faulty);
  });
});

describe('The schema of cards and their table', () => {
  it('name the same places in the same order', () => {
    const at = `${CARDS_XML}/${CREDIT_CARD.xml}`;
    const card = { path: at, kind: 'item', required: false };
    expect(rulesOfSchema('form-of-payment-v2')).toEqual([card, ...rulesOfTable(CREDIT_CARD.children, at)]);
  });

  it.each([
    ['<CreditCards/>', 1],
    ['<CreditCards><CreditCard><Vendor>V</Vendor><AccountNo>A1</AccountNo></CreditCard></CreditCards>', 0],
    ['<CreditCards><CreditCard><AccountNo>A1</AccountNo></CreditCard></CreditCards>', 1],
  ])('judges %s', async (inner, count) => {
    const document = `<CorporateFOPResponse LoginId="one@example.test">${inner}</CorporateFOPResponse>`;
    expect((await schemaFaults('form-of-payment-v2', [document]))[0]).toHaveLength(count);
  });
});
