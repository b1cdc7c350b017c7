import { type Node, PROFILE_ELEMENTS, version1 } from '../../profile';
import { type ConcurProfile } from '../types';
import { encodeChildren, isJsonObject, type JsonObject } from './encode';
import { statusText } from './profile';
import {
  attributeNamed,
  childNamed,
  childrenOf,
  element,
  sameName,
  textOf,
  toDocument,
  type XmlElement,
} from './tree';
import { insertUnknown } from './unknown';
import { elementsAt, remove, splitPath } from './version-1';

const ROOT = 'ProfileResponse';
const BOOLEANS: ReadonlySet<string> = new Set(Object.values(PROFILE_ELEMENTS).flatMap(booleansIn));

/**
 * A profile in the form of Travel Profile v1, as the sandbox shows it: the table of differences read the
 * other way round. What v1 has no element or no code for is left out.
 * @param unique the attribute `Unique` of the root; v1 names no login
 */
export function encodeProfileReadV1(
  profile: Pick<ConcurProfile, 'status' | 'sections' | 'unknown'>,
  unique: string,
): string {
  const shown = version1.HIDDEN_IN_VERSION_1.reduce(
    (sections, path) => without(sections, path.split('.')),
    withoutHiddenFields(profile.sections),
  );
  const root = element(ROOT, encodeChildren(PROFILE_ELEMENTS, shown, 'read', ''), [
    ...(profile.status === undefined ? [] : [{ name: 'Status', value: statusText(profile.status) }]),
    { name: 'Unique', value: unique },
  ]);
  for (const moved of version1.MOVED) moveBack(root, moved);
  for (const joined of version1.JOINED) split(root, joined);
  for (const [path, name] of Object.entries(version1.SPELLED)) {
    for (const spelled of elementsAt(root, path)) spelled.name = name;
  }
  for (const coded of version1.CODED) encodeWords(root, coded);
  primaryPhones(root);
  capitalise(root);
  insertUnknown(root, profile.unknown);
  return toDocument(root);
}

function booleansIn(node: Node): string[] {
  if (node.node === 'leaf') return node.kind === 'boolean' ? [node.xml.toLowerCase()] : [];
  return Object.values(node.children).flatMap((child: Node) => booleansIn(child));
}

function without(sections: JsonObject, [name = '', ...below]: readonly string[]): JsonObject {
  const value = sections[name];
  const { [name]: _, ...rest } = sections;
  if (below.length === 0) return rest;
  return isJsonObject(value) ? { ...rest, [name]: without(value, below) } : sections;
}

function withoutHiddenFields(sections: JsonObject, path = ''): JsonObject {
  const entries = Object.entries(sections).map(([name, value]): [string, unknown] => {
    const at = path === '' ? name : `${path}.${name}`;
    if (isJsonObject(value)) return [name, withoutHiddenFields(value, at)];
    const hidden = version1.HIDDEN_FIELDS_IN_VERSION_1[at] ?? [];
    if (!Array.isArray(value) || hidden.length === 0) return [name, value];
    const items: readonly unknown[] = value;
    const shown = items.map((item) =>
      isJsonObject(item) ? hidden.reduce((rest, field) => without(rest, [field]), item) : item,
    );
    return [name, shown];
  });
  return Object.fromEntries(entries);
}

function moveBack(root: XmlElement, moved: version1.MovedValue): void {
  for (const holder of elementsAt(root, moved.in)) {
    const value = takeFrom(holder, moved.to);
    if (value === '') continue;
    const { parent: path, name } = splitPath(moved.from);
    let [parent] = elementsAt(holder, path);
    if (parent === undefined) {
      parent = element(path);
      holder.content.push(parent);
    }
    parent.content.push(element(name, [value]));
  }
}

/** The value that stands there, which then stands there no longer. */
function takeFrom(holder: XmlElement, at: string): string {
  if (at === '#text') {
    const value = textOf(holder);
    holder.content = childrenOf(holder);
    return value;
  }
  if (at.startsWith('@')) {
    const value = attributeNamed(holder, at.slice(1)) ?? '';
    holder.attributes = holder.attributes.filter(({ name }) => !sameName(name, at.slice(1)));
    return value;
  }
  const { parent: path, name } = splitPath(at);
  const [parent] = elementsAt(holder, path);
  const source = parent === undefined ? undefined : childNamed(parent, name);
  if (parent === undefined || source === undefined) return '';
  remove(parent, source);
  if (parent !== holder && childrenOf(parent).length === 0) remove(holder, parent);
  return textOf(source);
}

function split(root: XmlElement, joined: (typeof version1.JOINED)[number]): void {
  for (const parent of elementsAt(root, joined.in)) {
    const [first = '', second = '', ...rest] = takeFrom(parent, joined.to).split('\n');
    const lines = [first, second, rest.join(' ')];
    for (const [index, name] of joined.from.entries()) {
      const line = lines[index] ?? '';
      parent.content.push(element(name, line === '' ? [] : [line]));
    }
  }
}

function encodeWords(root: XmlElement, { at, codes }: version1.CodedValue): void {
  // Without codes of its own v1 shows the table's words.
  if (Object.keys(codes).length === 0) return;
  const { parent: path } = splitPath(at);
  for (const parent of elementsAt(root, path)) {
    for (const coded of childrenOf(parent).filter((child) => sameName(child.name, splitPath(at).name))) {
      const code = codeOf(codes, textOf(coded));
      if (code === undefined) remove(parent, coded);
      else coded.content = [code];
    }
  }
}

/** Integer-like codes come first in an object, so that the order of writing decides only among letters. */
function codeOf(codes: Readonly<Record<string, string>>, word: string): string | undefined {
  return Object.entries(codes).find(([, meaning]) => meaning === word)?.[0];
}

function primaryPhones(root: XmlElement): void {
  const { at, type, flag } = version1.PRIMARY_PHONE;
  for (const phone of elementsAt(root, at)) {
    const isPrimary = attributeNamed(phone, flag) === 'true';
    phone.attributes = phone.attributes
      .filter(({ name }) => !sameName(name, flag))
      .map((attribute) =>
        isPrimary && attribute.name === 'Type' ? { ...attribute, value: type } : attribute,
      );
  }
}

/** `True` and `False`, as v1 writes most of them. */
function capitalise(of: XmlElement): void {
  const isBoolean = BOOLEANS.has(of.name.toLowerCase()) || of.name === 'preferRestaraunt';
  if (isBoolean) of.content = of.content.map((part) => (typeof part === 'string' ? capital(part) : part));
  of.attributes = of.attributes.map((attribute) =>
    BOOLEANS.has(attribute.name.toLowerCase())
      ? { ...attribute, value: capital(attribute.value) }
      : attribute,
  );
  for (const child of childrenOf(of)) capitalise(child);
}

function capital(text: string): string {
  if (text === 'true') return 'True';
  return text === 'false' ? 'False' : text;
}
