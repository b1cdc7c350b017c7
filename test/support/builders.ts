import { type TravellerWrite } from '../../hub';
import { type EntityDefinition, type Image, type SyncState, type Traveller } from '../../hub/types';
import { type ProfileSections } from '../../profile';

/** A value with `.with({…})`: the same with some fields replaced. `with` is no field of the value. */
export type Built<T> = T & { with(change: Partial<T>): Built<T> };

export function built<T extends object>(value: T): Built<T> {
  const copy: object = Object.defineProperty({ ...value }, 'with', {
    enumerable: false,
    value: (change: Partial<T>) => built({ ...value, ...change }),
  });
  if (!isBuilt<T>(copy)) throw new Error('A builder lost its method.');
  return copy;
}

function isBuilt<T extends object>(value: object): value is Built<T> {
  return 'with' in value;
}

let count = 0;
function nextNumber(): number {
  count += 1;
  return count;
}

/** Noon of a day in a year that no clock of a test machine shows. */
export const T0 = new Date('2031-03-01T12:00:00.000Z');

export function minutesAfter(minutes: number, instant: Date = T0): Date {
  return new Date(instant.getTime() + minutes * 60_000);
}

/** An entity as a caller defines it; each has an id of its own. */
export function anEntity(): Built<EntityDefinition> {
  const number = nextNumber();
  return built<EntityDefinition>({
    id: `entity-${String(number).padStart(4, '0')}`,
    agencyId: 'agency-1',
    name: `Example Company ${number}`,
    companyUuid: `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`,
    travelConfigId: '4711',
    ids: {},
    conflictRule: { default: 'hub-wins' },
    unknownProfiles: 'create',
    apiVersion: 2,
  });
}

/** Sensitive values of `aProfile()`: none of them may stand in the database in plain. */
export const SENSITIVE = {
  passportNumber: 'FAKEPASS7731',
  visaNumber: 'FAKEVISA8842',
  nationalIdNumber: 'FAKENATID995',
  driversLicenseNumber: 'FAKELICENCE6',
  dateOfBirth: '1971-12-31',
} as const;

/** Sections of a made-up person, with every kind of sensitive value. */
export function aProfile(): Built<ProfileSections> {
  return built<ProfileSections>({
    general: { firstName: 'Zoë', lastName: 'Müller-Łukasz', companyEmployeeId: 'E-1' },
    telephones: [
      { type: 'Work', phoneNumber: '5550100' },
      { type: 'Cell', phoneNumber: '5550101', primaryMobile: true },
    ],
    nationalIds: [{ nationalIdNumber: SENSITIVE.nationalIdNumber, issuingCountry: 'DE' }],
    driversLicenses: [{ driversLicenseNumber: SENSITIVE.driversLicenseNumber, issuingCountry: 'DE' }],
    passports: [{ passportNumber: SENSITIVE.passportNumber, passportNationality: 'DE' }],
    visas: [{ visaNumber: SENSITIVE.visaNumber, visaNationality: 'US' }],
    emailAddresses: [{ type: 'Business', value: 'zoe@example.test' }],
    tsaInfo: { dateOfBirth: SENSITIVE.dateOfBirth, gender: 'Female' },
  });
}

/** A traveller as a hub write brings it; each has an id and a username of its own. */
export function aTraveller(): Built<TravellerWrite> {
  const number = String(nextNumber()).padStart(4, '0');
  return built<TravellerWrite>({
    id: `t${number}`,
    username: `traveller${number}@example.test`,
    status: 'active',
    sections: { ...aProfile() },
  });
}

export function imageOf({ status, sections }: Image): Image {
  return { status, sections };
}

/** A traveller as a pull finds it in Concur: bound and in step. */
export function aBoundTraveller(entityId: string): { traveller: Built<Traveller>; state: Built<SyncState> } {
  const { id, username, status, sections } = aTraveller();
  const image: Image = { status, sections };
  return {
    traveller: built<Traveller>({
      ...image,
      entityId,
      id,
      username,
      unknown: [],
      version: 1,
      changedAt: T0,
      createdAt: T0,
    }),
    state: built<SyncState>({
      entityId,
      travellerId: id,
      target: 'concur',
      locator: username,
      concurUuid: `uuid-${id}`,
      xmlProfileSyncId: `sync-${id}`,
      baseHub: image,
      baseConcur: image,
      hubVersion: 1,
      publishedVersion: 1,
      held: false,
      version: 1,
      notes: [],
    }),
  };
}
