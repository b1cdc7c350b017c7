import { type Children, type Group, type Leaf, type List, type Node } from '../../profile';
import { ConcurUnwritable } from '../errors';
import { formatLeaf } from './leaves';
import { element, type XmlAttribute, type XmlElement } from './tree';

/** JSON of a section as the walker sees it: the table, not the type, says what is in it. */
export type JsonObject = Readonly<Record<string, unknown>>;

/**
 * `write`: what a POST may hold (docs/concur.md §3, Writing). `read`: everything, as Concur shows it.
 */
export type Direction = 'write' | 'read';

const NIL: XmlAttribute = { name: 'xsi:nil', value: 'true' };

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Values as elements, in the order of the table.
 * @throws ConcurUnwritable where a value cannot be said in the schema
 */
export function encodeChildren(
  children: Children,
  values: JsonObject,
  direction: Direction,
  path: string,
): XmlElement[] {
  return Object.entries(children).flatMap(([key, node]) => {
    const value = values[key];
    return value === undefined ? [] : encodeNode(node, value, direction, below(path, node.xml));
  });
}

export function below(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`;
}

function encodeNode(node: Node, value: unknown, direction: Direction, path: string): XmlElement[] {
  if (node.node === 'leaf') return encodeLeaf(node, value, direction, path);
  if (node.node === 'list') return encodeList(node, value, direction, path);
  if (value === null) return direction === 'write' ? clearGroup(node) : [];
  if (!isJsonObject(value)) throw unwritable(path, 'must be an object', 'xml-wrong-kind');
  const content = encodeChildren(node.children, value, direction, path);
  return content.length === 0 ? [] : [element(node.xml, content)];
}

function encodeLeaf(leaf: Leaf, value: unknown, direction: Direction, path: string): XmlElement[] {
  if (direction === 'write' && leaf.readOnly === true) return [];
  if (value === null) {
    if (direction === 'read') return [];
    if (!isClearable(leaf)) {
      throw unwritable(path, 'cannot be cleared: the schema wants one of its words', 'xml-not-clearable');
    }
    return [clearedLeaf(leaf)];
  }
  const text = formatLeaf(leaf, value, path);
  return text === '' ? [] : [element(leaf.xml, [text])];
}

/** An enumerated element has no empty value, so that a POST cannot clear it. */
export function isClearable(leaf: Leaf): boolean {
  return leaf.readOnly !== true && leaf.values === undefined && leaf.required !== true;
}

function clearedLeaf(leaf: Leaf): XmlElement {
  const hasEmptyText = leaf.kind === 'text' && leaf.form === undefined;
  return hasEmptyText ? element(leaf.xml) : element(leaf.xml, [], [NIL]);
}

/** A whole group is cleared by clearing each of its elements that can be: an empty parent says nothing. */
function clearGroup(node: Group): XmlElement[] {
  const content = Object.values(node.children).flatMap((child) => {
    if (child.node === 'group') return clearGroup(child);
    if (child.node === 'list') return child.readOnly === true ? [] : [element(child.xml)];
    return isClearable(child) ? [clearedLeaf(child)] : [];
  });
  return content.length === 0 ? [] : [element(node.xml, content)];
}

function encodeList(list: List, value: unknown, direction: Direction, path: string): XmlElement[] {
  if (direction === 'write' && list.readOnly === true) return [];
  if (!Array.isArray(value)) throw unwritable(path, 'must be a list', 'xml-wrong-kind');
  const values: readonly unknown[] = value;
  if (values.length === 0) return direction === 'write' ? [element(list.xml)] : [];
  const items = values.flatMap((item, index) => {
    const itemPath = `${path}/${list.item}[${index + 1}]`;
    if (!isJsonObject(item)) throw unwritable(itemPath, 'must be an object', 'xml-wrong-kind');
    return encodeItem(list, item, direction, itemPath);
  });
  // An empty container would clear the list, which only `[]` asks for.
  return items.length === 0 ? [] : [element(list.xml, items)];
}

function encodeItem(list: List, item: JsonObject, direction: Direction, path: string): XmlElement[] {
  if (direction === 'write' && isReadOnlyItem(list, item)) return [];
  const encoded = element(list.item);
  for (const [key, leaf] of Object.entries(list.children)) {
    const text = direction === 'write' && leaf.readOnly === true ? '' : leafText(leaf, item[key], path);
    if (text === '') {
      if (direction === 'read') continue;
      // An element without its text would clear what it names.
      if (leaf.at === 'content') return [];
      if (leaf.required === true && leaf.readOnly !== true) {
        throw unwritable(path, `lacks ${leaf.xml}, which the schema requires`, 'xml-required');
      }
    } else if (leaf.at === 'attribute') {
      encoded.attributes.push({ name: leaf.xml, value: text });
    } else {
      encoded.content.push(leaf.at === 'content' ? text : element(leaf.xml, [text]));
    }
  }
  return [encoded];
}

function leafText(leaf: Leaf, value: unknown, path: string): string {
  if (value === undefined) return '';
  const at =
    leaf.at === 'attribute' ? `${path}/@${leaf.xml}` : leaf.at === 'content' ? path : `${path}/${leaf.xml}`;
  return formatLeaf(leaf, value, at);
}

/** An element of a type that only reads show, e.g. the supervisor's e-mail address. */
function isReadOnlyItem(list: List, item: JsonObject): boolean {
  return Object.entries(list.children).some(([key, leaf]) => {
    const value = item[key];
    return typeof value === 'string' && (leaf.readOnlyValues ?? []).includes(value);
  });
}

function unwritable(path: string, why: string, code: string): ConcurUnwritable {
  return new ConcurUnwritable(`${path} ${why}. Correct it in the hub.`, path, { code });
}
