import { isNotInVersion1 } from '../../../concur';
import { createConcurProfilesV1 } from '../../../concur';
import { decodeProfileV1, encodeProfileReadV1, encodeProfileWrite } from '../../../concur/xml';
import { version1 } from '../../../profile';
import { HOME } from '../../support/concur/tokens';
import { aConcurWorld, aTokenAnswer, DELAYS, GOOD_TOKEN } from '../../support/concur/world';

const LOGIN = 'ada@example.test';
const aDocument = (inner: string): string =>
  `<ProfileResponse Status="Active" Unique="CM1">${inner}</ProfileResponse>`;
const read = (inner: string) => decodeProfileV1(aDocument(inner), LOGIN);

/** As SAP's description shows a profile of v1, with made-up values. */
const FULL = aDocument(`
  <General><NamePrefix /><FirstName>Ada</FirstName><LastName>Example</LastName>
    <PreferredLanguage>en-us</PreferredLanguage><EReceiptOptIn>True</EReceiptOptIn>
    <MarketingOptIn>True</MarketingOptIn><HasOpenBooking>true</HasOpenBooking><CountryCode>US</CountryCode></General>
  <Telephones>
    <Telephone Type="Work"><CountryCode>001</CountryCode><PhoneNumber>5550100</PhoneNumber><Extension /></Telephone>
    <Telephone Type="Primary Mobile Phone"><CountryCode>001</CountryCode><PhoneNumber>5550101</PhoneNumber>
      <ContactOptIn>True</ContactOptIn></Telephone>
    <Telephone Type="Cell"><PhoneNumber>(555) 0101</PhoneNumber></Telephone>
  </Telephones>
  <Addresses>
    <Address Type="Work"><AttentionLine>Front desk</AttentionLine><Line1>1 Main St</Line1><Line2>Floor 2</Line2>
      <Line3 /><MailStop>M7</MailStop><City>Town</City><StateProvince>WA</StateProvince>
      <CountryCode>US</CountryCode><ZipCode>00000</ZipCode><Longitude>-1.5</Longitude><Latitude>2.5</Latitude></Address>
    <Address Type="Billing"><Line1>2 Bill St</Line1><City>Town</City></Address>
  </Addresses>
  <EmailAddresses><EmailAddress Type="Business" Contact="True">${LOGIN}</EmailAddress></EmailAddresses>
  <DiscountCodes><DiscountCode Vendor="Chain">D-1</DiscountCode></DiscountCodes>
  <Air><AirSmokingCode>S</AirSmokingCode>
    <AirMemberships><AirMembership><VendorCode>AA</VendorCode><AccountNo>K1</AccountNo></AirMembership></AirMemberships>
    <Seat><InterRowPositionCode>Isolated</InterRowPositionCode><SectionPositionCode>F</SectionPositionCode></Seat>
    <Meals><MealCode>VGML</MealCode></Meals><HomeAirport>SEA</HomeAirport><AirOther />
    <DHSRedressNumber>R-1</DHSRedressNumber><DHSKnownTravelerNumber>K-1</DHSKnownTravelerNumber></Air>
  <Car><CarSmokingCode>O</CarSmokingCode><CarGPS>True</CarGPS><CarOption>XYZ</CarOption><CarMemberships />
    <CarMembership><VendorCode>ZE</VendorCode><AccountNo>A1</AccountNo></CarMembership>
    <CarSkiRack>False</CarSkiRack></Car>
  <Hotel><SmokingCode>N</SmokingCode><RoomType>2</RoomType><PreferGym>True</PreferGym>
    <preferPool>True</preferPool><preferRestaraunt>False</preferRestaraunt></Hotel>
  <CustomFields><CustomField><Name>Fund</Name><Value>Training</Value></CustomField>
    <CustomField><Name>Empty</Name></CustomField></CustomFields>`);

describe('Travel Profile v1', () => {
  const profile = decodeProfileV1(FULL, LOGIN);

  it('is read into the same model as v2', () => {
    expect(profile).toMatchObject({ loginId: LOGIN, status: 'active', apiVersion: 1 });
    expect(profile.uuid).toBeUndefined();
    expect(profile.sections).toEqual({
      general: {
        firstName: 'Ada',
        lastName: 'Example',
        preferredLanguage: 'en-US',
        eReceiptOptIn: true,
        hasOpenBooking: true,
        countryCode: 'US',
      },
      telephones: [
        { type: 'Work', countryCode: '001', phoneNumber: '5550100' },
        {
          type: 'Cell',
          contactOptIn: true,
          primaryMobile: true,
          countryCode: '001',
          phoneNumber: '5550101',
        },
      ],
      addresses: [
        {
          type: 'Work',
          street: '1 Main St\nFloor 2',
          city: 'Town',
          stateProvince: 'WA',
          postalCode: '00000',
          countryCode: 'US',
        },
      ],
      emailAddresses: [{ contact: true, type: 'Business', value: LOGIN }],
      discountCodes: [{ vendor: 'Chain', value: 'D-1' }],
      air: {
        airMemberships: [{ vendorCode: 'AA', accountNo: 'K1' }],
        seat: { sectionPositionCode: 'Forward' },
        mealCode: 'VGML',
        homeAirport: 'SEA',
      },
      car: {
        carSmokingCode: 'DontCare',
        carGps: true,
        carMemberships: [{ vendorCode: 'ZE', accountNo: 'A1' }],
        carSkiRack: false,
      },
      hotel: {
        hotelSmokingCode: 'NonSmoking',
        roomType: 'Double',
        preferGym: true,
        preferPool: true,
        preferRestaurant: false,
      },
      customFields: [{ name: 'Fund', value: 'Training' }],
      tsaInfo: { preCheckNumber: 'K-1', redressNumber: 'R-1' },
    });
  });

  it('keeps what v2 has no place for, and where it stood', () => {
    const kept = profile.unknown.map(({ path, name, value }) => `${path}/${name}=${value}`);
    expect(kept).toEqual(
      expect.arrayContaining([
        '/@Unique=CM1',
        'General/MarketingOptIn=True',
        'Addresses/Address[1]/AttentionLine=Front desk',
        'Addresses/Address[1]/MailStop=M7',
        'Addresses/Address[1]/Longitude=-1.5',
        'Addresses/Address[1]/Latitude=2.5',
        'Addresses/Address=<Line1>2 Bill St</Line1><City>Town</City>',
        'Addresses/Address[2]/@Type=Billing',
        'Telephones/Telephone=<PhoneNumber>(555) 0101</PhoneNumber>',
        'Air/AirSmokingCode=S',
        'Air/Seat/InterRowPositionCode=Isolated',
        'Car/CarOption=XYZ',
      ]),
    );
    expect(kept).toHaveLength(13);
  });

  it('never writes what was kept', () => {
    const { sections, status = 'active' } = profile;
    const xml = encodeProfileWrite({ action: 'Update', loginId: LOGIN, status, sections });
    for (const word of ['Isolated', 'Billing', 'Front desk', 'M7', 'XYZ', 'MarketingOptIn', 'CM1', 'D-1']) {
      expect(xml).not.toContain(word);
    }
  });

  it.each(['LFML', 'SPML', 'VJML', 'VOML'])('keeps the meal %s, which only v1 knows', (meal) => {
    const { sections, unknown } = read(`<Air><Meals><MealCode>${meal}</MealCode></Meals></Air>`);
    expect(sections).toEqual({});
    expect(unknown).toContainEqual({ path: 'Air/Meals', name: 'MealCode', value: meal });
  });

  it.each(
    version1.CODED.flatMap(({ at, codes }) => Object.entries(codes).map(([code, word]) => [at, code, word])),
  )('reads %s %s as %s', (at = '', code = '', word = '') => {
    const xml = at.split('/').reduceRight((inner, name) => `<${name}>${inner}</${name}>`, code);
    expect(JSON.stringify(read(xml).sections)).toContain(`"${word}"`);
  });

  it.each([
    [
      'two places for one value',
      '<Air><DHSRedressNumber>R-9</DHSRedressNumber></Air><TSAInfo><RedressNumber>R-1</RedressNumber></TSAInfo>',
      'R-9',
    ],
    [
      'mark-up in a custom field',
      '<CustomFields><CustomField><Name>N</Name><Value><b>bold</b></Value></CustomField></CustomFields>',
      'bold',
    ],
    ['two meals', '<Air><Meals><MealCode>VGML</MealCode><MealCode>KSML</MealCode></Meals></Air>', 'KSML'],
    [
      'a street beside its lines',
      '<Addresses><Address Type="Home"><Street>S</Street><Line1>other</Line1></Address></Addresses>',
      'other',
    ],
  ])('loses nothing of %s', (_what, xml, value) => {
    expect(JSON.stringify(read(xml).unknown)).toContain(value);
  });

  it('comes back the same after it was shown in the form of v1', () => {
    const shown = encodeProfileReadV1({ status: 'active', sections: profile.sections, unknown: [] }, 'CM1');
    expect(shown).toContain('Type="Primary Mobile Phone"');
    expect(shown).toContain('<ContactOptIn>True</ContactOptIn>');
    expect(shown).toContain('<preferRestaraunt>False</preferRestaraunt>');
    expect(decodeProfileV1(shown, LOGIN).sections).toEqual(profile.sections);
  });

  it('is refused where it is cut off or something else', () => {
    expect(() => decodeProfileV1(FULL.slice(0, 200), LOGIN)).toThrow('cannot be read');
    expect(() => decodeProfileV1('<html/>', LOGIN)).toThrow('another document');
  });
});

describe('The client of Travel Profile v1', () => {
  const client = (answer: Parameters<ReturnType<typeof aConcurWorld>['at']>[1]) => {
    const world = aConcurWorld({ stored: GOOD_TOKEN });
    world.at(HOME, answer);
    const { connection, send } = world;
    return { world, profiles: createConcurProfilesV1({ connection, send, delays: DELAYS }) };
  };

  it('asks for the list without what only v2 knows', async () => {
    const { world, profiles } = client(() => ({ body: '<ConnectResponse/>' }));
    const since = new Date('2026-07-31T10:00:00Z');
    await profiles.listSummaries({
      since,
      page: 1,
      itemsPerPage: 200,
      travelConfigIds: ['1'],
      statusFilter: 'Active=1',
    });
    expect(world.seen[0]?.path).toBe(
      '/api/travelprofile/v1.0/profile?LastModifiedDate=2026-07-31T10:00:00&Page=1&ItemsPerPage=200',
    );
  });

  it('reads by login and by sync id, whose answer names no login', async () => {
    const { world, profiles } = client(() => ({ body: FULL }));
    expect(
      (await profiles.readProfile({ type: 'login', value: "a+b&c'd@example.test" }))?.profile.loginId,
    ).toBe("a+b&c'd@example.test");
    expect((await profiles.readProfile({ type: 'xmlsyncid', value: 's 1' }))?.profile.loginId).toBe('');
    expect(world.seen.map(({ path }) => path)).toEqual([
      '/api/travelprofile/v1.0/profile?userid_type=login&userid_value=a%2Bb%26c%27d%40example.test',
      '/api/travelprofile/v1.0/profile?userid_type=xmlsyncid&userid_value=s%201',
    ]);
  });

  it('refuses a write and a look by UUID in words, and sends nothing', async () => {
    const { world, profiles } = client(() => ({ body: FULL }));
    const write = { action: 'Update', loginId: LOGIN, status: 'active', sections: {} } as const;
    const refused: unknown = await profiles.writeProfile(write).catch((error: unknown) => error);
    expect(isNotInVersion1(refused)).toBe(true);
    expect(refused).toMatchObject({ code: 'ReadOnlyVersion', failureClass: 'record' });
    await expect(profiles.readProfile({ type: 'uuid', value: 'u-1' })).rejects.toMatchObject({
      code: 'NoUuidInVersion1',
      failureClass: 'record',
    });
    expect(world.seen).toEqual([]);
  });

  it('tries the scheme OAuth after Bearer was refused twice, and keeps to it', async () => {
    const { world, profiles } = client(({ path, headers }) => {
      if (path.startsWith('/oauth2')) return aTokenAnswer(2);
      return headers['authorization']?.startsWith('OAuth ') ? { body: FULL } : { status: 401 };
    });
    const look = () => profiles.readProfile({ type: 'login', value: LOGIN });
    expect(await look()).toBeDefined();
    expect(await look()).toBeDefined();
    const schemes = world.seen
      .filter(({ path }) => !path.startsWith('/oauth2'))
      .map(({ headers }) => headers['authorization']?.split(' ')[0]);
    expect(schemes).toEqual(['Bearer', 'Bearer', 'OAuth', 'OAuth']);
  });
});
