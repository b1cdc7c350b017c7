import { XMLBuilder, XMLParser, XMLValidator } from 'fast-xml-parser';
import { ConcurUnreadable } from '../errors';
import { escapeText, unescapeText } from './text';

/** An element of a document, its content in order. Values are plain text, already unescaped. */
export interface XmlElement {
  name: string;
  attributes: XmlAttribute[];
  content: (string | XmlElement)[];
}

export interface XmlAttribute {
  readonly name: string;
  readonly value: string;
}

/** Declares the prefix of `xsi:nil`; on every root that is written. */
export const XSI: XmlAttribute = { name: 'xmlns:xsi', value: 'http://www.w3.org/2001/XMLSchema-instance' };

const TEXT = '#text';
const CDATA = '#cdata';
const ATTRIBUTES = ':@';
const DECLARATION = '<?xml version="1.0" encoding="utf-8"?>';
const DECLARATIONS = /<\?xml[^>]*\?>/g;
const SYNTHETIC_ROOT = 'root';

/** Deeper documents are refused: no document of Concur's is nested more than about ten levels. */
const MAX_DEPTH = 60;
/** Longer names are refused: what is unknown is kept with the names of all that it stands in. */
const MAX_NAME_LENGTH = 200;

// Values stay the text they are: "007" is no 7. References are resolved by `unescapeText`, which knows
// no entities but XML's own.
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  textNodeName: TEXT,
  cdataPropName: CDATA,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  processEntities: false,
  ignoreDeclaration: true,
  ignorePiTags: true,
  maxNestedTags: MAX_DEPTH,
});

const builder = new XMLBuilder({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  textNodeName: TEXT,
  suppressEmptyNode: true,
  suppressBooleanAttributes: false,
  processEntities: false,
});

export function element(
  name: string,
  content: XmlElement['content'] = [],
  attributes: XmlAttribute[] = [],
): XmlElement {
  return { name, attributes, content };
}

export function childrenOf(parent: XmlElement): XmlElement[] {
  return parent.content.filter((part): part is XmlElement => typeof part !== 'string');
}

/** The element's own text, without that of its children, trimmed. */
export function textOf(of: XmlElement): string {
  return of.content
    .filter((part) => typeof part === 'string')
    .join('')
    .trim();
}

/** A name without its namespace prefix. */
export function localName(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1);
}

/** True where two element or attribute names are the same for a tolerant reader. */
export function sameName(a: string, b: string): boolean {
  return localName(a).toLowerCase() === localName(b).toLowerCase();
}

/** First child of that name, whatever its case and prefix. */
export function childNamed(parent: XmlElement, name: string): XmlElement | undefined {
  return childrenOf(parent).find((child) => sameName(child.name, name));
}

export function attributeNamed(of: XmlElement, name: string): string | undefined {
  return of.attributes.find((attribute) => sameName(attribute.name, name))?.value;
}

/**
 * The root element of a document.
 * @throws ConcurUnreadable where it is cut off, malformed, has a DTD or not exactly one root
 */
export function parseDocument(xml: string): XmlElement {
  const roots = parse(withoutByteOrderMark(xml));
  const [root] = roots;
  if (root === undefined || roots.length !== 1) {
    throw unreadable('it has not exactly one root element');
  }
  return root;
}

/**
 * The elements of a text that may hold several roots in a row, each with its own declaration, as
 * Concur's outcomes do.
 * @throws ConcurUnreadable where one of them is cut off or malformed, or where there is a DTD
 */
export function parseRoots(xml: string): XmlElement[] {
  const body = withoutByteOrderMark(xml).replace(DECLARATIONS, '');
  return childrenOf(parseDocument(`<${SYNTHETIC_ROOT}>${body}</${SYNTHETIC_ROOT}>`));
}

/** A document with its declaration. @throws ConcurUnwritable for characters XML cannot carry */
export function toDocument(root: XmlElement): string {
  return DECLARATION + builder.build([toParserNode(root, undefined)]);
}

/** Elements and text as XML, without declaration. @throws ConcurUnwritable, see {@link escapeText} */
export function toXml(content: XmlElement['content'], path: string): string {
  return builder.build(content.map((part) => toParserNode(part, path)));
}

/** Content without the white space that only indents its elements. */
export function withoutIndentation(content: XmlElement['content']): XmlElement['content'] {
  const hasElements = content.some((part) => typeof part !== 'string');
  return content
    .filter((part) => !(hasElements && typeof part === 'string' && part.trim() === ''))
    .map((part) =>
      typeof part === 'string' ? part : { ...part, content: withoutIndentation(part.content) },
    );
}

function parse(xml: string): XmlElement[] {
  refuseDtd(xml);
  const valid = XMLValidator.validate(xml);
  if (valid !== true) {
    throw unreadable(`it is cut off or malformed at line ${valid.err.line}, column ${valid.err.col}`);
  }
  let nodes: unknown;
  try {
    nodes = parser.parse(xml);
  } catch {
    // The parser's message quotes the document, which holds personal data: it is left out on purpose.
    throw unreadable('it is cut off, malformed or nested too deeply');
  }
  return contentOf(nodes).filter((part): part is XmlElement => typeof part !== 'string');
}

function unreadable(why: string): ConcurUnreadable {
  return new ConcurUnreadable(`Concur's XML cannot be read: ${why}. Nothing of it was used.`);
}

/** Declarations (`<!DOCTYPE`, `<!ENTITY`) could make the parser expand entities: none is accepted. */
function refuseDtd(xml: string): void {
  let at = xml.indexOf('<!');
  while (at !== -1) {
    const end = xml.startsWith('<!--', at)
      ? xml.indexOf('-->', at + 4)
      : xml.startsWith('<![CDATA[', at)
        ? xml.indexOf(']]>', at + 9)
        : undefined;
    if (end === undefined) throw unreadable('it has a DTD, which is never accepted');
    if (end === -1) throw unreadable('it is cut off in a comment or a CDATA section');
    at = xml.indexOf('<!', end);
  }
}

function withoutByteOrderMark(xml: string): string {
  return xml.replace(/^\uFEFF/, '').trimStart();
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function contentOf(nodes: unknown): (string | XmlElement)[] {
  if (!Array.isArray(nodes)) return [];
  return nodes.filter(isRecord).flatMap((node) => fromParserNode(node));
}

function fromParserNode(node: Readonly<Record<string, unknown>>): (string | XmlElement)[] {
  const name = Object.keys(node).find((key) => key !== ATTRIBUTES);
  if (name === undefined) return [];
  const value = node[name];
  if (name === TEXT) return typeof value === 'string' ? [unescapeText(value)] : [];
  if (name === CDATA) return cdataOf(value);
  if (name.length > MAX_NAME_LENGTH) throw unreadable('a name in it is longer than any of Concur’s');
  const attributes = node[ATTRIBUTES];
  return [element(name, contentOf(value), isRecord(attributes) ? attributesOf(attributes) : [])];
}

function cdataOf(value: unknown): string[] {
  const nodes: readonly unknown[] = Array.isArray(value) ? value : [];
  return nodes.flatMap((node) => {
    const text = isRecord(node) ? node[TEXT] : undefined;
    return typeof text === 'string' ? [text] : [];
  });
}

function attributesOf(attributes: Readonly<Record<string, unknown>>): XmlAttribute[] {
  return Object.entries(attributes).flatMap(([name, value]) =>
    typeof value === 'string' ? [{ name, value: unescapeText(value) }] : [],
  );
}

/** @param path of the parent, for errors; none for the root, which paths leave out */
function toParserNode(part: string | XmlElement, path: string | undefined): Record<string, unknown> {
  if (typeof part === 'string') return { [TEXT]: escapeText(part, path ?? '') };
  const inner = path === undefined ? '' : path === '' ? part.name : `${path}/${part.name}`;
  const attributes = part.attributes.map(({ name, value }): [string, string] => [
    name,
    escapeText(value, inner === '' ? `@${name}` : `${inner}/@${name}`),
  ]);
  return {
    [part.name]: part.content.map((child) => toParserNode(child, inner)),
    ...(attributes.length === 0 ? {} : { [ATTRIBUTES]: Object.fromEntries(attributes) }),
  };
}
