/** An element with its place in the document, which a schema violation names. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly text: string;
  /** Offset of its `<` in the source. */
  readonly at: number;
}

/** The document is not well-formed or does not fit the schema. */
export class XmlViolation extends Error {
  constructor(
    readonly at: number,
    readonly reason: string,
  ) {
    super(reason);
    this.name = 'XmlViolation';
  }
}

/** Line and column of an offset, from 1. */
export function positionOf(source: string, at: number): { readonly line: number; readonly column: number } {
  const before = source.slice(0, at);
  const lastBreak = before.lastIndexOf('\n');
  return { line: before.split('\n').length, column: at - lastBreak };
}

const MAX_DEPTH = 64;
const NAME = /[A-Za-z_][\w.:-]*/y;
const ATTRIBUTE = /\s+([A-Za-z_][\w.:-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const TAG_END = /\s*(\/?)>/y;
const REFERENCE = /&(#x[0-9A-Fa-f]+|#\d+|\w+);|&/g;
const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/**
 * A small reader of its own, apart from the product's codec, so that a mistake there is not made twice.
 * @throws XmlViolation where the document is not well-formed; a DOCTYPE is refused
 */
export function parseXml(source: string): XmlElement {
  const reader = new Reader(source);
  reader.skipMisc();
  const root = reader.element(0);
  reader.skipMisc();
  if (reader.at < source.length) throw new XmlViolation(reader.at, 'content after the root element');
  return root;
}

class Reader {
  at: number;

  constructor(private readonly source: string) {
    this.at = source.startsWith('\uFEFF') ? 1 : 0;
  }

  /** White space, comments, the declaration and processing instructions. */
  skipMisc(): void {
    for (;;) {
      while (/\s/.test(this.source[this.at] ?? '')) this.at += 1;
      if (this.source.startsWith('<?', this.at)) this.skipPast('?>');
      else if (this.source.startsWith('<!--', this.at)) this.skipPast('-->');
      else return;
    }
  }

  element(depth: number): XmlElement {
    const at = this.at;
    if (depth > MAX_DEPTH) throw new XmlViolation(at, 'nested too deeply');
    if (this.source[at] !== '<') throw new XmlViolation(at, 'an element is expected');
    this.at += 1;
    const name = this.match(NAME)[0];
    const attributes = this.attributes();
    const selfClosed = this.match(TAG_END)[1] === '/';
    if (selfClosed) return { name, attributes, children: [], text: '', at };
    return { name, attributes, at, ...this.content(name, depth) };
  }

  private attributes(): ReadonlyMap<string, string> {
    const attributes = new Map<string, string>();
    for (;;) {
      ATTRIBUTE.lastIndex = this.at;
      const found = ATTRIBUTE.exec(this.source);
      const name = found?.[1];
      if (found === null || name === undefined) return attributes;
      if (attributes.has(name)) throw new XmlViolation(this.at, `attribute ${name} stands twice`);
      // White space is normalised before references are resolved: what was written as one stays.
      attributes.set(name, this.decode((found[2] ?? found[3] ?? '').replace(/[\t\n\r]/g, ' '), this.at));
      this.at = ATTRIBUTE.lastIndex;
    }
  }

  private content(name: string, depth: number): { children: readonly XmlElement[]; text: string } {
    const children: XmlElement[] = [];
    let text = '';
    for (;;) {
      const next = this.source.indexOf('<', this.at);
      if (next < 0) throw new XmlViolation(this.source.length, `element ${name} is not closed`);
      text += this.decode(this.source.slice(this.at, next).replace(/\r\n?/g, '\n'), this.at);
      this.at = next;
      if (this.source.startsWith('</', next)) {
        this.close(name);
        return { children, text };
      }
      if (this.source.startsWith('<!--', next)) this.skipPast('-->');
      else if (this.source.startsWith('<![CDATA[', next)) {
        this.skipPast(']]>');
        text += this.source.slice(next + 9, this.at - 3);
      } else if (this.source.startsWith('<?', next)) this.skipPast('?>');
      else children.push(this.element(depth + 1));
    }
  }

  private close(name: string): void {
    const start = this.at;
    this.at += 2;
    const closed = this.match(NAME)[0];
    if (closed !== name) throw new XmlViolation(start, `${name} is closed by ${closed}`);
    if (this.match(TAG_END)[1] === '/') throw new XmlViolation(start, 'malformed end tag');
  }

  private match(pattern: RegExp): RegExpExecArray {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source);
    if (found === null) throw new XmlViolation(this.at, 'malformed tag');
    this.at = pattern.lastIndex;
    return found;
  }

  private skipPast(end: string): void {
    const found = this.source.indexOf(end, this.at);
    if (found < 0) throw new XmlViolation(this.at, `${end} is missing`);
    this.at = found + end.length;
  }

  private decode(text: string, at: number): string {
    return text.replace(REFERENCE, (_whole, reference: string | undefined) => {
      if (reference === undefined) throw new XmlViolation(at, 'a bare & in the text');
      if (reference.startsWith('#')) return this.character(reference, at);
      const named = NAMED[reference];
      if (named === undefined) throw new XmlViolation(at, `unknown entity ${reference}`);
      return named;
    });
  }

  private character(reference: string, at: number): string {
    const code = reference.startsWith('#x') ? parseInt(reference.slice(2), 16) : Number(reference.slice(1));
    const allowed = code === 9 || code === 10 || code === 13 || (code >= 32 && code <= 0x10_ffff);
    if (!allowed) throw new XmlViolation(at, 'a character that XML does not allow');
    return String.fromCodePoint(code);
  }
}
