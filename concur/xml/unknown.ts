import { type UnknownElement } from '../../profile';
import { below } from './encode';
import {
  childrenOf,
  element,
  localName,
  parseDocument,
  sameName,
  textOf,
  toXml,
  withoutIndentation,
  type XmlAttribute,
  type XmlElement,
} from './tree';

const HOLDER = 'holder';
const SEGMENT = /^(.+?)(?:\[(\d+)\])?$/;

/** Attributes that say how the document is written, not what is in it. */
export function isPlumbing(attribute: XmlAttribute): boolean {
  return /^(xmlns(:|$)|xsi:)/i.test(attribute.name) || isNilAttribute(attribute);
}

function isNilAttribute({ name }: XmlAttribute): boolean {
  return name.includes(':') && localName(name).toLowerCase() === 'nil';
}

export function isNil(of: XmlElement): boolean {
  if (of.attributes.length === 0) return false;
  return of.attributes.some(
    (attribute) => isNilAttribute(attribute) && ['true', '1'].includes(attribute.value.trim().toLowerCase()),
  );
}

/**
 * What of an element the table does not know: its text, or its content as XML, and its attributes as
 * `@Name` below it. An empty element says nothing and is not kept.
 * @param path of the parent
 * @param ordinal which of the parent's elements of that name it is, from 1
 */
export function unknownElement(of: XmlElement, path: string, ordinal: number): UnknownElement[] {
  const name = localName(of.name);
  const value = contentValue(of);
  const own = value === '' ? [] : [{ path, name, value }];
  return [...own, ...unknownAttributes(of, pathOf(path, name, ordinal))];
}

export function unknownAttributes(of: XmlElement, path: string): UnknownElement[] {
  if (of.attributes.length === 0) return [];
  return of.attributes
    .filter((attribute) => !isPlumbing(attribute) && attribute.value.trim() !== '')
    .map(({ name, value }) => ({ path, name: `@${name}`, value }));
}

/** Path of an element below its parent; the first of a name goes without a number. */
export function pathOf(path: string, name: string, ordinal: number): string {
  return below(path, ordinal === 1 ? name : `${name}[${ordinal}]`);
}

function contentValue(of: XmlElement): string {
  return childrenOf(of).length === 0 ? textOf(of) : toXml(withoutIndentation(of.content), '');
}

/**
 * Puts unknown elements back where they stood, so that a document shows all that was read from it.
 * Beside elements of the table they come first: of two elements of one name the last one counts.
 */
export function insertUnknown(root: XmlElement, unknown: readonly UnknownElement[]): void {
  const inserted = new Map<XmlElement, number>();
  for (const { path, name, value } of unknown) {
    const parent = find(root, path);
    if (name.startsWith('@')) {
      parent.attributes.push({ name: name.slice(1), value });
      continue;
    }
    const position = inserted.get(parent) ?? 0;
    parent.content.splice(position, 0, element(name, contentFrom(value)));
    inserted.set(parent, position + 1);
  }
}

function find(root: XmlElement, path: string): XmlElement {
  if (path === '') return root;
  return path.split('/').reduce((parent, segment) => {
    const [, name = segment, ordinal = '1'] = SEGMENT.exec(segment) ?? [];
    const found = () => childrenOf(parent).filter((child) => sameName(child.name, name));
    while (found().length < Number(ordinal)) parent.content.push(element(name));
    return found()[Number(ordinal) - 1] ?? parent;
  }, root);
}

/** A value is XML where it is exactly what `contentValue` writes for elements, text otherwise. */
function contentFrom(value: string): XmlElement['content'] {
  if (!value.includes('<')) return [value];
  try {
    const holder = parseDocument(`<${HOLDER}>${value}</${HOLDER}>`);
    const isContent = childrenOf(holder).length > 0 && contentValue(holder) === value;
    return isContent ? holder.content : [value];
  } catch {
    // Not XML, so it was a text that happens to hold a bracket.
    return [value];
  }
}
