import { type ProfileSections } from '../../profile';

/** A made-up traveller with everything a travel agency usually knows. */
const SECTIONS: ProfileSections = {
  general: {
    namePrefix: 'Ms',
    firstName: 'Erika',
    middleName: 'Maria',
    lastName: 'Mustermann',
    jobTitle: 'Engineer',
    costCenter: 'CC-4711',
    companyEmployeeId: 'E-1001',
    division: 'Research',
    preferredLanguage: 'de-DE',
    eReceiptOptIn: true,
    ruleClass: 'Default Travel Class',
    travelConfigId: '104',
  },
  emergencyContact: {
    name: 'Max Mustermann',
    relationship: 'Spouse',
    phones: [{ key: 'k1', type: 'DayTime', value: '+49 30 5550102' }],
    address: { street: 'Beispielweg 1', city: 'Berlin', postalCode: '10115', countryCode: 'DE' },
  },
  telephones: [
    {
      key: 'k2',
      type: 'Cell',
      contactOptIn: true,
      primaryMobile: true,
      countryCode: 'DE',
      phoneNumber: '170-5550103',
    },
    { key: 'k3', type: 'Work', countryCode: 'DE', phoneNumber: '30-5550104', extension: '12' },
  ],
  addresses: [
    {
      key: 'k4',
      type: 'Work',
      street: 'Musterallee 5',
      city: 'Berlin',
      postalCode: '10117',
      countryCode: 'DE',
    },
  ],
  nationalIds: [
    { key: 'k5', nationalIdNumber: 'EXAMPLE-ID-0001', issuingCountry: 'DE', expiration: '2031-04-30' },
  ],
  driversLicenses: [
    { key: 'k6', driversLicenseNumber: 'EXAMPLE-DL-0001', issuingCountry: 'DE', expiration: '2033-01-19' },
  ],
  hasNoPassport: false,
  passports: [
    {
      key: 'k7',
      passportNumber: 'EXAMPLE-P-0001',
      passportNationality: 'DE',
      passportExpiration: '2032-08-31',
      passportDateIssued: '2022-09-01',
      passportCityIssued: 'Berlin',
      passportCountryIssued: 'DE',
    },
  ],
  visas: [
    {
      key: 'k8',
      visaNationality: 'US',
      visaNumber: 'EXAMPLE-V-0001',
      visaType: 'ME',
      visaDateIssued: '2025-01-15',
      visaExpiration: '2030-01-14',
      visaCityIssued: 'Berlin',
      visaCountryIssued: 'DE',
    },
  ],
  emailAddresses: [{ key: 'k9', contact: true, type: 'Business', value: 'erika.mustermann@example.test' }],
  ratePreferences: { aaaRate: false, aarpRate: false, govtRate: false, militaryRate: false },
  air: {
    airMemberships: [{ key: 'k10', vendorCode: 'LH', accountNo: 'EXAMPLE-FF-1', status: 'Senator' }],
    seat: { interRowPositionCode: 'Aisle', sectionPositionCode: 'Forward' },
    mealCode: 'VGML',
    homeAirport: 'BER',
  },
  rail: { seat: 'Aisle', railMemberships: [{ key: 'k11', vendorCode: 'DB', accountNo: 'EXAMPLE-BC-1' }] },
  car: { carSmokingCode: 'NonSmoking', carGps: true, carType: 'Intermediate', carTransmission: 'Automatic' },
  hotel: { hotelSmokingCode: 'NonSmoking', roomType: 'Queen', preferGym: true },
  customFields: [{ key: 'k12', name: 'Project', value: 'P-77' }],
  roles: [{ key: 'k13', type: 'Manager', loginId: 'max.manager@example.test' }],
  tsaInfo: { gender: 'Female', dateOfBirth: '1985-07-14', noMiddleName: false },
  cards: [
    {
      key: 'k14',
      displayName: 'Business card',
      vendor: 'Visa',
      accountNo: 'EXAMPLE-CARD-0001',
      expDate: '2029-05',
      nameOnCard: 'ERIKA MUSTERMANN',
      usageType: 'Business',
      billingAddress: { streetAddress: 'Musterstr. 1', city: 'Berlin', country: 'DE', zipCode: '10115' },
      segments: [{ type: 'Air', default: true }],
    },
  ],
};

/** As it is written: without what only Concur decides. */
export const WRITTEN_EXAMPLE = {
  id: 'T-1001',
  username: 'erika.mustermann@example.test',
  status: 'active',
  ...SECTIONS,
} as const;

/** As it is read. */
export const TRAVELLER_EXAMPLE = {
  ...WRITTEN_EXAMPLE,
  concurLoginId: 'erika.mustermann@example.test',
  concurUuid: '0b6d4d6e-0000-4000-8000-000000001001',
  sync: {
    state: 'synced',
    lastPublishedAt: '2026-03-02T08:05:11.000Z',
    lastPulledAt: '2026-03-02T08:20:03.000Z',
    warnings: [],
  },
} as const;
