import { getCountries, getCountryCallingCode, type CountryCode } from 'libphonenumber-js';
import { type List } from '../../profile';
import { type Behaviour } from './behaviour';
import { type Warning, warning } from './field-checks';
import { type AcceptedItem, acceptItems, countTypes } from './list-items';
import { isReadOnly, merge } from './list-merge';
import { type Item } from './types';
import { type WriteContext } from './write-context';
import { type ItemChange } from './write-document';

const CELL = 'Cell';
const ALPHA_2 = /^[A-Za-z]{2}$/;
const CELL_NUMBER = /^[\d\-() ]+$/;

function isCell(item: Item): boolean {
  return item['type'] === CELL;
}

/** One of each type; cell phones replace all cell phones, and exactly one of them is primary. */
export function applyTelephones(
  list: List,
  path: string,
  current: readonly Item[],
  sent: readonly ItemChange[],
  context: WriteContext,
): readonly Item[] {
  const sentCells = sent.filter(({ values }) => isCell(values));
  const sentOthers = sent.filter(({ values }) => !isCell(values));
  const cells = current.filter(isCell);
  const others = current.filter((item) => !isCell(item));
  return [
    ...applyOthers(list, path, others, sentOthers, context),
    ...applyCells(list, path, cells, sentCells, context),
  ];
}

function applyOthers(
  list: List,
  path: string,
  current: readonly Item[],
  sent: readonly ItemChange[],
  context: WriteContext,
): readonly Item[] {
  const accepted = acceptPhones(list, path, sent, context);
  const tooMany = [...countTypes(sent.map(({ values }) => ({ item: values })))].filter(
    ([, count]) => count > 1,
  );
  const types = tooMany.map(([type]) => type);
  for (const type of types) {
    const message = `Only one telephone of type ${type} is allowed; it was not changed.`;
    context.warnings.push(warning('W016', `${path}/Type`, message));
  }
  const written = accepted.filter(({ item }) => !types.includes(String(item['type'])));
  return merge(list, path, current, sent, written, false, context);
}

function applyCells(
  list: List,
  path: string,
  current: readonly Item[],
  sent: readonly ItemChange[],
  context: WriteContext,
): readonly Item[] {
  const primaries = sent.filter(({ values }) => values['primaryMobile'] === true);
  if (sent.length > 1 && primaries.length !== 1) {
    const message =
      'Exactly one telephone of type Cell must be primary. No action done on telephones of type Cell.';
    context.warnings.push(warning('W012', path, message));
    return current;
  }
  const accepted = acceptPhones(list, path, sent, context);
  if (sent.length > 0 && accepted.length === 0) return current;
  const alone = sent.length === 1;
  const flagged = accepted.map((each) => ({
    ...each,
    item: { ...each.item, primaryMobile: alone || each.item['primaryMobile'] === true },
  }));
  return merge(list, path, current, sent, flagged, true, context);
}

/** A telephone whose number or country cannot be written is left out as a whole. */
function acceptPhones(
  list: List,
  path: string,
  sent: readonly ItemChange[],
  context: WriteContext,
): readonly AcceptedItem[] {
  const fit = sent.filter(({ values }) => {
    if (isReadOnly(list, values)) return true;
    const problem = phoneProblem(path, values);
    if (problem !== undefined) context.warnings.push(problem);
    return problem === undefined;
  });
  return acceptItems(list, fit, path, context).map((each) => {
    const country = each.item['countryCode'];
    return typeof country === 'string'
      ? { ...each, item: { ...each.item, countryCode: country.toUpperCase() } }
      : each;
  });
}

function phoneProblem(path: string, values: Item): Warning | undefined {
  const country = values['countryCode'];
  const field = `${path}/CountryCode`;
  if (typeof country !== 'string') return warning('W007', field, 'The CountryCode field is required.');
  if (!ALPHA_2.test(country)) {
    return warning('W002', field, 'The field CountryCode must be a string with a maximum length of 2.');
  }
  if (callingCode(country) === undefined) return warning('W003', field, 'The CountryCode is not known.');
  const number = values['phoneNumber'];
  if (isCell(values) && typeof number === 'string' && !CELL_NUMBER.test(number)) {
    return warning(
      'W024',
      `${path}/PhoneNumber`,
      'The phone number may hold digits, dashes, parentheses, spaces.',
    );
  }
  return undefined;
}

function isCountryCode(text: string): text is CountryCode {
  return getCountries().some((country) => country === text);
}

const callingCodes = new Map<string, string | undefined>();

function callingCode(country: string): string | undefined {
  const code = country.toUpperCase();
  if (!callingCodes.has(code)) {
    callingCodes.set(code, isCountryCode(code) ? getCountryCallingCode(code) : undefined);
  }
  return callingCodes.get(code);
}

const PREFIX = { plain: '', zero: '0', zeros: '00' } as const;

/** Telephones as a read shows them: the country as a calling code, in the form the company's data has. */
export function shownTelephones(items: readonly Item[], behaviour: Behaviour): readonly Item[] {
  return items.map((item) => {
    const { primaryMobile, ...rest } = item;
    const shown =
      behaviour.primaryMobileOnRead && primaryMobile !== undefined ? { ...rest, primaryMobile } : rest;
    const country = item['countryCode'];
    if (behaviour.phoneCountryOnRead === 'iso' || typeof country !== 'string') return shown;
    const code = callingCode(country);
    return code === undefined
      ? shown
      : { ...shown, countryCode: `${PREFIX[behaviour.phoneCountryOnRead]}${code}` };
  });
}
