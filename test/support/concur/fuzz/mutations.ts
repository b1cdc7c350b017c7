import { type Seeded } from './seeded';

/** Names that mean something to objects of JavaScript, to the parser or to nobody. */
const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  '#text',
  ':@',
  'xsi:nil',
  'General',
  'Code',
  'a.b-c',
  'ÄÖ',
  '0',
  '',
  'n'.repeat(5_000),
] as const;

const REFERENCES = [
  '&#0;',
  '&#x1;',
  '&#xFFFE;',
  '&#xD800;',
  '&#x110000;',
  '&#99999999999;',
  '&#x1F600;',
  '&;',
  '&',
  '&nbsp;',
  '&lol9;',
  '&xxe;',
  '&#;',
  '&#x;',
  '&constructor;',
] as const;

const VALUES = [
  '',
  ' ',
  'NaN',
  '1e309',
  '-1',
  '99999999999999999999',
  'true',
  '2026-02-30',
  '\u0000',
  '\ud800',
  '[object Object]',
  '__proto__',
  '\ufeff',
] as const;

const WRAPPERS: readonly [readonly [string, string], ...(readonly [string, string])[]] = [
  ['<![CDATA[', ']]>'],
  ['<!--', '-->'],
  ['<?x ', '?>'],
  ['<![CDATA[', ''],
];

/** Bytes that are no UTF-8, or not the shortest, and a NUL. */
const ODD_BYTES: readonly [number[], ...number[][]] = [
  [0xff],
  [0xc3],
  [0xed, 0xa0, 0x80],
  [0xf8, 0x88, 0x80, 0x80, 0x80],
  [0x00],
  [0xc0, 0x80],
];

const LAUGHS =
  '<!DOCTYPE lolz [<!ENTITY lol "lol">' +
  Array.from(
    { length: 9 },
    (_, n) => `<!ENTITY lol${n + 1} "${`&lol${n === 0 ? '' : n};`.repeat(10)}">`,
  ).join('') +
  ']>';
const EXTERNAL =
  '<!DOCTYPE r [<!ENTITY xxe SYSTEM "file:///etc/passwd"><!ENTITY % p SYSTEM "http://127.0.0.1:9/">%p;]>';
const ELEMENT = /<([A-Za-z_][\w:.-]*)((?:\s[^<>]*)?)>/g;
const MOST_LEVELS = 10_000;
const MOST_ATTRIBUTES = 2_000;
/** One in so many mutations of that sort is as large as it may be: large ones are slow to make and to read. */
const SELDOM = 200;

type Mutation = (text: string, random: Seeded) => string;

const insertAt = (text: string, at: number, what: string): string =>
  text.slice(0, at) + what + text.slice(at);

interface Tag {
  readonly name: string;
  readonly attributes: string;
  readonly start: number;
  /** Behind its `>`. */
  readonly inner: number;
}

function tag(text: string, random: Seeded): Tag | undefined {
  const found = [...text.matchAll(ELEMENT)].filter((match) => match[2]?.endsWith('/') !== true);
  const match = found[random.int(found.length)];
  if (match === undefined) return undefined;
  const [whole, name = '', attributes = ''] = match;
  return { name, attributes, start: match.index, inner: match.index + whole.length };
}

/** Start and end of an element of that name, up to the next end tag of the name. */
function span(text: string, { name, start, inner }: Tag): readonly [number, number] {
  const end = text.indexOf(`</${name}>`, inner);
  return end < 0 ? [start, inner] : [start, end + name.length + 3];
}

/** A mutation of one element; a text without elements stays as it is. */
const ofElement =
  (mutate: (text: string, tag: Tag, random: Seeded) => string): Mutation =>
  (text, random) => {
    const found = tag(text, random);
    return found === undefined ? text : mutate(text, found, random);
  };

const size = (random: Seeded, most: number): number => (random.int(SELDOM) === 0 ? most : 1 + random.int(50));

const OF_XML: readonly [Mutation, ...Mutation[]] = [
  ofElement((text, found) => text.slice(0, span(text, found)[0]) + text.slice(span(text, found)[1])),
  ofElement((text, found, random) => {
    const [start, end] = span(text, found);
    return insertAt(text, end, text.slice(start, end).repeat(1 + random.int(3)));
  }),
  ofElement((text, one, random) => {
    const other = tag(text, random) ?? one;
    const [x, y] = [span(text, one), span(text, other)] as const;
    const [[a, b], [c, d]] = x[0] <= y[0] ? [x, y] : [y, x];
    return b > c
      ? text
      : text.slice(0, a) + text.slice(c, d) + text.slice(b, c) + text.slice(a, b) + text.slice(d);
  }),
  ofElement((text, { name, start, inner, attributes }, random) => {
    const renamed = random.one(NAMES);
    const end = text.indexOf(`</${name}>`, inner);
    const closed = end < 0 ? text : text.slice(0, end) + `</${renamed}>` + text.slice(end + name.length + 3);
    return closed.slice(0, start) + `<${renamed}${attributes}>` + closed.slice(inner);
  }),
  ofElement((text, { inner }, random) => {
    const attribute = ` ${random.one(NAMES)}="${random.one(VALUES)}"`;
    return insertAt(text, inner - 1, attribute.repeat(1 + random.int(2)));
  }),
  ofElement((text, { inner }, random) => {
    const attributes = Array.from({ length: size(random, MOST_ATTRIBUTES) }, (_, n) => ` a${n}="${n}"`);
    return insertAt(text, inner - 1, attributes.join(''));
  }),
  ofElement((text, { inner }, random) => {
    const levels = size(random, MOST_LEVELS);
    return insertAt(text, inner, '<a>'.repeat(levels) + (random.int(3) === 0 ? '' : '</a>'.repeat(levels)));
  }),
  ofElement((text, { inner }, random) => insertAt(text, inner, random.one(REFERENCES))),
  ofElement((text, { inner }, random) => insertAt(text, inner, random.one(VALUES))),
  ofElement((text, { inner }, random) => insertAt(text, inner, 'x'.repeat(size(random, 200_000)))),
  ofElement((text, { inner }, random) => {
    const next = text.indexOf('<', inner);
    const end = next < 0 ? text.length : next;
    const wrapped = random.one(WRAPPERS);
    return text.slice(0, inner) + wrapped[0] + text.slice(inner, end) + wrapped[1] + text.slice(end);
  }),
  ofElement((text, { start }, random) =>
    insertAt(
      text,
      start,
      random.one(['<!-- - -->', '<!---->', '<?xml version="1.1"?>', ']]>', '<', '</', 'text', '<x/>']),
    ),
  ),
  ofElement((text, { name, start }, random) => {
    const other = random.one([name.toLowerCase(), name.toUpperCase(), `p:${name}`]);
    return (
      text.slice(0, start) +
      text.slice(start).replaceAll(`<${name}`, `<${other}`).replaceAll(`</${name}`, `</${other}`)
    );
  }),
  (text, random) =>
    random.one([LAUGHS, EXTERNAL]) + text.replace('><', `>${random.one(['&lol9;', '&xxe;'])}<`),
  (text, random) =>
    `<?xml version="1.0" encoding="${random.one(['utf-16', 'latin1', 'nonsense', 'utf-7', 'shift_jis'])}"?>` +
    text.replace(/^<\?xml[^>]*\?>/, ''),
];

const OF_ANYTHING: readonly [Mutation, ...Mutation[]] = [
  (text, random) => text.slice(0, random.int(text.length + 1)),
  (text, random) => text.slice(random.int(text.length + 1)),
  (text, random) => {
    const at = random.int(text.length + 1);
    return text.slice(0, at) + text.slice(at + 1 + random.int(20));
  },
  (text, random) => {
    const at = random.int(text.length + 1);
    return insertAt(text, random.int(text.length + 1), text.slice(at, at + random.int(200)));
  },
  (text, random) => insertAt(text, random.int(text.length + 1), random.one([...VALUES, ...REFERENCES])),
];

const OF_JSON: readonly [Mutation, ...Mutation[]] = [
  (text, random) => text.replace(/"\w+":/, `"${random.one(NAMES)}":`),
  (text, random) => text.replace('{', `{"${random.one(NAMES)}":{"polluted":true},`),
  (text, random) =>
    text.replace(
      /:\s*"[^"]*"/,
      `:${random.one(['null', '1e400', '[]', '{}', 'true', '-1', '"\\ud800"', '""'])}`,
    ),
  (text, random) =>
    text.replace(
      /:\s*\d+/,
      `:${random.one(['"x"', '1e309', '-1', '0', 'null', '99999999999999999999', '{}'])}`,
    ),
  (text, random) => {
    const levels = size(random, MOST_LEVELS);
    return text.replace(':', `:${'['.repeat(levels)}${']'.repeat(random.int(3) === 0 ? 0 : levels)},"was":`);
  },
  (text, random) =>
    text.replace(/"([^"]*)"\s*}/, (_all, value: string) => `"${value}${'y'.repeat(size(random, 200_000))}"}`),
];

const OF_BYTES: readonly [
  (bytes: Buffer, random: Seeded) => Buffer,
  ...((bytes: Buffer, random: Seeded) => Buffer)[],
] = [
  (bytes, random) => {
    const flipped = Buffer.from(bytes);
    for (let n = 0; n <= random.int(4) && flipped.length > 0; n += 1) {
      const at = random.int(flipped.length);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << random.int(8));
    }
    return flipped;
  },
  (bytes, random) => {
    const at = random.int(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(random.one(ODD_BYTES)), bytes.subarray(at)]);
  },
  (bytes, random) =>
    Buffer.concat([
      Buffer.from(
        random.one([
          [0xef, 0xbb, 0xbf],
          [0xff, 0xfe],
          [0xfe, 0xff],
        ]),
      ),
      bytes,
    ]),
  (bytes) => Buffer.from(bytes.toString('utf8'), 'utf16le'),
];

/** An answer with one to three faults. */
export function mutated(text: string, isJson: boolean, random: Seeded): Buffer {
  let changed = text;
  for (let n = 0; n <= random.int(3); n += 1) {
    const own = isJson ? OF_JSON : OF_XML;
    changed = random.one(random.int(4) === 0 ? OF_ANYTHING : own)(changed, random);
  }
  const bytes = Buffer.from(changed);
  return random.int(4) === 0 ? random.one(OF_BYTES)(bytes, random) : bytes;
}
