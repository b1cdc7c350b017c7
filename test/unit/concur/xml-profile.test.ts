import {
  childrenOf,
  ConcurUnreadable,
  ConcurUnwritable,
  decodeProfile,
  decodeProfileWrite,
  encodeProfileRead,
  encodeProfileWrite,
  parseDocument,
} from '../../../concur/xml';
import { type ProfileWrite } from '../../../concur/types';

const anUpdate = (sections: ProfileWrite['sections'] = {}): ProfileWrite => ({
  action: 'Update',
  loginId: 'ada@example.test',
  status: 'active',
  sections,
});

const aDocument = (inner: string, attributes = 'LoginId="ada@example.test" Status="Active"'): string =>
  `<?xml version="1.0" encoding="utf-8"?><ProfileResponse ${attributes}>${inner}</ProfileResponse>`;

const sectionsIn = (inner: string) => decodeProfile(aDocument(inner)).sections;
const unknownIn = (inner: string) => decodeProfile(aDocument(inner)).unknown;

describe('Writing a profile', () => {
  it('sends Action, Status and LoginId and no more than was asked for', () => {
    expect(encodeProfileWrite({ ...anUpdate({ general: { firstName: 'Ada' } }), status: 'inactive' })).toBe(
      '<?xml version="1.0" encoding="utf-8"?>' +
        '<ProfileResponse xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" Action="Update" ' +
        'Status="Inactive" LoginId="ada@example.test"><General><FirstName>Ada</FirstName></General>' +
        '</ProfileResponse>',
    );
  });

  it('clears a text with an empty element and anything else with nil', () => {
    const xml = encodeProfileWrite(
      anUpdate({
        general: { middleName: null, eReceiptOptIn: null },
        tsaInfo: { dateOfBirth: null },
        visas: [],
      }),
    );
    expect(xml).toContain('<MiddleName/><EReceiptOptIn xsi:nil="true"/>');
    expect(xml).toContain('<DateOfBirth xsi:nil="true"/>');
    expect(xml).toContain('<Visas/>');
  });

  it('clears a whole group by clearing what in it can be cleared', () => {
    const xml = encodeProfileWrite(anUpdate({ emergencyContact: null }));
    expect(xml).toContain(
      '<EmergencyContact><Name/><Phones/><Address><Street/><City/><StateProvince/><PostalCode/>' +
        '<CountryCode/></Address></EmergencyContact>',
    );
  });

  it('refuses to clear an element that must be one of a list of words', () => {
    expect(() => encodeProfileWrite(anUpdate({ car: { carType: null } }))).toThrow(
      /Car\/CarType cannot be cleared/,
    );
  });

  it.each([
    ['an empty text', { general: { jobTitle: '' } }],
    ['a blank text', { general: { jobTitle: '  ' } }],
    ['an empty group', { general: {}, air: { seat: {} } }],
    ['read-only fields', { general: { uuid: 'u-1', companyName: 'Example Ltd', hasOpenBooking: true } }],
    ['a read-only list', { discountCodes: [{ vendor: 'Example Air', value: '1' }] }],
    [
      'e-mail addresses that only reads show',
      { emailAddresses: [{ type: 'Supervisor', value: 'b@example.test' }] },
    ],
    ['a custom field without text', { customFields: [{ name: 'Floor' }] }],
  ])('never sends %s', (_what, sections) => {
    expect(childrenOf(parseDocument(encodeProfileWrite(anUpdate(sections))))).toEqual([]);
  });

  it('sends the elements of a list without key, read-only parts and empty numbers', () => {
    const xml = encodeProfileWrite(
      anUpdate({
        car: { carMemberships: [{ key: 'k1', vendorCode: 'ZE', accountNo: '007', status: 'GOLD' }] },
        roles: [
          { type: 'Manager', firstName: 'Bo', emailAddress: 'bo@example.test', loginId: 'bo@example.test' },
        ],
        emailAddresses: [
          { type: 'Supervisor', value: 'b@example.test' },
          { type: 'Business', contact: true, value: 'a@example.test' },
        ],
      }),
    );
    expect(xml).toContain(
      '<CarMemberships><CarMembership><VendorCode>ZE</VendorCode><AccountNo>007</AccountNo>' +
        '<Status>GOLD</Status></CarMembership></CarMemberships>',
    );
    expect(xml).toContain('<Roles><Role Type="Manager"><LoginId>bo@example.test</LoginId></Role></Roles>');
    expect(xml).toContain(
      '<EmailAddresses><EmailAddress Contact="true" Type="Business">a@example.test</EmailAddress></EmailAddresses>',
    );
  });

  it('names the element that lacks a required child, not its value', () => {
    const write = anUpdate({ telephones: [{ type: 'Cell', phoneNumber: '555-0100' }, { type: 'Home' }] });
    expect(() => encodeProfileWrite(write)).toThrow(
      new ConcurUnwritable(
        'Telephones/Telephone[2] lacks PhoneNumber, which the schema requires. Correct it in the hub.',
        'Telephones/Telephone[2]',
      ),
    );
  });

  it('refuses control characters and half surrogates without quoting them', () => {
    for (const lastName of ['Bell\u0007', 'Half\ud800', 'Last\uffff']) {
      expect(() => encodeProfileWrite(anUpdate({ general: { lastName } }))).toThrow(
        /^General\/LastName holds a control character that XML cannot carry/,
      );
    }
  });

  it('writes the schema’s word for a visa type that the hub has in prose', () => {
    const visas = [{ visaNationality: 'US', visaNumber: 'X1', visaType: 'MultiEntry' }];
    expect(encodeProfileWrite(anUpdate({ visas }))).toContain('<VisaType>ME</VisaType>');
  });

  it('puts the password last, and only into a Create', () => {
    const create = {
      ...anUpdate({ general: { lastName: 'Zed' } }),
      action: 'Create' as const,
      password: 'p<1',
    };
    expect(encodeProfileWrite(create)).toMatch(/<\/General><Password>p&lt;1<\/Password><\/ProfileResponse>$/);
    expect(() => encodeProfileWrite({ ...create, action: 'Update' })).toThrow(ConcurUnwritable);
  });
});

describe('Reading a profile', () => {
  it('keeps numbers, leading zeros and long accounts as the text they are', () => {
    const inner =
      '<Telephones><Telephone Type="Cell"><CountryCode>001</CountryCode><PhoneNumber>00123</PhoneNumber></Telephone></Telephones>' +
      '<UnusedTickets><UnusedTicket><Carrier>AA</Carrier><TicketNumber>00112345678901234567</TicketNumber><BaseFare>731.50</BaseFare></UnusedTicket></UnusedTickets>';
    expect(sectionsIn(inner)).toEqual({
      telephones: [{ type: 'Cell', countryCode: '001', phoneNumber: '00123' }],
      unusedTickets: [{ carrier: 'AA', ticketNumber: '00112345678901234567', baseFare: '731.50' }],
    });
  });

  it('reads names in any case, aliases, and the words of the prose', () => {
    const inner =
      '<general><FIRSTNAME>Ada</FIRSTNAME><SearchID>s1</SearchID></general>' +
      '<Air><Meals>VGML</Meals></Air><Car><SmokingCode>NonSmoking</SmokingCode></Car>' +
      '<Hotel><SmokingCode>Smoking</SmokingCode><preferPool>True</preferPool><PreferRestaraunt>0</PreferRestaraunt></Hotel>' +
      '<Visas><Visa><VisaType>SchengenVisa</VisaType></Visa></Visas>';
    expect(decodeProfile(aDocument(inner, 'LoginID="ada@example.test" status="inactive"'))).toEqual({
      loginId: 'ada@example.test',
      status: 'inactive',
      sections: {
        general: { firstName: 'Ada', searchId: 's1' },
        air: { mealCode: 'VGML' },
        car: { carSmokingCode: 'NonSmoking' },
        hotel: { hotelSmokingCode: 'Smoking', preferPool: true, preferRestaurant: false },
        visas: [{ visaType: 'SH' }],
      },
      unknown: [],
    });
  });

  it('takes what is empty, blank or nil for absent', () => {
    const inner =
      '<General><FirstName/><LastName>  </LastName><EReceiptOptIn xsi:nil="true"/></General><Roles/>' +
      '<DiscountCodes><DiscountCode Vendor="Example Air" /></DiscountCodes>' +
      '<Telephones><Telephone Type="Home"><PhoneNumber/></Telephone></Telephones>';
    expect(decodeProfile(aDocument(inner))).toMatchObject({ sections: {}, unknown: [] });
  });

  it('cuts the time off a date, without moving it to another day', () => {
    const inner = '<TSAInfo><DateOfBirth>1990-02-28T23:59:59-08:00</DateOfBirth></TSAInfo>';
    expect(sectionsIn(inner)).toEqual({ tsaInfo: { dateOfBirth: '1990-02-28' } });
  });

  it('trims values, resolves entities and keeps CDATA literally', () => {
    const inner =
      '<General><Division> 1000 </Division><LastName>O&apos;&#66;rien &amp; &#x1F600;</LastName></General>' +
      '<Air><AirOther><![CDATA[<no & markup>]]></AirOther></Air>';
    expect(sectionsIn(inner)).toEqual({
      general: { division: '1000', lastName: "O'Brien & 😀" },
      air: { airOther: '<no & markup>' },
    });
  });

  it('takes the UUID for the identity', () => {
    expect(decodeProfile(aDocument('<General><UUID>u-1</UUID></General>'))).toMatchObject({
      uuid: 'u-1',
      sections: { general: { uuid: 'u-1' } },
    });
  });

  it('keeps what the table does not know, with where it stood', () => {
    const inner =
      '<General><NewField>x</NewField></General>' +
      '<Telephones><Telephone Type="Cell"><PhoneNumber>1</PhoneNumber></Telephone>' +
      '<Telephone Type="Home" Since="2001"><PhoneNumber>2</PhoneNumber><MobileDevice>Unknown</MobileDevice></Telephone></Telephones>' +
      '<Loyalty Level="2"> <Tier id="a">Gold &amp; more</Tier> </Loyalty>';
    expect(unknownIn(inner)).toEqual(
      expect.arrayContaining([
        { path: 'General', name: 'NewField', value: 'x' },
        { path: 'Telephones/Telephone[2]', name: '@Since', value: '2001' },
        { path: 'Telephones/Telephone[2]', name: 'MobileDevice', value: 'Unknown' },
        { path: '', name: 'Loyalty', value: '<Tier id="a">Gold &amp; more</Tier>' },
        { path: 'Loyalty', name: '@Level', value: '2' },
      ]),
    );
  });

  it('shows again what it did not know, where it stood', () => {
    const first = decodeProfile(
      aDocument(
        '<General><NewField a="1">x &lt; y</NewField><FirstName>Old</FirstName><FirstName>New</FirstName></General>' +
          '<Telephones><Telephone Type="Cell"><PhoneNumber>1</PhoneNumber><Odd><X/></Odd></Telephone></Telephones>',
      ),
    );
    expect(decodeProfile(encodeProfileRead(first))).toEqual(first);
  });

  it('keeps what is no value of its kind instead of guessing', () => {
    const inner =
      '<Air><AirMemberships><AirMembership><VendorCode>AA</VendorCode><AccountNo>1</AccountNo><PointTotal>abc</PointTotal></AirMembership></AirMemberships></Air>' +
      '<TSAInfo><DateOfBirth>13/2020</DateOfBirth><NoMiddleName>maybe</NoMiddleName></TSAInfo>' +
      '<Passports><Passport><PassportNumber>P0</PassportNumber><PassportExpiration>2026-02-30</PassportExpiration></Passport></Passports>';
    expect(sectionsIn(inner)).toEqual({
      air: { airMemberships: [{ vendorCode: 'AA', accountNo: '1' }] },
      passports: [{ passportNumber: 'P0' }],
    });
    expect(unknownIn(inner)).toEqual([
      { path: 'Passports/Passport[1]', name: 'PassportExpiration', value: '2026-02-30' },
      { path: 'Air/AirMemberships/AirMembership[1]', name: 'PointTotal', value: 'abc' },
      { path: 'TSAInfo', name: 'DateOfBirth', value: '13/2020' },
      { path: 'TSAInfo', name: 'NoMiddleName', value: 'maybe' },
    ]);
  });

  it('lets the last of a repeated element count and keeps the others', () => {
    const inner = '<General><FirstName>A</FirstName><FirstName>B</FirstName><FirstName/></General>';
    expect(sectionsIn(inner)).toEqual({ general: { firstName: 'B' } });
    expect(unknownIn(inner)).toEqual([{ path: 'General', name: 'FirstName', value: 'A' }]);
  });

  it.each([
    ['is cut off', '<ProfileResponse LoginId="a"><General>'],
    ['is empty', ''],
    ['is plain text', 'Service Unavailable'],
    ['is another document', '<Error><Message>x</Message></Error>'],
    ['names no login', '<ProfileResponse Status="Active"/>'],
    ['has two roots', '<ProfileResponse LoginId="a"/><ProfileResponse LoginId="b"/>'],
    ['has a DTD', '<!DOCTYPE x [<!ENTITY e "boom">]><ProfileResponse LoginId="a"/>'],
    [
      'uses an entity that is not defined',
      '<ProfileResponse LoginId="a"><General><LastName>&e;</LastName></General></ProfileResponse>',
    ],
    ['is nested without end', `${'<a>'.repeat(500)}${'</a>'.repeat(500)}`],
    [
      'would be kept a thousand times as long',
      `<ProfileResponse LoginId="a"><${'n'.repeat(5_000)} a="1"/></ProfileResponse>`,
    ],
  ])('refuses a document that %s, and quotes nothing of it', (_what, xml) => {
    expect(() => decodeProfile(xml)).toThrow(ConcurUnreadable);
  });

  it('keeps no password, should one be shown', () => {
    expect(JSON.stringify(decodeProfile(aDocument('<Password>hidden-1</Password>')))).not.toContain(
      'hidden-1',
    );
  });
});

describe('A POST as the service reads it', () => {
  it('tells cleared, nil and absent apart', () => {
    const xml = aDocument(
      '<General><MiddleName/><EReceiptOptIn xsi:nil="true"/></General><Visas/><Password>pw-1</Password>',
      'Action="Create" LoginId="ada@example.test"',
    );
    expect(decodeProfileWrite(xml)).toEqual({
      action: 'Create',
      loginId: 'ada@example.test',
      changes: { general: { middleName: null, eReceiptOptIn: null }, visas: [] },
      password: 'pw-1',
      unknown: [],
    });
  });

  it('reports what the schema does not allow: other names, another case, empty numbers', () => {
    const xml = aDocument(
      '<General><firstname>x</firstname><SearchID>1</SearchID></General>' +
        '<Rail><RailMemberships><RailMembership><VendorCode>R</VendorCode><AccountNo>1</AccountNo><SegmentTotal/></RailMembership></RailMemberships></Rail>' +
        '<SouthwestUnusedTickets><T/></SouthwestUnusedTickets>',
      'Action="Replace" LoginId="a"',
    );
    expect(decodeProfileWrite(xml).unknown).toEqual(
      expect.arrayContaining([
        { path: '', name: '@Action', value: 'Replace' },
        { path: 'General', name: 'firstname', value: 'x' },
        { path: 'General', name: 'SearchID', value: '1' },
        { path: 'Rail/RailMemberships/RailMembership[1]', name: 'SegmentTotal', value: '' },
        { path: '', name: 'SouthwestUnusedTickets', value: '<T/>' },
      ]),
    );
  });
});
