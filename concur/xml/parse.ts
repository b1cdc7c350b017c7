import { ConcurUnreadable } from '../errors';
import { unescapeText } from './text';

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

const NAME = /[A-Za-z_:\u0080-\uFFFF][\w:.\u0080-\uFFFF-]*/y;
const ATTRIBUTE = /\s+([A-Za-z_:\u0080-\uFFFF][\w:.\u0080-\uFFFF-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const TAG_END = /\s*(\/?)>/y;
const CLOSING_END = /\s*>/y;
const DECLARATION = /^<\?xml\s/;
const BLANK = /^\s*$/;

/**
 * Reads a document in one pass: each answer of Concur's goes through here, and a reader that first validates,
 * then makes a tree of its own and then ours takes several times as long. Nothing is guessed: what is not
 * well-formed is refused whole. There is no DTD, so that no entities but XML's own exist.
 * @returns the root elements; a document has one
 * @throws ConcurUnreadable; its message says where, and quotes nothing
 */
export function parseXml(text: string): XmlElement[] {
  return new Reader(text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text).read();
}

export function unreadable(why: string): ConcurUnreadable {
  return new ConcurUnreadable(`Concur's XML cannot be read: ${why}. Nothing of it was used.`);
}

class Reader {
  private at = 0;
  private readonly roots: XmlElement[] = [];
  private readonly open: XmlElement[] = [];

  constructor(private readonly xml: string) {}

  read(): XmlElement[] {
    const { xml } = this;
    if (DECLARATION.test(xml)) this.at = this.after('?>', 0);
    while (this.at < xml.length) {
      const tag = xml.indexOf('<', this.at);
      this.take(xml.slice(this.at, tag === -1 ? xml.length : tag));
      if (tag === -1) break;
      this.at = tag;
      this.markup(xml.charAt(tag + 1));
    }
    if (this.open.length > 0) throw this.malformed();
    return this.roots;
  }

  private markup(second: string): void {
    switch (second) {
      case '/':
        return this.closingTag();
      case '!':
        return this.declaration();
      case '?':
        if (/^<\?xml\s/i.test(this.xml.slice(this.at, this.at + 6))) throw this.malformed();
        this.at = this.after('?>', this.at + 2);
        return;
      default:
        return this.tag();
    }
  }

  private take(raw: string): void {
    if (raw === '') return;
    const parent = this.open.at(-1);
    if (parent !== undefined) parent.content.push(unescapeText(raw));
    else if (!BLANK.test(raw)) throw this.malformed();
  }

  private tag(): void {
    const name = this.match(NAME, this.at + 1)[0];
    if (name.length > MAX_NAME_LENGTH) throw unreadable('a name in it is longer than any of Concur’s');
    if (this.open.length >= MAX_DEPTH) throw unreadable('it is nested too deeply');
    const element: XmlElement = { name, attributes: this.attributes(), content: [] };
    const [, isEmpty] = this.match(TAG_END, this.at);
    (this.open.at(-1)?.content ?? this.roots).push(element);
    if (isEmpty === '') this.open.push(element);
  }

  private attributes(): XmlAttribute[] {
    const attributes: XmlAttribute[] = [];
    for (;;) {
      ATTRIBUTE.lastIndex = this.at;
      const [whole, name, inDouble, inSingle] = ATTRIBUTE.exec(this.xml) ?? [];
      if (whole === undefined || name === undefined) return attributes;
      if (attributes.some((attribute) => attribute.name === name)) throw this.malformed();
      const raw = inDouble ?? inSingle ?? '';
      attributes.push({ name, value: unescapeText(raw.replace(/[\t\n]/g, ' ')) });
      this.at += whole.length;
    }
  }

  private closingTag(): void {
    const element = this.open.pop();
    if (element === undefined || !this.xml.startsWith(element.name, this.at + 2)) throw this.malformed();
    this.match(CLOSING_END, this.at + 2 + element.name.length);
  }

  private declaration(): void {
    const { xml, at } = this;
    if (xml.startsWith('<!--', at)) {
      this.at = this.after('-->', at + 4);
    } else if (xml.startsWith('<![CDATA[', at)) {
      this.at = this.after(']]>', at + 9);
      const parent = this.open.at(-1);
      if (parent === undefined) throw this.malformed();
      parent.content.push(xml.slice(at + 9, this.at - 3));
    } else {
      throw unreadable('it has a DTD, which is never accepted');
    }
  }

  /** Where the text after the next `end` begins. */
  private after(end: string, from: number): number {
    const found = this.xml.indexOf(end, from);
    if (found === -1) throw this.malformed();
    return found + end.length;
  }

  /** What stands at `from`, and goes on behind it. */
  private match(pattern: RegExp, from: number): RegExpExecArray {
    pattern.lastIndex = from;
    const found = pattern.exec(this.xml);
    if (found === null) throw this.malformed();
    this.at = from + found[0].length;
    return found;
  }

  private malformed(): ConcurUnreadable {
    const before = this.xml.slice(0, this.at);
    const line = before.split('\n').length;
    const column = before.length - before.lastIndexOf('\n');
    return unreadable(`it is cut off or malformed at line ${line}, column ${column}`);
  }
}
