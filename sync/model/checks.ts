import { type Leaf, type List, PROFILE_ELEMENTS } from '../../profile';
import { fieldOfPlace } from './fields';
import { callingCodeOf } from './phone';
import { type Item, type LeafSlot, type ListPlace, type WholeSlot } from './slots';

/** A value Concur would not take, found before it is sent; `code` is the one Concur would answer. */
export interface Finding {
  readonly code: string;
  /** Concur's path. */
  readonly field: string;
  readonly reason: string;
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;
/** What Concur refuses in phone numbers. */
const CONTROL = /\p{Cc}/u;
/** Anything that XML 1.0 cannot carry, lone surrogates among it. */
const NOT_IN_XML = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
const COUNTRY = /^[A-Za-z]{2}$/;
const AIRPORT = /^[A-Za-z]{3}$/;
const COUNTRY_LENGTH = 2;
const CELL_CHARACTERS = /^[\d\-() ]+$/;
const EMAIL = /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/;

const RANGES = {
  datetime: ['1753-01-01', '9999-12-31'],
  smalldatetime: ['1900-01-01', '2079-06-06'],
} as const;

function checkLeaf(leaf: Leaf, value: unknown): Omit<Finding, 'field'> | undefined {
  if (leaf.kind === 'boolean') {
    return typeof value === 'boolean' ? undefined : { code: 'W018', reason: 'must be true or false' };
  }
  if (leaf.kind === 'integer') {
    return Number.isSafeInteger(value) ? undefined : { code: 'W018', reason: 'must be a whole number' };
  }
  if (typeof value !== 'string') return { code: 'W018', reason: 'must be text' };
  if (leaf.kind === 'date') return checkDate(leaf, value);
  if (leaf.values !== undefined && !leaf.values.includes(value)) {
    return { code: 'W003', reason: 'is not one of the values that Concur knows' };
  }
  if (leaf.max !== undefined && value.length > leaf.max) {
    return { code: 'W002', reason: `is longer than ${leaf.max} characters` };
  }
  return checkForm(leaf, value);
}

/** The form of a text (docs/concur.md §3, Words and ranges). */
function checkForm(leaf: Leaf, value: string): Omit<Finding, 'field'> | undefined {
  if (NOT_IN_XML.test(value)) return { code: 'W001', reason: 'holds a character that XML cannot carry' };
  // Of all texts only countries are two characters long.
  if (leaf.max === COUNTRY_LENGTH && !COUNTRY.test(value)) {
    return { code: 'W001', reason: 'is not a country code of two letters' };
  }
  if (leaf.xml === PROFILE_ELEMENTS.air.children.homeAirport.xml && !AIRPORT.test(value)) {
    return { code: 'W001', reason: 'is not an airport code of three letters' };
  }
  return undefined;
}

function checkDate(leaf: Leaf, value: string): Omit<Finding, 'field'> | undefined {
  const time = DATE.test(value) ? Date.parse(`${value}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(time) || new Date(time).toISOString().slice(0, 10) !== value) {
    return { code: 'W006', reason: 'is not a date of the form YYYY-MM-DD' };
  }
  const [first, last] = RANGES[leaf.range ?? 'datetime'];
  return value < first || value > last
    ? { code: 'W006', reason: `is not between ${first} and ${last}` }
    : undefined;
}

/** Checks one field (docs/concur.md §3, lengths and enumerations). */
export function checkField(place: LeafSlot, value: unknown): Finding | undefined {
  const found = checkLeaf(place.leaf, value);
  return found === undefined ? undefined : { ...found, field: fieldOfPlace(place) };
}

/** Checks a group that is sent as one. */
export function checkWhole(place: WholeSlot, value: Item): Finding | undefined {
  return checkChildren(fieldOfPlace(place), place.group.children, value);
}

function checkChildren(parent: string, children: List['children'], item: Item): Finding | undefined {
  for (const [name, leaf] of Object.entries(children)) {
    const value = item[name];
    const field = leaf.at === 'content' ? parent : `${parent}/${leaf.xml}`;
    if (value === undefined) {
      if (leaf.required === true && leaf.readOnly !== true)
        return { code: 'W007', field, reason: 'is required' };
      continue;
    }
    const found = leaf.readOnly === true ? undefined : checkLeaf(leaf, value);
    if (found !== undefined) return { ...found, field };
  }
  return undefined;
}

/** Checks a complete list as it would be sent. */
export function checkList(place: ListPlace, items: readonly Item[]): Finding | undefined {
  const field = fieldOfPlace(place);
  for (const item of items) {
    const found = checkChildren(field, place.list.children, item) ?? checkSpecial(place, field, item);
    if (found !== undefined) return found;
  }
  return checkCount(place.list, field, items);
}

function checkCount(list: List, field: string, items: readonly Item[]): Finding | undefined {
  if (list.max !== undefined && items.length > list.max) {
    return {
      code: 'W016',
      field,
      reason: `has more than ${list.max} ${list.max === 1 ? 'entry' : 'entries'}`,
    };
  }
  const types = items.map((item) => item['type']);
  const limited = types.filter(
    (type) => typeof type === 'string' && !(list.manyOfTypes ?? []).includes(type),
  );
  if (list.maxPerType === 1 && new Set(limited).size < limited.length) {
    return { code: 'W016', field, reason: 'has two entries of the same type' };
  }
  return undefined;
}

function checkSpecial(place: ListPlace, field: string, item: Item): Finding | undefined {
  if (place.section === 'telephones') return checkPhone(field, item);
  const value = item['value'];
  if (place.section === 'emailAddresses' && typeof value === 'string' && !EMAIL.test(value)) {
    return { code: 'W020', field, reason: 'is not an e-mail address' };
  }
  if (place.path.at(-1) === 'phones' && typeof value === 'string' && CONTROL.test(value)) {
    return { code: 'W023', field, reason: 'holds control characters' };
  }
  return undefined;
}

function checkPhone(field: string, phone: Item): Finding | undefined {
  const { countryCode, phoneNumber, type } = phone;
  if (typeof countryCode !== 'string') {
    return {
      code: 'W007',
      field: `${field}/CountryCode`,
      reason: 'is required: name the country of the number',
    };
  }
  if (callingCodeOf(countryCode) === undefined) {
    return { code: 'W002', field: `${field}/CountryCode`, reason: 'is not a two-letter country code' };
  }
  if (typeof phoneNumber === 'string' && CONTROL.test(phoneNumber)) {
    return { code: 'W024', field: `${field}/PhoneNumber`, reason: 'holds control characters' };
  }
  if (type === 'Cell' && typeof phoneNumber === 'string' && !CELL_CHARACTERS.test(phoneNumber)) {
    return {
      code: 'W024',
      field: `${field}/PhoneNumber`,
      reason: 'of a cell phone may hold only digits, dashes, parentheses and spaces',
    };
  }
  return undefined;
}

const LOGIN_FORBIDDEN = /[+&'/]/;
const MAX_LOGIN_LENGTH = 128;

/** What keeps a text, an e-mail address for one, from being a login (docs/concur.md §3, §6). */
export function checkLogin(login: string): Finding | undefined {
  const trimmed = login.trim();
  // Characters, not UTF-16 units: two emoji are no three.
  if ([...trimmed].length < 3)
    return { code: 'E002', field: 'LoginId', reason: 'must have at least three characters' };
  if (trimmed.length > MAX_LOGIN_LENGTH) {
    return { code: 'W002', field: 'LoginId', reason: `must have at most ${MAX_LOGIN_LENGTH} characters` };
  }
  if (LOGIN_FORBIDDEN.test(trimmed)) {
    return { code: 'W001', field: 'LoginId', reason: "may not hold any of the characters + & ' /" };
  }
  if (NOT_IN_XML.test(trimmed)) {
    return { code: 'W001', field: 'LoginId', reason: 'holds a character that XML cannot carry' };
  }
  return undefined;
}

/** What keeps a profile from being created at all (docs/concur.md §3, minimum for Create). */
export function checkCreate(
  login: string,
  general: { firstName?: string; lastName?: string } | undefined,
): Finding | undefined {
  return (
    checkLogin(login) ??
    checkName('General/FirstName', PROFILE_ELEMENTS.general.children.firstName, general?.firstName) ??
    checkName('General/LastName', PROFILE_ELEMENTS.general.children.lastName, general?.lastName)
  );
}

/** Without a name there is no profile, so one that would be refused is not merely left out. */
function checkName(field: string, leaf: Leaf, value: string | undefined): Finding | undefined {
  if (value === undefined || value.trim() === '') return { code: 'E002', field, reason: 'is required' };
  const found = checkLeaf(leaf, value);
  return found === undefined ? undefined : { ...found, field };
}
