import { UsageError } from '../errors';

type Parse = (text: string, key: string) => unknown;

const asText: Parse = (text) => text;
const asNumber: Parse = (text, key) => {
  if (/^\d+$/.test(text)) return Number(text);
  throw new UsageError(`${key} must be a whole number, not "${text}".`);
};
const asNumbers: Parse = (text, key) => listOf(text).map((each) => asNumber(each, key));
const asTexts: Parse = (text) => listOf(text);

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}

/** Settings of an entity that a caller may change, by their path in the API's JSON. */
const KEYS: Readonly<Record<string, Parse>> = {
  name: asText,
  companyUuid: asText,
  travelConfigId: asText,
  strategy: asText,
  unknownProfiles: asText,
  apiVersion: asNumber,
  pollMinutes: asNumbers,
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
const SECTION_RULE = /^conflictRule\.sections\.[a-zA-Z]+$/;

export const CHANGE_HELP =
  `Settings: ${Object.keys(KEYS).slice(0, 8).join(', ')},\n` +
  '  preparation, conflictRule.default, conflictRule.sections.<section>, ids.outtaskId, ids.companyId,\n' +
  '  ids.siteId, ids.vendorSiteIds, gds.system, gds.officeId, gds.companyLocator.\n' +
  'preparation notes which step before the token is under way: approval, case or token.\n' +
  'Lists are written with commas; `key=` or `key=null` clears.';

type Tree = Record<string, unknown>;

/**
 * `key=value` texts as a JSON merge patch.
 * @throws UsageError for an unknown key or a value that does not fit
 */
export function changeOf(texts: readonly string[]): Tree {
  const change: Tree = {};
  for (const text of texts) {
    const at = text.indexOf('=');
    if (at < 1) throw new UsageError(`"${text}" is not of the form key=value.\n${CHANGE_HELP}`);
    const key = text.slice(0, at).trim();
    put(change, key.split('.'), valueOf(key, text.slice(at + 1).trim()));
  }
  return change;
}

function valueOf(key: string, text: string): unknown {
  const parse = Object.hasOwn(KEYS, key) ? KEYS[key] : undefined;
  const known = parse ?? (SECTION_RULE.test(key) ? asText : undefined);
  if (known === undefined) throw new UsageError(`There is no setting "${key}".\n${CHANGE_HELP}`);
  return text === '' || text === 'null' ? null : known(text, key);
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
