import { type ProfileSections } from '../../../profile';

/**
 * What the travellers of a simulation are made of: a few elements of every kind that the engine treats in its
 * own way. Each holds one text, in which five digits name the edit that put it there: the person it was meant
 * for and a number that no other edit has. So nothing has to be compared with anything else to know where a
 * value comes from.
 */
export interface Element {
  readonly name: string;
  /** Slot of the engine's notes and conflicts. */
  readonly slot: string;
  /** Concur's name of what a POST that removes it tells of. */
  readonly field: string;
  /** What is sent as one: an edit within is in the window of each write of it. */
  readonly unit: string;
  readonly clearable: boolean;
  /** @returns the text, undefined where the element is absent */
  get(sections: Json): string | undefined;
  /** The section with the element at this text, or without it. */
  put(sections: Json, text: string | undefined): Json;
}

export type Json = Readonly<Record<string, unknown>>;

/** How a text looks that is put somewhere: `20017` is edit 17 of person 1. */
export function tokenOf(person: number, edit: number): string {
  return `${person + 1}${String(edit).padStart(4, '0')}`;
}

/** Standing alone: the keys of list elements hold longer numbers. */
const TOKEN = /(?<!\d)[1-9]\d{4}(?!\d)/g;

/** All tokens in a text. */
export function tokensIn(text: string): string[] {
  return text.match(TOKEN) ?? [];
}

export function personOf(token: string): number {
  return Number(token[0]) - 1;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function at(json: Json, name: string): Json {
  const value = json[name];
  return isObject(value) ? value : {};
}

function without(json: Json, name: string): Json {
  return Object.fromEntries(Object.entries(json).filter(([key]) => key !== name));
}

function withOrWithout(json: Json, name: string, value: unknown): Json {
  return value === undefined ? without(json, name) : { ...json, [name]: value };
}

function tokenIn(value: unknown): string | undefined {
  return typeof value === 'string' ? tokensIn(value)[0] : undefined;
}

function leaf(
  group: string,
  name: string,
  field: string,
  options: { clearable?: boolean; text?: (token: string) => string } = {},
): Element {
  const text = options.text ?? ((token: string) => `v${token}`);
  return {
    name,
    slot: `${group}.${name}`,
    field,
    unit: `${group}.${name}`,
    clearable: options.clearable ?? true,
    get: (sections) => tokenIn(at(sections, group)[name]),
    put: (sections, token) => {
      const changed = withOrWithout(at(sections, group), name, token === undefined ? undefined : text(token));
      return withOrWithout(sections, group, Object.keys(changed).length === 0 ? undefined : changed);
    },
  };
}

interface ListElement {
  readonly name: string;
  readonly list: string;
  readonly group?: string;
  /** What makes an item this element. */
  readonly is: Json;
  readonly identity: string;
  readonly rest?: Json;
  readonly holds: string;
  readonly field: string;
  readonly text?: (token: string) => string;
}

function item({ name, list, group, is, identity, rest, holds, field, text }: ListElement): Element {
  const path = group === undefined ? list : `${group}.${list}`;
  const parent = (sections: Json): Json => (group === undefined ? sections : at(sections, group));
  const items = (sections: Json): Json[] => {
    const value = parent(sections)[list];
    return Array.isArray(value) ? value.filter(isObject) : [];
  };
  const isIt = (each: Json): boolean => Object.entries(is).every(([key, value]) => each[key] === value);
  return {
    name,
    slot: `${path}[${identity}]`,
    field,
    unit: path,
    clearable: true,
    get: (sections) => tokenIn(items(sections).find(isIt)?.[holds]),
    put: (sections, token) => {
      const before = items(sections);
      const shown = token === undefined ? undefined : (text ?? ((each) => `v${each}`))(token);
      const changed =
        shown === undefined
          ? before.filter((each) => !isIt(each))
          : before.some(isIt)
            ? before.map((each) => (isIt(each) ? { ...each, [holds]: shown } : each))
            : [...before, { ...is, ...rest, [holds]: shown }];
      const next = withOrWithout(parent(sections), list, changed.length === 0 ? undefined : changed);
      if (group === undefined) return next;
      return withOrWithout(sections, group, Object.keys(next).length === 0 ? undefined : next);
    },
  };
}

const ADDRESS = { city: 'Basel', postalCode: 'CH-4', countryCode: 'CH' } as const;

const emergencyAddress: Element = {
  name: 'emergencyAddress',
  slot: 'emergencyContact.address',
  field: 'EmergencyContact/Address',
  unit: 'emergencyContact.address',
  clearable: true,
  get: (sections) => tokenIn(at(at(sections, 'emergencyContact'), 'address')['street']),
  put: (sections, token) => {
    const address = token === undefined ? undefined : { street: `v${token}`, ...ADDRESS };
    const contact = withOrWithout(at(sections, 'emergencyContact'), 'address', address);
    return withOrWithout(
      sections,
      'emergencyContact',
      Object.keys(contact).length === 0 ? undefined : contact,
    );
  },
};

export const ELEMENTS: readonly Element[] = [
  leaf('general', 'jobTitle', 'General/JobTitle'),
  leaf('general', 'lastName', 'General/LastName', { clearable: false }),
  leaf('general', 'costCenter', 'General/CostCenter'),
  leaf('hotel', 'hotelOther', 'Hotel/HotelOther'),
  item({
    name: 'workPhone',
    list: 'telephones',
    is: { type: 'Work' },
    identity: 'Work',
    rest: { countryCode: 'CH' },
    holds: 'phoneNumber',
    text: (token) => token,
    field: 'Telephones/Telephone Work',
  }),
  item({
    name: 'cellA',
    list: 'telephones',
    is: { type: 'Cell', phoneNumber: '5550' },
    identity: 'Cell|5550',
    rest: { countryCode: 'CH' },
    holds: 'extension',
    field: 'Telephones/Telephone Cell',
  }),
  item({
    name: 'cellB',
    list: 'telephones',
    is: { type: 'Cell', phoneNumber: '5551' },
    identity: 'Cell|5551',
    rest: { countryCode: 'CH' },
    holds: 'extension',
    field: 'Telephones/Telephone Cell',
  }),
  item({
    name: 'homeAddress',
    list: 'addresses',
    is: { type: 'Home' },
    identity: 'Home',
    rest: ADDRESS,
    holds: 'street',
    field: 'Addresses/Address Home',
  }),
  item({
    name: 'visaA',
    list: 'visas',
    is: { visaNumber: 'FAKEVISA-A' },
    identity: 'FAKEVISA-A',
    rest: { visaNationality: 'US' },
    holds: 'visaCityIssued',
    field: 'Visas/Visa',
  }),
  item({
    name: 'visaB',
    list: 'visas',
    is: { visaNumber: 'FAKEVISA-B' },
    identity: 'FAKEVISA-B',
    rest: { visaNationality: 'US' },
    holds: 'visaCityIssued',
    field: 'Visas/Visa',
  }),
  item({
    name: 'businessEmail',
    list: 'emailAddresses',
    is: { type: 'Business' },
    identity: 'Business',
    holds: 'value',
    text: (token) => `v${token}@example.test`,
    field: 'EmailAddresses/EmailAddress Business',
  }),
  item({
    name: 'membership',
    list: 'airMemberships',
    group: 'air',
    is: { vendorCode: 'XX', accountNo: 'AC-1' },
    identity: 'XX|AC-1',
    holds: 'status',
    field: 'Air/AirMemberships/AirMembership',
  }),
  item({
    name: 'customField',
    list: 'customFields',
    is: { name: 'Badge' },
    identity: 'Badge',
    holds: 'value',
    field: 'CustomFields/CustomField',
  }),
  emergencyAddress,
];

/** The index of the status among the elements of the ledger: not part of the sections. */
export const STATUS = ELEMENTS.length;

export function slotOf(element: number): string {
  return ELEMENTS[element]?.slot ?? 'status';
}

export function unitOf(element: number): string {
  return ELEMENTS[element]?.unit ?? 'status';
}

/** A value of the ledger: a token, or the word of a status; undefined where there is none. */
export type Value = string | undefined;

export interface Shown {
  readonly status: string;
  readonly sections: Json | ProfileSections;
}

/** What an image shows of each element, the status last. */
export function valuesOf({ status, sections }: Shown): Value[] {
  const json: Json = { ...sections };
  return [...ELEMENTS.map((element) => element.get(json)), status];
}
