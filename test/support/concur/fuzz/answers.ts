import {
  encodeCardsRead,
  encodeError,
  encodeOutcome,
  encodeProfileRead,
  encodeProfileReadV1,
  encodeSummaryPage,
} from '../../../../concur/xml';
import { type ProfileSections } from '../../../../profile';
import { aCard } from '../cards';
import { HOME } from '../tokens';

/** Stands in every text of the answers: an error that quotes a document shows it. */
export const MARK = 'Personal-7';

export const LOGIN = 'one@example.test';

const SECTIONS: ProfileSections = {
  general: {
    firstName: MARK,
    lastName: `${MARK} & Söhne`,
    jobTitle: 'x',
    uuid: '00000000-0000-4000-8000-000000000009',
  },
  emergencyContact: {
    name: MARK,
    relationship: 'Sister',
    phones: [{ type: 'DayTime', value: '1' }],
    address: { street: MARK },
  },
  telephones: [
    { type: 'Cell', primaryMobile: true, countryCode: 'CH', phoneNumber: `79 ${MARK}` },
    { type: 'Work', contactOptIn: false, phoneNumber: '44' },
  ],
  addresses: [{ type: 'Home', street: MARK, city: 'Bern', postalCode: '3000', countryCode: 'CH' }],
  hasNoPassport: false,
  passports: [{ passportNumber: MARK, passportExpiration: '2033-05-05' }],
  emailAddresses: [{ type: 'Business', contact: true, value: `${MARK}@example.test` }],
  air: {
    airMemberships: [{ vendorCode: 'LX', accountNo: MARK, pointTotal: 7, isSenator: true }],
    seat: { interRowPositionCode: 'Aisle' },
    mealCode: 'VGML',
  },
  hotel: { hotelSmokingCode: 'NonSmoking', roomType: 'King', preferGym: true },
  customFields: [{ name: 'Colour', value: MARK }],
  tsaInfo: { gender: 'Female', dateOfBirth: '1980-02-29' },
};

const profile = {
  loginId: LOGIN,
  status: 'active',
  sections: SECTIONS,
  unknown: [{ path: 'General', name: 'NewThing', value: `<A x="1">${MARK}</A>` }],
} as const;

const message = {
  code: 'W002',
  message: `${MARK} is too long`,
  field: 'General/RuleClass',
  correlationId: 'c',
};
const rows = [1, 2, 3].map((n) => ({
  loginId: `${MARK}-${n}@example.test`,
  status: 'active' as const,
  xmlProfileSyncId: `s${n}`,
  modifiedAt: new Date('2026-08-01T12:00:00Z'),
}));

/** A call whose answer is mutated. */
export type Subject =
  'profile' | 'profile-v1' | 'list' | 'list-v1' | 'update' | 'create' | 'cards' | 'token' | 'users';

export interface ValidAnswer {
  readonly subject: Subject;
  readonly status: number;
  readonly body: string;
  readonly isJson: boolean;
}

const xml = (subject: Subject, body: string, status = 200): ValidAnswer => ({
  subject,
  status,
  body,
  isJson: false,
});
const json = (subject: Subject, body: unknown, status = 200): ValidAnswer => ({
  subject,
  status,
  body: JSON.stringify(body),
  isJson: true,
});

const error = (wrapper?: string): string =>
  encodeError({
    message: wrapper === undefined ? `Invalid User:${MARK}` : [{ ...message, code: 'E002' }, message],
    ...(wrapper === undefined ? {} : { wrapper }),
    serverTime: '2026-08-01T12:00:00',
    id: '00000000-0000-4000-8000-00000000000a',
  });

/** One valid answer of every sort that some decoder reads. */
export const VALID_ANSWERS: readonly [ValidAnswer, ...ValidAnswer[]] = [
  xml('profile', encodeProfileRead(profile)),
  xml('profile-v1', encodeProfileReadV1(profile, MARK)),
  xml(
    'list',
    encodeSummaryPage({
      rows,
      page: 1,
      itemsPerPage: 200,
      totalPages: 1,
      totalItems: 3,
      nextPageUrl: 'https://evil.example/',
    }),
  ),
  xml('list-v1', encodeSummaryPage({ rows, page: 1, itemsPerPage: 200, totalPages: 1, totalItems: 3 })),
  xml('update', encodeOutcome([message])),
  xml('create', encodeOutcome([{ ...message, code: 'S001' }], '00000000-0000-4000-8000-000000000009')),
  xml(
    'cards',
    encodeCardsRead({ loginId: LOGIN, cards: [aCard({ nameOnCard: MARK }), aCard({}, 1)], unknown: [] }),
  ),
  xml('profile', error(), 400),
  xml('update', error('CannotBeChangedProfileSyncMessage'), 400),
  xml('cards', error('TravelProfileResponseMessage'), 500),
  xml('list', error('TravelProfileResponseMessage'), 400),
  json('token', {
    expires_in: '3600',
    scope: 'openid TRVPRF',
    token_type: 'Bearer',
    access_token: `access-${MARK}`,
    refresh_token: `refresh-${MARK}`,
    refresh_expires_in: 1_801_000_000,
    geolocation: HOME,
  }),
  json('token', { code: 16, error: 'invalid_grant', error_description: MARK, geolocation: HOME }, 400),
  json('users', {
    Resources: [{ id: 'u1', userName: LOGIN, active: true, externalId: MARK }],
  }),
  json('users', { Items: [{ LoginID: LOGIN, Active: true, EmployeeID: MARK }] }),
];
