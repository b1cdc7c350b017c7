import { UsageError } from '../errors';

type Parse = (text: string, key: string) => unknown;

const asText: Parse = (text) => text;
const asNumber: Parse = (text, key) => {
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`${key} must be a whole number, not "${text}".`);
};
const asNumbers: Parse = (text, key) => listOf(text).map((each) => asNumber(each, key));
const asSwitch: Parse = (text, key) => {
  const known = new Map([
    ['true', true],
    ['on', true],
    ['false', false],
    ['off', false],
  ]).get(text.toLowerCase());
  if (known !== undefined) return known;
  throw new UsageError(`${key} must be true or false, not "${text}".`);
};
const asTexts: Parse = (text) => listOf(text);

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

type Keys = Readonly<Record<string, Parse>>;

/** Settings of an entity that a caller may change, by their path in the API's JSON. */
const KEYS: Keys = {
  name: asText,
  companyUuid: asText,
  travelConfigId: asText,
  strategy: asText,
  unknownProfiles: asText,
  apiVersion: asNumber,
  pollMinutes: asNumbers,
  interfaceOn: asSwitch,
  pollingOn: asSwitch,
  conflictRule: asText,
  preparation: asText,
  'conflictRule.default': asText,
  'ids.outtaskId': asText,
  'ids.companyId': asText,
  'ids.siteId': asText,
  'ids.vendorSiteIds': asTexts,
  gds: asText,
  'gds.system': asText,
  'gds.officeId': asText,
  'gds.companyLocator': asText,
};
const AGENCY_KEYS: Keys = { name: asText, interfaceOn: asSwitch, pollingOn: asSwitch };
const SECTION_RULE = /^conflictRule\.sections\.[a-zA-Z]+$/;

export const CHANGE_HELP =
  `Settings: ${Object.keys(KEYS).slice(0, 7).join(', ')},\n` +
  `  ${Object.keys(KEYS).slice(7, 10).join(', ')}, preparation,\n` +
  '  conflictRule.default, conflictRule.sections.<section>, ids.outtaskId, ids.companyId, ids.siteId,\n' +
  '  ids.vendorSiteIds, gds.system, gds.officeId, gds.companyLocator.\n' +
  'preparation notes which step before the token is under way: approval, case or token.\n' +
  'Lists are written with commas; `key=` or `key=null` clears.';

export const AGENCY_HELP = `Settings: ${Object.keys(AGENCY_KEYS).join(', ')}.`;

type Tree = Record<string, unknown>;

/**
 * `key=value` texts as a JSON merge patch of an entity.
 * @throws UsageError for an unknown key or a value that does not fit
 */
export function changeOf(texts: readonly string[]): Tree {
  return patchOf(
    texts,
    (key) => keyOf(KEYS, key) ?? (SECTION_RULE.test(key) ? asText : undefined),
    CHANGE_HELP,
  );
}

/** The same of an agency. @throws UsageError */
export function agencyChangeOf(texts: readonly string[]): Tree {
  return patchOf(texts, (key) => keyOf(AGENCY_KEYS, key), AGENCY_HELP);
}

function keyOf(keys: Keys, key: string): Parse | undefined {
  return Object.hasOwn(keys, key) ? keys[key] : undefined;
}

function patchOf(texts: readonly string[], find: (key: string) => Parse | undefined, help: string): Tree {
  const change: Tree = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError(`"${text}" is not of the form key=value.\n${help}`);
    const key = text.slice(0, at).trim();
    const value = text.slice(at + 1).trim();
    const parse = find(key);
    if (parse === undefined) throw new UsageError(`There is no setting "${key}".\n${help}`);
    put(change, key.split('.'), value === '' || value === 'null' ? null : parse(value, key));
  }
  return change;
}

function put(root: Tree, path: readonly string[], value: unknown): void {
  let current = root;
  for (const name of path.slice(0, -1)) {
    const next = current[name];
    const child: Tree = isTree(next) ? next : {};
    current[name] = child;
    current = child;
  }
  const last = path.at(-1);
  if (last !== undefined) current[last] = value;
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
