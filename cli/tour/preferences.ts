import { type ProfileSections } from '../../profile';
import { type Person } from './person';

type TravelSections = Pick<
  ProfileSections,
  | 'nationalIds'
  | 'driversLicenses'
  | 'hasNoPassport'
  | 'passports'
  | 'visas'
  | 'ratePreferences'
  | 'air'
  | 'rail'
  | 'car'
  | 'hotel'
  | 'customFields'
>;

/** Documents and what a traveller prefers. All numbers begin with TEST or zeros: they are nobody's. */
export function travelSections(person: Person): TravelSections {
  const { random, number } = person;
  return {
    ...documents(person),
    ...(random.chance(0.1) ? { ratePreferences: { aaaRate: true, govtRate: false } } : {}),
    air: air(person),
    ...(number % 4 === 0 ? { rail: rail(person) } : {}),
    car: car(person),
    hotel: hotel(person),
    customFields: [
      { name: 'Cost Unit', value: String(random.between(1_000, 9_999)) },
      {
        name: 'Client Matter',
        value: `${random.pick(['Smith & Sons', "O'Hara Ltd", 'Weiß & Co. KG', 'Société Générique'])} #${random.between(1, 99)}`,
      },
    ],
  };
}

function documents({ random, number, origin, place }: Person): TravelSections {
  const id = String(number).padStart(6, '0');
  const country = origin.country;
  const [city] = place;
  // One in ten has no passport, and says so.
  if (number % 10 === 0) {
    return {
      hasNoPassport: true,
      nationalIds: [
        { nationalIdNumber: `TEST-ID-${id}`, issuingCountry: country, expiration: random.date(2030, 2036) },
      ],
    };
  }
  const passport = (serial: string) => ({
    passportNumber: `TEST${serial}${id}`,
    passportNationality: country,
    passportDateIssued: random.date(2019, 2025),
    passportExpiration: random.date(2028, 2034),
    passportCityIssued: city,
    passportCountryIssued: country,
  });
  return {
    hasNoPassport: false,
    passports: number % 9 === 0 ? [passport('A'), passport('B')] : [passport('A')],
    ...(random.chance(0.3)
      ? {
          driversLicenses: [
            {
              driversLicenseNumber: `TEST-DL-${id}`,
              issuingCountry: country,
              expiration: random.date(2028, 2040),
            },
          ],
        }
      : {}),
    ...(number % 5 === 0
      ? {
          visas: [
            {
              visaNationality: country,
              visaNumber: `TESTV${id}`,
              visaType: random.pick(['SE', 'ME', 'ES', 'SH']),
              visaDateIssued: random.date(2022, 2025),
              visaExpiration: random.date(2028, 2033),
              visaCityIssued: city,
              visaCountryIssued: random.pick(['US', 'IN', 'CN', 'BR']),
            },
          ],
        }
      : {}),
  };
}

const AIRLINES = ['LX', 'LH', 'AF', 'BA', 'JL', 'AA'] as const;
const HOTELS = ['HI', 'MC', 'HY', 'RT'] as const;
const CARS = ['ZE', 'ZI', 'SX'] as const;
const RAILWAYS = ['2C', '2A', '9F'] as const;

function account(person: Person): string {
  return `00000${person.random.digits(6)}`;
}

/** No `mealCode`: the tour edits it at Concur's side. */
function air(person: Person): NonNullable<ProfileSections['air']> {
  const { random, place } = person;
  return {
    airMemberships: [
      {
        vendorCode: random.pick(AIRLINES),
        accountNo: account(person),
        status: random.pick(['Blue', 'Silver', 'Gold']),
      },
    ],
    seat: {
      interRowPositionCode: random.pick(['Aisle', 'Window', 'DontCare']),
      sectionPositionCode: random.pick(['Forward', 'ExitRow', 'DontCare']),
    },
    homeAirport: place[2],
  };
}

function rail(person: Person): NonNullable<ProfileSections['rail']> {
  return {
    seat: person.random.pick(['Window', 'Aisle']),
    railMemberships: [
      { vendorCode: person.random.pick(RAILWAYS), accountNo: account(person), expiration: '2031-12-31' },
    ],
  };
}

function car(person: Person): NonNullable<ProfileSections['car']> {
  const { random, number } = person;
  return {
    carSmokingCode: 'NonSmoking',
    carGps: random.chance(0.5),
    carType: random.pick(['Compact', 'Intermediate', 'FullSize', 'EconomyHybrid']),
    ...(number % 3 === 0
      ? { carMemberships: [{ vendorCode: random.pick(CARS), accountNo: account(person) }] }
      : {}),
    carTransmission: random.pick(['DontCare', 'Automatic', 'Manual']),
  };
}

/** No `roomType`: the tour edits it in the hub. */
function hotel(person: Person): NonNullable<ProfileSections['hotel']> {
  const { random, number } = person;
  return {
    hotelSmokingCode: random.pick(['NonSmoking', 'DontCare']),
    ...(number % 2 === 0
      ? { hotelMemberships: [{ vendorCode: random.pick(HOTELS), accountNo: account(person) }] }
      : {}),
    preferGym: random.chance(0.4),
    preferEarlyCheckIn: random.chance(0.3),
    ...(number % 25 === 0 ? { hotelOther: 'Quiet room, please – "away from the lift" & high up' } : {}),
  };
}
