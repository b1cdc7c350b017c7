import { XMLBuilder } from 'fast-xml-parser';
import { parseXml, unreadable, type XmlAttribute, type XmlElement } from './parse';
import { escapeText } from './text';

export { type XmlAttribute, type XmlElement } from './parse';

/** Declares the prefix of `xsi:nil`; on every root that is written. */
export const XSI: XmlAttribute = { name: 'xmlns:xsi', value: 'http://www.w3.org/2001/XMLSchema-instance' };

const TEXT = '#text';
const ATTRIBUTES = ':@';
const DECLARATION = '<?xml version="1.0" encoding="utf-8"?>';
const DECLARATIONS = /<\?xml[^>]*\?>/g;
const SYNTHETIC_ROOT = 'root';

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
  const [first, second] = of.content;
  if (second === undefined) return typeof first === 'string' ? first.trim() : '';
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
  const roots = parseXml(withoutByteOrderMark(xml));
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

function withoutByteOrderMark(xml: string): string {
  return xml.replace(/^\uFEFF/, '').trimStart();
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
