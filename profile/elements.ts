import { boolean, date, group, integer, type Leaf, list, text, whole } from './nodes';
import * as values from './values';

/**
 * THE table of elements: Concur's Travel Profile v2 in the schema's order, with the name each element
 * has in the hub's JSON. The XML codec, the pre-flight checks, the merge, the sandbox and the
 * documentation all read it here (docs/concur.md §3).
 */

const NAME = { max: 60 } as const;
const ACCOUNT = { max: 60, required: true } as const;
const DOCUMENT = { max: 100, sensitive: true } as const;
const COUNTRY = { max: 2 } as const;
const SMALL_DATE = { range: 'smalldatetime' } as const;
const DATE = { range: 'datetime' } as const;
const RO = { readOnly: true } as const;

const vendorCode = text('VendorCode', { required: true });
const accountNo = text('AccountNo', ACCOUNT);
const programme = {
  status: text('Status'),
  statusBenefits: text('StatusBenefits'),
  pointTotal: integer('PointTotal'),
  segmentTotal: integer('SegmentTotal'),
  nextStatus: text('NextStatus'),
} as const;
const untilNextStatus = {
  pointsUntilNextStatus: integer('PointsUntilNextStatus'),
  segmentsUntilNextStatus: integer('SegmentsUntilNextStatus'),
} as const;

const airMembership = {
  vendorCode,
  accountNo,
  ...programme,
  ...untilNextStatus,
  isSenator: boolean('IsSenator'),
} as const;

const railMembership = {
  vendorCode,
  accountNo,
  ...programme,
  expiration: date('Expiration', DATE),
  ...untilNextStatus,
} as const;

const rentalMembership = {
  vendorCode,
  accountNo,
  status: programme.status,
  statusBenefits: programme.statusBenefits,
  pointTotal: programme.pointTotal,
  segmentTotal: programme.segmentTotal,
  expiration: date('Expiration', DATE),
  nextStatus: programme.nextStatus,
  ...untilNextStatus,
} as const;

const MEMBERSHIP = { rule: 'undocumented', identity: ['vendorCode', 'accountNo'] } as const;

const postalAddress = {
  street: text('Street'),
  city: text('City', { max: 30 }),
  stateProvince: text('StateProvince', { max: 30 }),
  postalCode: text('PostalCode', { max: 20 }),
  countryCode: text('CountryCode', COUNTRY),
} as const;

const typed = (types: readonly string[], readOnlyValues?: readonly string[]): Leaf<'text'> =>
  text('Type', {
    at: 'attribute',
    required: true,
    values: types,
    ...(readOnlyValues === undefined ? {} : { readOnlyValues }),
  });

export const PROFILE_ELEMENTS = {
  general: group('General', {
    namePrefix: text('NamePrefix', NAME),
    firstName: text('FirstName', NAME),
    middleName: text('MiddleName', NAME),
    lastName: text('LastName', NAME),
    nameSuffix: text('NameSuffix', NAME),
    preferredName: text('PreferredName', NAME),
    jobTitle: text('JobTitle', { max: 255 }),
    costCenter: text('CostCenter', { max: 25 }),
    companyEmployeeId: text('CompanyEmployeeID', { max: 48 }),
    division: text('Division', NAME),
    accountTerminationDate: date('AccountTerminationDate', RO),
    preferredLanguage: text('PreferredLanguage', { max: 20, values: values.PREFERRED_LANGUAGES }),
    eReceiptOptIn: boolean('EReceiptOptIn'),
    hasOpenBooking: boolean('HasOpenBooking', RO),
    countryCode: text('CountryCode', RO),
    companyName: text('CompanyName', RO),
    companyId: text('CompanyID', RO),
    ruleClass: text('RuleClass', NAME),
    travelConfigId: text('TravelConfigID'),
    medicalAlerts: text('MedicalAlerts'),
    agencyNumber: text('AgencyNumber', RO),
    searchId: text('SearchId', { aliases: ['SearchID'] }),
    gdsProfileName: text('GDSProfileName'),
    sabreProfileId: text('SabreProfileId'),
    uuid: text('UUID', RO),
  }),
  emergencyContact: group('EmergencyContact', {
    name: text('Name'),
    relationship: text('Relationship', { values: values.RELATIONSHIPS }),
    phones: list(
      'Phones',
      'Phone',
      { type: typed(values.EMERGENCY_PHONE_TYPES), value: text('Phone', { at: 'content', max: 60 }) },
      { rule: 'last-of-type-wins', identity: ['type'], max: 2 },
    ),
    address: whole('Address', postalAddress),
  }),
  telephones: list(
    'Telephones',
    'Telephone',
    {
      type: text('Type', {
        at: 'attribute',
        required: true,
        values: values.PHONE_TYPES,
        readOnlyValues: values.READ_ONLY_PHONE_TYPES,
      }),
      contactOptIn: boolean('ContactOptIn', { at: 'attribute' }),
      primaryMobile: boolean('PrimaryMobile', { at: 'attribute' }),
      countryCode: text('CountryCode', COUNTRY),
      phoneNumber: text('PhoneNumber', { max: 60, required: true }),
      extension: text('Extension'),
    },
    { rule: 'replaces', identity: ['type', 'phoneNumber'], maxPerType: 1, manyOfTypes: ['Cell'] },
  ),
  addresses: list(
    'Addresses',
    'Address',
    {
      type: typed(values.ADDRESS_TYPES),
      street: text('Street', { required: true }),
      city: text('City', { max: 30, required: true }),
      stateProvince: text('StateProvince', { max: 30 }),
      postalCode: text('PostalCode', { max: 20, required: true }),
      countryCode: text('CountryCode', { max: 2, required: true }),
    },
    { rule: 'last-of-type-wins', identity: ['type'] },
  ),
  nationalIds: list(
    'NationalIDs',
    'NationalID',
    {
      nationalIdNumber: text('NationalIDNumber', DOCUMENT),
      issuingCountry: text('IssuingCountry', COUNTRY),
      expiration: date('Expiration', DATE),
    },
    { rule: 'undocumented', identity: [], max: 1 },
  ),
  driversLicenses: list(
    'DriversLicenses',
    'DriversLicense',
    {
      driversLicenseNumber: text('DriversLicenseNumber', { ...DOCUMENT, required: true }),
      issuingCountry: text('IssuingCountry', { max: 2, required: true }),
      issuingState: text('IssuingState'),
      expiration: date('Expiration', DATE),
    },
    { rule: 'undocumented', identity: [], max: 1 },
  ),
  hasNoPassport: boolean('HasNoPassport'),
  passports: list(
    'Passports',
    'Passport',
    {
      passportNumber: text('PassportNumber', DOCUMENT),
      passportNationality: text('PassportNationality', COUNTRY),
      passportExpiration: date('PassportExpiration', SMALL_DATE),
      passportDateIssued: date('PassportDateIssued', SMALL_DATE),
      passportCityIssued: text('PassportCityIssued'),
      passportCountryIssued: text('PassportCountryIssued', COUNTRY),
    },
    { rule: 'undocumented', identity: ['passportNumber'], max: 2 },
  ),
  visas: list(
    'Visas',
    'Visa',
    {
      visaNationality: text('VisaNationality', { max: 2, required: true }),
      visaNumber: text('VisaNumber', { ...DOCUMENT, required: true }),
      visaType: text('VisaType', { values: values.VISA_TYPES, readAs: values.VISA_TYPE_WORDS }),
      visaDateIssued: date('VisaDateIssued', SMALL_DATE),
      visaExpiration: date('VisaExpiration', SMALL_DATE),
      visaCityIssued: text('VisaCityIssued'),
      visaCountryIssued: text('VisaCountryIssued', COUNTRY),
    },
    { rule: 'replaces', identity: ['visaNumber'] },
  ),
  emailAddresses: list(
    'EmailAddresses',
    'EmailAddress',
    {
      contact: boolean('Contact', { at: 'attribute' }),
      type: typed(values.EMAIL_TYPES, values.READ_ONLY_EMAIL_TYPES),
      value: text('EmailAddress', { at: 'content', max: 255 }),
    },
    { rule: 'undocumented', identity: ['type'], maxPerType: 1 },
  ),
  ratePreferences: group('RatePreferences', {
    aaaRate: boolean('AAARate'),
    aarpRate: boolean('AARPRate'),
    govtRate: boolean('GovtRate'),
    militaryRate: boolean('MilitaryRate'),
  }),
  discountCodes: list(
    'DiscountCodes',
    'DiscountCode',
    {
      vendor: text('Vendor', { at: 'attribute', required: true }),
      value: text('DiscountCode', { at: 'content' }),
    },
    { rule: 'undocumented', identity: ['vendor'], readOnly: true },
  ),
  air: group('Air', {
    airMemberships: list('AirMemberships', 'AirMembership', airMembership, MEMBERSHIP),
    seat: group('Seat', {
      interRowPositionCode: text('InterRowPositionCode', { values: values.SEAT_ROWS }),
      sectionPositionCode: text('SectionPositionCode', { values: values.SEAT_SECTIONS }),
    }),
    mealCode: text('MealCode', { values: values.MEALS, aliases: ['Meals'] }),
    homeAirport: text('HomeAirport', { max: 3 }),
    airOther: text('AirOther'),
  }),
  rail: group('Rail', {
    seat: text('Seat'),
    coach: text('Coach'),
    noiseComfort: text('NoiseComfort'),
    bed: text('Bed'),
    bedCategory: text('BedCategory'),
    berth: text('Berth'),
    deck: text('Deck'),
    spaceType: text('SpaceType'),
    fareSpaceComfort: text('FareSpaceComfort'),
    specialMeals: text('SpecialMeals'),
    contingencies: text('Contingencies'),
    railMemberships: list('RailMemberships', 'RailMembership', railMembership, MEMBERSHIP),
  }),
  car: group('Car', {
    carSmokingCode: text('CarSmokingCode', { values: values.SMOKING, aliases: ['SmokingCode'] }),
    carGps: boolean('CarGPS'),
    carType: text('CarType', { values: values.CAR_TYPES }),
    carMemberships: list('CarMemberships', 'CarMembership', rentalMembership, MEMBERSHIP),
    carOther: text('CarOther'),
    carSkiRack: boolean('CarSkiRack'),
    carTransmission: text('CarTransmission', { values: values.TRANSMISSIONS }),
  }),
  hotel: group('Hotel', {
    hotelSmokingCode: text('HotelSmokingCode', { values: values.SMOKING, aliases: ['SmokingCode'] }),
    hotelMemberships: list('HotelMemberships', 'HotelMembership', rentalMembership, MEMBERSHIP),
    roomType: text('RoomType', { values: values.ROOM_TYPES }),
    hotelOther: text('HotelOther'),
    preferFoamPillows: boolean('PreferFoamPillows'),
    preferCrib: boolean('PreferCrib'),
    preferRollawayBed: boolean('PreferRollawayBed'),
    preferGym: boolean('PreferGym'),
    preferPool: boolean('PreferPool'),
    preferRestaurant: boolean('PreferRestaurant', { aliases: ['PreferRestaraunt'] }),
    preferWheelchairAccess: boolean('PreferWheelchairAccess'),
    preferAccessForBlind: boolean('PreferAccessForBlind'),
    preferRoomService: boolean('PreferRoomService'),
    preferEarlyCheckIn: boolean('PreferEarlyCheckIn'),
  }),
  customFields: list(
    'CustomFields',
    'CustomField',
    {
      name: text('Name', { at: 'attribute', required: true }),
      value: text('CustomField', { at: 'content', max: 255 }),
    },
    { rule: 'undocumented', identity: ['name'] },
  ),
  roles: list(
    'Roles',
    'Role',
    {
      type: typed(values.ROLE_TYPES),
      primaryIndicatorFlag: boolean('PrimaryIndicatorFlag', { at: 'attribute' }),
      firstName: text('FirstName', RO),
      lastName: text('LastName', RO),
      emailAddress: text('EmailAddress', RO),
      loginId: text('LoginId'),
    },
    { rule: 'undocumented', identity: ['type', 'loginId'] },
  ),
  sponsors: list(
    'Sponsors',
    'Sponsor',
    {
      nonEmployeeUserType: text('NonEmployeeUserType', { required: true }),
      sponsorName: text('SponsorName', RO),
      sponsorshipStartDate: date('SponsorshipStartDate', { required: true, range: 'datetime' }),
      sponsorshipEndDate: date('SponsorshipEndDate', { required: true, range: 'datetime' }),
      loginId: text('LoginId', { required: true }),
    },
    { rule: 'undocumented', identity: ['loginId'] },
  ),
  tsaInfo: group('TSAInfo', {
    gender: text('Gender', { values: values.GENDERS }),
    dateOfBirth: date('DateOfBirth', { range: 'smalldatetime', sensitive: true }),
    noMiddleName: boolean('NoMiddleName'),
    preCheckNumber: text('PreCheckNumber'),
    redressNumber: text('RedressNumber'),
  }),
  unusedTickets: list(
    'UnusedTickets',
    'UnusedTicket',
    {
      carrier: text('Carrier', { required: true }),
      ticketNumber: text('TicketNumber', { required: true }),
      recordLocator: text('RecordLocator'),
      baseFare: text('BaseFare'),
      taxes: text('Taxes'),
      fees: text('Fees'),
      currency: text('Currency'),
      ticketType: text('TicketType'),
      issueDate: date('IssueDate', DATE),
      expirationDate: date('ExpirationDate', DATE),
      notes: text('Notes'),
    },
    { rule: 'undocumented', identity: ['ticketNumber'] },
  ),
  advantageMemberships: list(
    'AdvantageMemberships',
    'AdvantageMembership',
    {
      vendorCode,
      vendorType: text('VendorType', { required: true, values: values.ADVANTAGE_TYPES }),
      programNumber: text('ProgramNumber', { required: true }),
      discountPercentage: text('DiscountPercentage'),
      originCode: text('OriginCode'),
      destinationCode: text('DestinationCode'),
      programCode: text('ProgramCode', { required: true }),
      expirationDate: date('ExpirationDate', SMALL_DATE),
      optionCode: text('OptionCode'),
      programName: text('ProgramName', RO),
    },
    { rule: 'undocumented', identity: ['vendorType', 'vendorCode', 'programNumber'] },
  ),
} as const;

/**
 * Root elements that the schema knows between the ones above but that the service ignores or only takes
 * once: what a reader meets there is kept as unknown, what a writer sends there is not in the table.
 */
export const SOUTHWEST_TICKETS_XML = 'SouthwestUnusedTickets';
export const PASSWORD_XML = 'Password';

export type ProfileStatus = 'active' | 'inactive';

/** Something Concur sent that the table does not know: kept and shown, never written. */
export interface UnknownElement {
  /** Where it stood, e.g. `General` or `Telephones/Telephone[2]`. */
  readonly path: string;
  readonly name: string;
  readonly value: string;
}
