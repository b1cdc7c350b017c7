import { type ProfileSections } from '../../profile';

/**
 * Made-up travellers with what a TMC's profile usually holds: about 60 elements, 3 kB of XML, five sealed
 * values. The same number is always the same person.
 */
export function personSections(number: number, jobTitle: string): ProfileSections {
  const digits = String(number).padStart(6, '0');
  const firstName = pick(FIRST_NAMES, number);
  const lastName = `${pick(LAST_NAMES, Math.floor(number / FIRST_NAMES.length))} ${letters(number)}`;
  return {
    general: {
      namePrefix: pick(['Mr', 'Ms', 'Dr'], number),
      firstName,
      middleName: pick(['Ana', 'Lee', 'Jo'], number),
      lastName,
      jobTitle,
      costCenter: `CC-${digits.slice(-4)}`,
      companyEmployeeId: `E${digits}`,
      division: pick(['Sales', 'Engineering', 'Finance'], number),
      preferredLanguage: pick(['en-US', 'de-DE', 'fr-FR'], number),
    },
    emergencyContact: {
      name: `Kim ${lastName}`,
      relationship: 'Spouse',
      phones: [{ type: 'DayTime', value: `555${digits}` }],
      address: { street: '2 Oak Lane', city: 'Springfield', postalCode: '12345', countryCode: 'US' },
    },
    telephones: [
      { type: 'Work', countryCode: 'US', phoneNumber: `202-1${digits}` },
      { type: 'Cell', primaryMobile: true, countryCode: 'US', phoneNumber: `202-2${digits}` },
      { type: 'Home', countryCode: 'US', phoneNumber: `202-3${digits}` },
    ],
    addresses: [address('Home', `${number} Main Street`), address('Work', '1 Example Plaza & Söhne')],
    nationalIds: [{ nationalIdNumber: `FAKENID${digits}`, issuingCountry: 'US' }],
    passports: [
      {
        passportNumber: `FAKEP${digits}`,
        passportNationality: 'US',
        passportExpiration: '2035-05-31',
        passportDateIssued: '2025-06-01',
        passportCountryIssued: 'US',
      },
    ],
    visas: [
      {
        visaNationality: 'IN',
        visaNumber: `FAKEV${digits}`,
        visaType: 'ME',
        visaExpiration: '2033-01-31',
        visaCountryIssued: 'US',
      },
    ],
    emailAddresses: [
      { type: 'Business', value: `person${digits}@example.test` },
      { type: 'Personal', value: `private${digits}@example.test` },
    ],
    air: {
      airMemberships: [
        { vendorCode: 'LH', accountNo: `99${digits}` },
        { vendorCode: 'UA', accountNo: `88${digits}` },
      ],
      seat: { interRowPositionCode: 'Aisle', sectionPositionCode: 'Forward' },
      mealCode: 'VGML',
      homeAirport: 'FRA',
    },
    car: { carSmokingCode: 'NonSmoking', carType: 'Intermediate', carTransmission: 'Automatic' },
    hotel: {
      hotelSmokingCode: 'NonSmoking',
      hotelMemberships: [{ vendorCode: 'HH', accountNo: `77${digits}` }],
      roomType: 'King',
      preferGym: true,
    },
    customFields: [
      { name: 'Project', value: `P-${digits}` },
      { name: 'Approver', value: 'approver@example.test' },
    ],
    tsaInfo: {
      gender: pick(['Female', 'Male'], number),
      dateOfBirth: `19${60 + (number % 40)}-0${1 + (number % 9)}-15`,
      preCheckNumber: `TT${digits}`,
    },
  };
}

const FIRST_NAMES = ['Zoë', 'Noah', 'Mia', 'Ángel', 'Yuki', 'Omar', 'Ida'];
const LAST_NAMES = ['Müller', 'García', "O'Brien", 'Łukasz', 'Smith', 'Tanaka', 'Øster'];

function address(type: 'Home' | 'Work', street: string) {
  return { type, street, city: 'Springfield', stateProvince: 'VA', postalCode: '12345', countryCode: 'US' };
}

function pick(values: readonly string[], number: number): string {
  return values[number % values.length] ?? '';
}

/** Names hold no digits: 0 → `A`, 27 → `Bb`. */
function letters(number: number): string {
  const tail = number >= 26 ? letters(Math.floor(number / 26)).toLowerCase() : '';
  return String.fromCharCode(65 + (number % 26)) + tail;
}

/** Logins are unique across all companies of Concur. */
export function loginOf(group: string, number: number): string {
  return `${group}-${String(number).padStart(6, '0')}@example.test`;
}
