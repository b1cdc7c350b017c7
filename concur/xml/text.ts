import { ConcurUnreadable, ConcurUnwritable } from '../errors';

/** Anything that XML 1.0 cannot carry: most control characters and lone surrogates. */
const ILLEGAL = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u;
const SPECIAL = /[&<>"\t\n\r]/g;
const REFERENCE = /&(?:#x([0-9a-f]{1,6})|#([0-9]{1,7})|([a-z]+));|&/gi;

const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
};

const ENTITIES: ReadonlyMap<string, string> = new Map([
  ['amp', '&'],
  ['lt', '<'],
  ['gt', '>'],
  ['quot', '"'],
  ['apos', "'"],
]);

/**
 * A value as it stands in an element or attribute. Line ends and tabs become references, because a
 * parser may normalise them otherwise.
 * @param path names the element in the error
 * @throws ConcurUnwritable where the value holds a character that XML cannot carry
 */
export function escapeText(value: string, path: string): string {
  if (ILLEGAL.test(value)) {
    throw new ConcurUnwritable(
      `${path} holds a control character that XML cannot carry. Remove it from the traveller's data.`,
      path,
      { code: 'xml-illegal-character' },
    );
  }
  return value.replace(SPECIAL, (character) => ESCAPES[character] ?? character);
}

/**
 * Text as it was meant: the five entities of XML and character references. There are no others,
 * because a DTD is refused.
 * @throws ConcurUnreadable for any other reference and for a bare ampersand
 */
export function unescapeText(raw: string): string {
  if (!raw.includes('&')) return raw;
  return raw.replace(REFERENCE, (_whole, hex?: string, decimal?: string, name?: string) => {
    const character =
      name === undefined
        ? characterOf(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16))
        : ENTITIES.get(name);
    if (character === undefined) {
      throw new ConcurUnreadable('The XML holds a reference that is not defined. Nothing of it was used.');
    }
    return character;
  });
}

function characterOf(codePoint: number): string | undefined {
  const surrogate = codePoint >= 0xd800 && codePoint <= 0xdfff;
  const valid = Number.isInteger(codePoint) && codePoint > 0 && codePoint <= 0x10ffff && !surrogate;
  return valid ? String.fromCodePoint(codePoint) : undefined;
}
