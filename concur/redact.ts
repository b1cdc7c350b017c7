import { type Node, PROFILE_ELEMENTS } from '../profile';

/** Stands where a secret was. */
export const REDACTED = '[redacted]';

/** A secret of this very call, and what may be shown in its place. */
export interface KnownSecret {
  readonly value: string;
  readonly shownAs: string;
}

const HARMLESS_NAMES = new Set(['tokentype']);
const SECRET_NAMES = new Set(['pwd', 'pin', 'pan', 'otp', 'jwt', 'auth', 'cardno', 'accountno']);
/** Numbers of documents and birth dates: no support case needs them. */
const SENSITIVE_NAMES = new Set(Object.values(PROFILE_ELEMENTS).flatMap(sensitiveNames));
/** Whatever is named with one of these is taken for a secret; too much is hidden rather than too little. */
const SECRET_WORDS =
  /password|passwd|passphrase|secret|token|apikey|authorization|credential|cookie|assertion|privatekey|sessionid|cardnumber|accountnumber|securitycode|cvv|cvc/;
/** Deeper JSON is no answer of Concur's and would exhaust the stack. */
const MAX_JSON_DEPTH = 100;

/** True where the value under that name must not be kept: header, field of a form, key, element, attribute. */
export function isSecretName(name: string): boolean {
  const plain = decoded(name)
    .toLowerCase()
    .replace(/[^a-z0-9]/g, '');
  if (HARMLESS_NAMES.has(plain)) return false;
  return SECRET_NAMES.has(plain) || SENSITIVE_NAMES.has(plain) || SECRET_WORDS.test(plain);
}

function sensitiveNames(node: Node): string[] {
  if (node.node !== 'leaf') return Object.values(node.children).flatMap(sensitiveNames);
  return node.sensitive === true ? [node.xml, ...(node.aliases ?? [])].map((name) => name.toLowerCase()) : [];
}

/**
 * Takes tokens, secrets, passwords, numbers of cards and documents and birth dates out of a text of a call: an address, the value of a
 * header, a form, JSON or XML, whole or cut (docs/concur.md §2, support case). A value whose end cannot be
 * found is taken out with all that follows. Other personal data stays: what is kept has to be sealed.
 * @param known secrets of the call, hidden wherever they are quoted
 */
export function redact(text: string, known: readonly KnownSecret[] = []): string {
  const quoted = withoutKnown(text, known);
  const json = /^\s*[[{"]/.test(quoted) ? parsed(quoted) : undefined;
  if (json !== undefined) return JSON.stringify(withoutSecrets(json.value, 0));
  return redactPlain(quoted);
}

/** What a name does not tell is told by its form. */
function redactPlain(text: string): string {
  return withoutCards(
    redactPairs(redactElements(redactJsonText(text)))
      .replace(/\b(Bearer|OAuth|Basic)(\s{1,8})[\w.~+/=-]{8,}/gi, `$1$2${REDACTED}`)
      .replace(/\beyJ[\w-]{5,}\.[\w-]+(?:\.[\w-]*)?/g, REDACTED),
  );
}

/** The same, of known secrets only: quick also in a text of many megabytes. */
export function withoutKnown(text: string, known: readonly KnownSecret[]): string {
  const pairs = known.flatMap(({ value, shownAs }) =>
    spellingsOf(value).map((spelling) => ({ spelling, shownAs })),
  );
  // The longest first: one secret may be part of another.
  return pairs
    .sort((one, other) => other.spelling.length - one.spelling.length)
    .reduce((left, { spelling, shownAs }) => left.replaceAll(spelling, () => shownAs), text);
}

const LONE_SURROGATE = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** The ways in which a form, an address, XML and JSON write one text. */
function spellingsOf(value: string): string[] {
  const form = new URLSearchParams({ v: value }).toString().slice(2);
  const xml = value.replace(/[&<>]/g, (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[sign] ?? sign);
  const quotedXml = xml.replaceAll('"', '&quot;').replaceAll("'", '&apos;');
  const json = JSON.stringify(value).slice(1, -1);
  const address = encodeURIComponent(value.replace(LONE_SURROGATE, '\uFFFD'));
  return [...new Set([value, form, address, xml, xml.replaceAll('"', '&quot;'), quotedXml, json])];
}

function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return { value };
  } catch {
    // No JSON, or cut: read as text.
    return undefined;
  }
}

function withoutSecrets(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactPlain(value);
  if (typeof value === 'number') return withoutCards(String(value)) === String(value) ? value : REDACTED;
  if (typeof value !== 'object' || value === null) return value;
  if (depth === MAX_JSON_DEPTH) return REDACTED;
  if (Array.isArray(value)) return value.map((item) => withoutSecrets(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value).map(([name, item]: [string, unknown]) => [
      redactPlain(name),
      isSecretName(name) ? REDACTED : withoutSecrets(item, depth + 1),
    ]),
  );
}

const JSON_NAME = /"((?:[^"\\]|\\.){1,64})"\s{0,8}:\s{0,8}/g;

/** JSON that does not parse, e.g. because it was cut. */
function redactJsonText(text: string): string {
  return replaceFrom(text, JSON_NAME, ([, name = ''], from) => {
    if (!isSecretName(unescapedJson(name))) return undefined;
    const first = text.charAt(from);
    if (first === '{' || first === '[') return text.length;
    if (first === '"') return endOfString(text, from + 1);
    return endOf(text, /[,}\]\s]/g, from);
  });
}

function unescapedJson(name: string): string {
  const text = name.includes('\\') ? parsed(`"${name}"`)?.value : undefined;
  return typeof text === 'string' ? text : name;
}

function endOfString(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at + 1;
  }
  return text.length;
}

const OPENING_TAG = /<((?:[\w.-]{1,64}:)?([\w.-]{1,64}))(?:\s[^<>]*)?>/g;

function redactElements(text: string): string {
  return replaceFrom(text, OPENING_TAG, ([tag, name = '', local = ''], from) =>
    isSecretName(local) && !tag.endsWith('/>') ? endOfContent(text, name, from) : undefined,
  );
}

/** Where `</name` stands, CDATA and comments passed over. */
function endOfContent(text: string, name: string, from: number): number {
  const closing = new RegExp(`</${name.replace(/[.]/g, '\\.')}\\s*>`, 'g');
  for (let at = from; ;) {
    const end = endOf(text, closing, at);
    const skipped = [
      ['<![CDATA[', ']]>'],
      ['<!--', '-->'],
    ] as const;
    const inside = skipped
      .map(([opens, closes]) => ({ start: text.indexOf(opens, at), closes }))
      .filter(({ start }) => start >= 0 && start < end)
      .sort((one, other) => one.start - other.start)[0];
    if (inside === undefined) return end;
    const close = text.indexOf(inside.closes, inside.start);
    if (close < 0) return text.length;
    at = close + inside.closes.length;
  }
}

const PAIR = /(?<![\w.%+-])([\w.%+-]{1,64})\s{0,8}[=:]\s{0,8}(?=[^\s<&])/g;

/** `name=value` of forms, addresses and attributes, `name: value` of words. */
function redactPairs(text: string): string {
  return replaceFrom(text, PAIR, ([, name = ''], from) => {
    if (!isSecretName(name)) return undefined;
    const quote = text.charAt(from);
    if (quote !== '"' && quote !== "'") return endOf(text, /[\s&"'<>]/g, from);
    const end = text.indexOf(quote, from + 1);
    return end < 0 ? text.length : end + 1;
  });
}

const LONG_NUMBER =
  /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)/gi;

/** 13 to 19 digits, whatever they are; ids in the form of a UUID stay. */
function withoutCards(text: string): string {
  return text.replace(LONG_NUMBER, (found) => (/^[0-9a-f]{8}-[0-9a-f]{4}-/i.test(found) ? found : REDACTED));
}

/**
 * Replaces what follows each match of `pattern`, up to where `endAt` says; undefined leaves it. The scan goes
 * on behind what was replaced, so that the work stays linear.
 */
function replaceFrom(
  text: string,
  pattern: RegExp,
  endAt: (match: RegExpExecArray, from: number) => number | undefined,
): string {
  const scan = new RegExp(pattern);
  const parts: string[] = [];
  let copied = 0;
  for (let match = scan.exec(text); match !== null; match = scan.exec(text)) {
    const from = match.index + match[0].length;
    const end = endAt(match, from);
    if (end === undefined) continue;
    parts.push(text.slice(copied, from), REDACTED);
    copied = end;
    scan.lastIndex = Math.max(end, from);
  }
  return copied === 0 ? text : parts.join('') + text.slice(copied);
}

function endOf(text: string, pattern: RegExp, from: number): number {
  pattern.lastIndex = from;
  return pattern.exec(text)?.index ?? text.length;
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    // A lone % is no encoding: the name is taken as it stands.
    return name;
  }
}
