import { type ProfileSections } from '../../profile';
import { type Name, ORIGINS } from './people';
import { type Person } from './person';
import { travelSections } from './preferences';
import { SteadyRandom } from './random';

/** A traveller as `PUT /v1/entities/{id}/travellers/{travellerId}` takes it. */
export interface TourTraveller extends ProfileSections {
  readonly id: string;
  readonly username: string;
  readonly status: 'active';
}

const SEED = 20_260_801;
const MAIL_HOST = 'northwind.example.test';

/**
 * The travellers of the tour, the same every time: names in many scripts, apostrophes, accents, ampersands,
 * and documents whose numbers say that they are none. Two fields are never set, because the tour edits them:
 * `air.mealCode` at Concur's side and `hotel.roomType` in the hub.
 */
export function tourTravellers(count: number): TourTraveller[] {
  return Array.from({ length: count }, (_, index) => traveller(index + 1));
}

function traveller(number: number): TourTraveller {
  const person = someone(number);
  return {
    id: `t-${String(number).padStart(4, '0')}`,
    username: person.email,
    status: 'active',
    general: general(person),
    emergencyContact: emergencyContact(person),
    telephones: telephones(person),
    addresses: addresses(person),
    emailAddresses: emails(person),
    tsaInfo: tsaInfo(person),
    ...travelSections(person),
  };
}

function someone(number: number): Person {
  const random = new SteadyRandom(SEED + number * 7_919);
  const origin = ORIGINS[(number - 1) % ORIGINS.length] ?? ORIGINS[0];
  const woman = random.chance(0.5);
  const first = random.pick(woman ? origin.women : origin.men);
  const family = random.pick(origin.families);
  const local = `${latin(first)}.${latin(family)}.${String(number).padStart(3, '0')}`;
  const place = random.pick(origin.places);
  return { random, origin, number, woman, first, family, place, email: `${local}@${MAIL_HOST}` };
}

/** Letters that a Concur login may hold (docs/concur.md §6: not + & ' /). */
function latin([written, other]: Name): string {
  return (other ?? written).toLowerCase().replace(/[^a-z-]/g, '');
}

function isTranscribed({ first, family }: Person): boolean {
  return /[^\p{Script=Latin}\p{P}\p{Zs}\p{M}]/u.test(first[0] + family[0]);
}

const TITLES = ['', '', '', '', 'Dr.', 'Prof.'] as const;
const JOBS = [
  'Consultant',
  'Engineer',
  'Head of M&A',
  'Sales & Marketing Manager',
  'Ingénieure d’affaires',
  'R&D Lead',
  'Account Executive',
  'Geschäftsführerin',
  'Office Manager',
  'Tax & Legal Counsel',
] as const;
const DIVISIONS = [
  'Research & Development',
  'Sales',
  'Finance & Tax',
  'Müller & Söhne (Tochter)',
  'Operations',
] as const;
const COST_CENTERS = ['R&D-100', 'SALES-200', 'F&T-300', 'OPS/400', 'HQ 500'] as const;
const MIDDLE = ['Maria', 'José', 'Lee', 'A.'] as const;

function general(person: Person): NonNullable<ProfileSections['general']> {
  const { random, origin, number, first, family } = person;
  const title = random.pick(TITLES);
  const middle = number % 6 === 0 ? random.pick(MIDDLE) : undefined;
  return {
    ...(title === '' ? {} : { namePrefix: title }),
    firstName: first[0],
    ...(middle === undefined ? {} : { middleName: middle }),
    lastName: family[0],
    ...(isTranscribed(person) ? { preferredName: capital(latin(first)) } : {}),
    jobTitle: random.pick(JOBS),
    costCenter: random.pick(COST_CENTERS),
    companyEmployeeId: `NW-${String(100_000 + number)}`,
    division: random.pick(DIVISIONS),
    preferredLanguage: origin.language,
    eReceiptOptIn: random.chance(0.5),
  };
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function dialled(person: Person, pattern: string): string {
  return pattern.replace(/#/g, () => String(person.random.between(0, 9)));
}

function telephones(person: Person): NonNullable<ProfileSections['telephones']> {
  const { origin, random } = person;
  const countryCode = origin.country;
  const phones: NonNullable<ProfileSections['telephones']> = [
    { type: 'Work', countryCode, phoneNumber: dialled(person, origin.landline), extension: random.digits(3) },
    {
      type: 'Cell',
      countryCode,
      phoneNumber: dialled(person, origin.mobile),
      primaryMobile: true,
      contactOptIn: true,
    },
  ];
  // Concur takes several cell phones and wants exactly one primary among them (docs/concur.md §3).
  if (person.number % 7 === 0) {
    const phoneNumber = `${dialled(person, origin.mobile).slice(0, -1)}-0`;
    phones.push({ type: 'Cell', countryCode, phoneNumber, primaryMobile: false, contactOptIn: false });
  }
  if (random.chance(0.3))
    phones.push({ type: 'Home', countryCode, phoneNumber: dialled(person, origin.landline) });
  return phones;
}

function addresses(person: Person): NonNullable<ProfileSections['addresses']> {
  const { origin, random, place } = person;
  const [city, postalCode, , state] = place;
  const at = {
    city,
    postalCode,
    countryCode: origin.country,
    ...(state === undefined ? {} : { stateProvince: state }),
  };
  const home = { type: 'Home', street: `${random.pick(origin.streets)} ${random.between(1, 120)}`, ...at };
  const work = { type: 'Work', street: `Northwind House, ${random.pick(origin.streets)} 1`, ...at };
  return random.chance(0.7) ? [home, work] : [work];
}

function emails(person: Person): NonNullable<ProfileSections['emailAddresses']> {
  const business = { type: 'Business', contact: true, value: person.email };
  if (!person.random.chance(0.4)) return [business];
  return [
    business,
    { type: 'Personal', contact: false, value: `private.${person.number}@mail.example.test` },
  ];
}

const RELATIONS = ['Spouse', 'Brother', 'Parent', 'Sister', 'LifePartner', 'Other'] as const;

function emergencyContact(person: Person): NonNullable<ProfileSections['emergencyContact']> {
  const { random, origin, family, place } = person;
  const friend = random.pick(random.chance(0.5) ? origin.women : origin.men);
  const [city, postalCode] = place;
  return {
    name: `${friend[0]} ${family[0]}`,
    relationship: random.pick(RELATIONS),
    phones: [{ type: 'DayTime', value: dialled(person, origin.mobile) }],
    ...(random.chance(0.3)
      ? {
          address: {
            street: `${random.pick(origin.streets)} 7`,
            city,
            postalCode,
            countryCode: origin.country,
          },
        }
      : {}),
  };
}

function tsaInfo({ random, woman, origin, number }: Person): NonNullable<ProfileSections['tsaInfo']> {
  return {
    gender: woman ? 'Female' : 'Male',
    dateOfBirth: random.date(1958, 2003),
    noMiddleName: number % 6 !== 0,
    ...(origin.country === 'US' ? { preCheckNumber: `TEST${random.digits(5)}` } : {}),
  };
}
