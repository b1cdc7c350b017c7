import { SaxesParser, type SaxesTagPlain } from 'saxes';
import { ConcurUnreadable } from '../errors';

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

/** Deeper documents are refused: no document of Concur's is nested more than about ten levels. */
const MAX_DEPTH = 60;
/** Longer names are refused: what is unknown is kept with the names of all that it stands in. */
const MAX_NAME_LENGTH = 200;

/**
 * Reads a document in one pass (docs/decisions/0023). Nothing is guessed: what is not well-formed is refused
 * whole. A DTD is refused, so that no entities but XML's own exist.
 * @returns the root elements; a document has one
 * @throws ConcurUnreadable; its message says where, and quotes nothing
 */
export function parseXml(text: string): XmlElement[] {
  const roots: XmlElement[] = [];
  const open: XmlElement[] = [];
  const parser = new SaxesParser({ xmlns: false, position: false });
  const take = (part: string): void => {
    open.at(-1)?.content.push(part);
  };
  // The parser's own words quote the document.
  parser.on('error', () => {
    throw malformed(text);
  });
  parser.on('doctype', () => {
    throw unreadable('it has a DTD, which is never accepted');
  });
  parser.on('opentag', (tag) => {
    if (open.length >= MAX_DEPTH) throw unreadable('it is nested too deeply');
    const element = elementOf(tag);
    (open.at(-1)?.content ?? roots).push(element);
    open.push(element);
  });
  parser.on('closetag', () => {
    open.pop();
  });
  parser.on('text', take);
  parser.on('cdata', take);
  parser.write(text).close();
  return roots;
}

export function unreadable(why: string): ConcurUnreadable {
  return new ConcurUnreadable(`Concur's XML cannot be read: ${why}. Nothing of it was used.`);
}

function elementOf({ name, attributes }: SaxesTagPlain): XmlElement {
  const list = Object.entries(attributes).map(([key, value]) => ({ name: key, value }));
  const names = [name, ...list.map((attribute) => attribute.name)];
  if (names.some(({ length }) => length > MAX_NAME_LENGTH))
    throw unreadable('a name in it is longer than any of Concur’s');
  return { name, attributes: list, content: [] };
}

/** Reads the document a second time, slower, to say where it breaks. */
function malformed(text: string): ConcurUnreadable {
  const parser = new SaxesParser({ xmlns: false, position: true });
  let at: string | undefined;
  parser.on('error', () => {
    at ??= `line ${parser.line}, column ${parser.column}`;
  });
  parser.write(text).close();
  return unreadable(`it is cut off or malformed at ${at ?? 'an unknown place'}`);
}
