import { type Children, type Leaf, type List, type Node, type UnknownElement } from '../../profile';
import { below } from './encode';
import { parseLeaf, type Scalar } from './leaves';
import { namesOf, readName } from './names';
import { childrenOf, localName, sameName, textOf, type XmlElement } from './tree';
import { isNil, isPlumbing, pathOf, unknownAttributes, unknownElement } from './unknown';

/**
 * `read`: a profile as Concur shows it; names in any case, aliases, empty = absent.
 * `write`: a POST as the schema has it; names exactly, empty = cleared (`null`, `[]`).
 */
export interface Decoding {
  readonly as: 'read' | 'write';
  /** What the table does not know, or what is no value of its kind, is added here. */
  readonly unknown: UnknownElement[];
}

type Decoded = Record<string, unknown>;

interface Found {
  readonly element: XmlElement;
  /** Which of its parent's elements of that name it is, from 1. */
  readonly ordinal: number;
}

/** The elements below `parent` that the table names, as JSON; the rest goes to `decoding.unknown`. */
export function decodeChildren(
  children: Children,
  parent: XmlElement,
  decoding: Decoding,
  path: string,
): Decoded {
  const decoded: Decoded = {};
  const found = new Map<string, Found[]>();
  const ordinals = new Map<string, number>();
  const names = namesOf(children);
  for (const child of parent.content) {
    if (typeof child === 'string') continue;
    const name = readName(child.name);
    const ordinal = (ordinals.get(name) ?? 0) + 1;
    ordinals.set(name, ordinal);
    const key = decoding.as === 'write' ? names.write.get(child.name) : names.read.get(name);
    if (key === undefined) decoding.unknown.push(...unknownElement(child, path, ordinal));
    else {
      const same = found.get(key);
      if (same === undefined) found.set(key, [{ element: child, ordinal }]);
      else same.push({ element: child, ordinal });
    }
  }
  if (found.size === 0) return decoded;
  for (const [key, node] of names.entries) {
    const elements = found.get(key);
    if (elements === undefined) continue;
    const value = decodeNode(node, elements, decoding, path);
    if (value !== undefined) decoded[key] = value;
  }
  return decoded;
}

function decodeNode(node: Node, found: readonly Found[], decoding: Decoding, path: string): unknown {
  if (node.node === 'list') return decodeList(node, found, decoding, path);
  if (node.node === 'leaf') return decodeLeaf(node, found, decoding, path);
  const last = lastOf(found, decoding, path, (candidate) => childrenOf(candidate.element).length > 0);
  if (decoding.as === 'write' && isNil(last.element)) return null;
  const inner = pathOf(path, node.xml, last.ordinal);
  decoding.unknown.push(...strayText(last.element, path), ...unknownAttributes(last.element, inner));
  const decoded = decodeChildren(node.children, last.element, decoding, below(path, node.xml));
  return decoding.as === 'read' && Object.keys(decoded).length === 0 ? undefined : decoded;
}

/** Text where the table has elements only. */
function strayText(of: XmlElement, path: string): UnknownElement[] {
  const value = textOf(of);
  return value === '' ? [] : [{ path, name: localName(of.name), value }];
}

/** Of a repeated element the last one that says something counts; the others are kept as unknown. */
function lastOf(
  found: readonly Found[],
  decoding: Decoding,
  path: string,
  saysSomething: (candidate: Found) => boolean,
): Found {
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const candidates = found.filter(saysSomething);
  const last = candidates.at(-1) ?? found.at(-1);
  if (last === undefined) throw new RangeError('no element to choose from');
  for (const other of found) {
    if (other !== last) decoding.unknown.push(...unknownElement(other.element, path, other.ordinal));
  }
  return last;
}

function decodeLeaf(leaf: Leaf, found: readonly Found[], decoding: Decoding, path: string): unknown {
  const valueOf = ({ element }: Found): Scalar | undefined => {
    const text = textOf(element);
    return text === '' || isNil(element) ? undefined : parseLeaf(leaf, text, decoding.as === 'read');
  };
  const last = lastOf(found, decoding, path, (candidate) => valueOf(candidate) !== undefined);
  const value = valueOf(last);
  if (value !== undefined) {
    keepExtras(last, decoding, path);
    return value;
  }
  if (decoding.as === 'write' && isCleared(leaf, last.element)) return null;
  keepUnparsed(last, decoding, path);
  return undefined;
}

/** A text is cleared by an empty element, anything else by `xsi:nil` (docs/concur.md §3, Writing). */
function isCleared(leaf: Leaf, of: XmlElement): boolean {
  return isNil(of) || (leaf.kind === 'text' && textOf(of) === '' && childrenOf(of).length === 0);
}

function keepExtras({ element, ordinal }: Found, decoding: Decoding, path: string): void {
  const inner = pathOf(path, localName(element.name), ordinal);
  decoding.unknown.push(...unknownAttributes(element, inner));
  for (const child of childrenOf(element)) decoding.unknown.push(...unknownElement(child, inner, 1));
}

function keepUnparsed({ element, ordinal }: Found, decoding: Decoding, path: string): void {
  const kept = unknownElement(element, path, ordinal);
  if (kept.length > 0) decoding.unknown.push(...kept);
  // In a write an empty number or date is no clearing but an error, which must not get lost.
  else if (decoding.as === 'write') decoding.unknown.push({ path, name: element.name, value: '' });
}

function decodeList(list: List, found: readonly Found[], decoding: Decoding, path: string): unknown {
  const containerPath = below(path, list.xml);
  const items: Decoded[] = [];
  for (const { element: container } of found) {
    decoding.unknown.push(...strayText(container, path), ...unknownAttributes(container, containerPath));
    for (const child of childrenOf(container)) {
      const isItem = decoding.as === 'write' ? child.name === list.item : sameName(child.name, list.item);
      if (!isItem) {
        decoding.unknown.push(...unknownElement(child, containerPath, 1));
        continue;
      }
      const item = decodeItem(list, child, decoding, `${containerPath}/${list.item}[${items.length + 1}]`);
      if (item !== undefined) items.push(item);
    }
  }
  return items.length === 0 && decoding.as === 'read' ? undefined : items;
}

/** @returns undefined in a read where nothing stands in the element but what sort of element it is */
function decodeItem(list: List, item: XmlElement, decoding: Decoding, path: string): Decoded | undefined {
  const unknownBefore = decoding.unknown.length;
  const elements = list.children;
  const decoded = decodeAttributes(elements, item, decoding, path);
  const { content: contentLeaf, hasAttributesOnly } = namesOf(elements);
  // An element that has attributes only says something by them.
  let saysSomething = hasAttributesOnly && Object.keys(decoded).length > 0;
  if (contentLeaf !== undefined) {
    const [key, leaf] = contentLeaf;
    const text = textOf(item);
    const value = text === '' ? undefined : parseLeaf(leaf, text, decoding.as === 'read');
    if (value !== undefined) decoded[key] = value;
    saysSomething = value !== undefined;
  }
  const fromElements = decodeChildren(elements, item, decoding, path);
  for (const [key, value] of Object.entries(fromElements)) {
    // Within a list element there is nothing to clear: an empty child is one that is not there.
    if (value === null) continue;
    saysSomething ||= elements[key]?.at !== 'attribute';
    decoded[key] ??= value;
  }
  const isKept = decoding.as === 'write' || saysSomething || decoding.unknown.length > unknownBefore;
  return isKept ? inTableOrder(list, decoded) : undefined;
}

function inTableOrder(list: List, item: Decoded): Decoded {
  const keys = Object.keys(list.children).filter((key) => item[key] !== undefined);
  return Object.fromEntries(keys.map((key) => [key, item[key]]));
}

/** The attributes of an element that the table names, as JSON; the rest goes to `decoding.unknown`. */
export function decodeAttributes(
  children: List['children'],
  item: XmlElement,
  decoding: Decoding,
  path: string,
): Decoded {
  const decoded: Decoded = {};
  const { attributesRead, attributesWrite } = namesOf(children);
  for (const attribute of item.attributes) {
    if (isPlumbing(attribute)) continue;
    const { name, value } = attribute;
    const [key, leaf] =
      (decoding.as === 'write' ? attributesWrite.get(name) : attributesRead.get(readName(name))) ?? [];
    const text = value.trim();
    if (text === '' && decoding.as === 'read') continue;
    const parsed =
      leaf === undefined || text === '' ? undefined : parseLeaf(leaf, text, decoding.as === 'read');
    if (key === undefined || parsed === undefined) decoding.unknown.push({ path, name: `@${name}`, value });
    else decoded[key] = parsed;
  }
  return decoded;
}
