import { expectViolations } from '../../support/sandbox-watch/expect-violations';
import { Bench, codes } from './support';

const REFUSED = /There is an error in XML document \((\d+), (\d+)\)\./;

async function benchWithTraveller(): Promise<Bench> {
  const bench = new Bench();
  bench.seed('traveller', { general: { firstName: 'Test', jobTitle: 'Tester' }, hasNoPassport: true });
  await bench.read('traveller');
  return bench;
}

describe('the schema check of a profile POST', () => {
  it.each([
    ['elements out of order', '<General><LastName>A</LastName><FirstName>B</FirstName></General>'],
    ['sections out of order', '<Visas/><General/>'],
    ['a section that stands twice', '<General/><General/>'],
    ['an unknown element', '<General><Shoes>42</Shoes></General>'],
    ['a spelling that only reads show', '<General><SearchID>1</SearchID></General>'],
    ['another case', '<general/>'],
    ['an unknown attribute', '<General Colour="blue"/>'],
    ['a value outside an enumeration', '<Air><MealCode>SPAM</MealCode></Air>'],
    ['an empty enumeration', '<Car><CarType/></Car>'],
    ['a nil section', '<General xsi:nil="true"/>'],
    ['a nil list', '<Visas xsi:nil="true"/>'],
    ['a nil that is no boolean', '<General><JobTitle xsi:nil="yes"/></General>'],
    ['a nil enumeration', '<Car><CarType xsi:nil="true"/></Car>'],
    [
      'a visa type in words',
      '<Visas><Visa><VisaNationality>US</VisaNationality><VisaNumber>1</VisaNumber><VisaType>ESTA</VisaType></Visa></Visas>',
    ],
    ['an empty date', '<TSAInfo><DateOfBirth/></TSAInfo>'],
    ['a date that does not exist', '<TSAInfo><DateOfBirth>1980-02-30</DateOfBirth></TSAInfo>'],
    ['a date in another format', '<TSAInfo><DateOfBirth>30.01.1980</DateOfBirth></TSAInfo>'],
    [
      'an empty integer',
      '<Air><AirMemberships><AirMembership><VendorCode>A</VendorCode><AccountNo>1</AccountNo><SegmentTotal/></AirMembership></AirMemberships></Air>',
    ],
    ['a boolean in words', '<HasNoPassport>yes</HasNoPassport>'],
    ['a missing required child', '<Addresses><Address Type="Home"><Street>A</Street></Address></Addresses>'],
    [
      'a missing required attribute',
      '<Telephones><Telephone><PhoneNumber>1</PhoneNumber></Telephone></Telephones>',
    ],
    [
      'an unknown attribute value',
      '<Telephones><Telephone Type="Car"><PhoneNumber>1</PhoneNumber></Telephone></Telephones>',
    ],
    ['text between elements', '<General>text</General>'],
    ['XML that is not well-formed', '<General>'],
    ['an unknown entity', '<General><FirstName>&nbsp;</FirstName></General>'],
  ])('refuses the whole document for %s', async (_what, inner) => {
    const bench = await benchWithTraveller();
    const before = bench.stored('traveller');
    const response = await bench.update('traveller', inner);
    expect(response.status).toBe(400);
    expect(response.body).toMatch(REFUSED);
    expect(bench.stored('traveller')).toBe(before);
    expectViolations(bench.admin, ['schema']);
  });

  it('names line and column', async () => {
    const bench = await benchWithTraveller();
    const response = await bench.post(
      '<?xml version="1.0"?>\n<ProfileResponse Action="Update" LoginId="traveller">\n  <General><Shoes/></General>\n</ProfileResponse>',
    );
    expect(response.body).toContain('(3, 12)');
    expectViolations(bench.admin, ['schema']);
  });

  it.each([
    '<ProfileResponse LoginId="traveller"/>',
    '<ProfileResponse Action="Upsert" LoginId="traveller"/>',
    '<Profile/>',
  ])('refuses the root %s', async (xml) => {
    const bench = await benchWithTraveller();
    expect((await bench.post(xml)).body).toMatch(REFUSED);
    expectViolations(bench.admin, ['schema']);
  });

  it.each([
    ['<General><HasOpenBooking>false</HasOpenBooking><CompanyID>X</CompanyID></General>', ['E001', 'E001']],
    ['<General><JobTitle>New</JobTitle><UUID/></General>', ['E001']],
    ['<DiscountCodes/>', ['E001']],
    ['<Roles><Role Type="Manager"><FirstName>A</FirstName></Role></Roles>', ['E001']],
    [
      '<Telephones><Telephone Type="Cell"><CountryCode>US</CountryCode><PhoneNumber>1</PhoneNumber><MobileDevice>Unknown</MobileDevice></Telephone></Telephones>',
      ['E001'],
    ],
  ])('changes nothing where a read-only element is sent: %s', async (inner, wanted) => {
    const bench = await benchWithTraveller();
    const before = bench.stored('traveller');
    const response = await bench.update('traveller', inner);
    expect(response.status).toBe(400);
    expect(codes(response)).toEqual(wanted);
    expect(bench.stored('traveller')).toBe(before);
    expectViolations(
      bench.admin,
      wanted.map(() => 'read-only-element'),
    );
  });
});
