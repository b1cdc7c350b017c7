import * as values from './values';

/**
 * THE table of differences between Travel Profile v1 and the table of elements (docs/concur.md §5). Reading
 * v1, showing it in the sandbox and knowing what v1 hides all start here. Paths are names of v1's XML from
 * the root, in the hub's names only where it says so.
 */

/** A value that v1 keeps elsewhere. `@Name` is an attribute, `#text` the text of the element itself. */
export interface MovedValue {
  /** The elements that the two places are looked for in; `''` is the root. */
  readonly in: string;
  readonly from: string;
  readonly to: string;
}

export const MOVED: readonly MovedValue[] = [
  { in: 'Telephones/Telephone', from: 'ContactOptIn', to: '@ContactOptIn' },
  { in: 'Addresses/Address', from: 'ZipCode', to: 'PostalCode' },
  { in: 'CustomFields/CustomField', from: 'Name', to: '@Name' },
  { in: 'CustomFields/CustomField', from: 'Value', to: '#text' },
  { in: 'Air', from: 'Meals/MealCode', to: 'MealCode' },
  { in: '', from: 'Air/DHSRedressNumber', to: 'TSAInfo/RedressNumber' },
  { in: '', from: 'Air/DHSKnownTravelerNumber', to: 'TSAInfo/PreCheckNumber' },
];

/** SAP's data model shows these beside their list, its examples within it. */
export const BESIDE_THEIR_LIST = [{ in: 'Car', item: 'CarMembership', list: 'CarMemberships' }] as const;

/** Several lines that are one text, a line each, in the table of elements. */
export const JOINED = [{ in: 'Addresses/Address', from: ['Line1', 'Line2', 'Line3'], to: 'Street' }] as const;

export interface CodedValue {
  readonly at: string;
  /** v1's code → the table's word; the first code of a word is the one that v1 writes. */
  readonly codes: Readonly<Record<string, string>>;
  /** The table's words: shown as they are they mean themselves. Anything else has no counterpart. */
  readonly words: readonly string[];
}

const SECTIONS = { F: 'Forward', B: 'Bulkhead', R: 'Rear', D: 'DontCare', NOPREF: 'DontCare' } as const;
const SMOKING = { N: 'NonSmoking', S: 'Smoking', D: 'DontCare', O: 'DontCare' } as const;
/** A rental car's code says O where a hotel's says D. */
const CAR_SMOKING = { N: 'NonSmoking', S: 'Smoking', O: 'DontCare', D: 'DontCare' } as const;
const ROOMS = { H: 'Disability', '2': 'Double', K: 'King', Q: 'Queen', '1': 'Single', T: 'Twin' } as const;

export const CODED: readonly CodedValue[] = [
  { at: 'General/PreferredLanguage', codes: {}, words: values.PREFERRED_LANGUAGES },
  { at: 'Air/Seat/InterRowPositionCode', codes: {}, words: values.SEAT_ROWS },
  { at: 'Air/Seat/SectionPositionCode', codes: SECTIONS, words: values.SEAT_SECTIONS },
  { at: 'Air/Meals/MealCode', codes: {}, words: values.MEALS },
  { at: 'Car/CarSmokingCode', codes: CAR_SMOKING, words: values.SMOKING },
  { at: 'Car/SmokingCode', codes: CAR_SMOKING, words: values.SMOKING },
  { at: 'Hotel/SmokingCode', codes: SMOKING, words: values.SMOKING },
  { at: 'Hotel/HotelSmokingCode', codes: SMOKING, words: values.SMOKING },
  { at: 'Hotel/RoomType', codes: ROOMS, words: values.ROOM_TYPES },
];

/** List elements of a type that the table does not know are kept whole as unknown. */
export const TYPED = [{ at: 'Addresses/Address', types: values.ADDRESS_TYPES }] as const;

/** v1's own type of phone, and what it is in the table. */
export const PRIMARY_PHONE = {
  at: 'Telephones/Telephone',
  type: 'Primary Mobile Phone',
  isType: 'Cell',
  flag: 'PrimaryMobile',
} as const;

/** Where v1 spells a name of the table in another way; reads do not mind, the sandbox shows it. */
export const SPELLED: Readonly<Record<string, string>> = {
  'Hotel/HotelSmokingCode': 'SmokingCode',
  'Hotel/PreferPool': 'preferPool',
  'Hotel/PreferRestaurant': 'preferRestaraunt',
  'Hotel/PreferWheelchairAccess': 'preferWheelchairAccess',
  'Hotel/PreferAccessForBlind': 'preferAccessForBlind',
  'Hotel/PreferRoomService': 'preferRoomService',
  'Hotel/PreferEarlyCheckIn': 'preferEarlyCheckIn',
};

/**
 * Places of the table, in the hub's names, that v1 has no element for. It never shows them, so that their
 * absence there says nothing: whoever took it for a deletion would lose passports.
 */
export const HIDDEN_IN_VERSION_1: readonly string[] = [
  'general.costCenter',
  'general.companyEmployeeId',
  'general.division',
  'general.accountTerminationDate',
  'general.companyId',
  'general.ruleClass',
  'general.travelConfigId',
  'general.medicalAlerts',
  'general.agencyNumber',
  'general.searchId',
  'general.gdsProfileName',
  'general.sabreProfileId',
  'general.uuid',
  'emergencyContact',
  'nationalIds',
  'hasNoPassport',
  'passports',
  'visas',
  'rail',
  'car.carType',
  'car.carTransmission',
  'roles',
  'sponsors',
  'tsaInfo.gender',
  'tsaInfo.dateOfBirth',
  'tsaInfo.noMiddleName',
  'unusedTickets',
  'advantageMemberships',
];

/** The same for fields of list elements that v1 shows: list, in the hub's names → fields it leaves out. */
export const HIDDEN_FIELDS_IN_VERSION_1: Readonly<Record<string, readonly string[]>> = {
  'air.airMemberships': ['isSenator'],
  'car.carMemberships': ['expiration'],
  'hotel.hotelMemberships': ['expiration'],
};
