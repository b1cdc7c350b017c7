import { type UnknownElement, version1 } from '../../profile';
import { type ConcurProfile } from '../types';
import { profileIn, profileRoot } from './profile';
import { attributeNamed, childNamed, childrenOf, element, sameName, textOf, type XmlElement } from './tree';
import { unknownElement } from './unknown';

const NOT_A_DIGIT = /\D/g;

/**
 * A profile as Travel Profile v1 sent it, in the same model as v2's (docs/concur.md §5). What has no
 * counterpart in v2 is kept in `unknown`, where it is shown and never written.
 * @param askedFor the login that was asked for: v1 does not name it. `''` where it is not known.
 * @throws ConcurUnreadable where the XML is cut off or malformed or is no profile
 */
export function decodeProfileV1(xml: string, askedFor: string): ConcurProfile {
  const root = profileRoot(xml);
  const kept: UnknownElement[] = [];
  keepOtherTypes(root, kept);
  primaryPhones(root, kept);
  for (const coded of version1.CODED) decodeWords(root, coded, kept);
  for (const beside of version1.BESIDE_THEIR_LIST) collect(root, beside);
  for (const joined of version1.JOINED) join(root, joined);
  for (const moved of version1.MOVED) move(root, moved);
  return { ...profileIn(root, askedFor, kept), apiVersion: 1 };
}

/** All elements at a path of names from `from`, in whatever case. */
export function elementsAt(from: XmlElement, path: string): XmlElement[] {
  const names = path === '' ? [] : path.split('/');
  return names.reduce<XmlElement[]>(
    (parents, name) => parents.flatMap((parent) => childrenOf(parent).filter((c) => sameName(c.name, name))),
    [from],
  );
}

/** A path's parent and its last name. */
export function splitPath(path: string): { readonly parent: string; readonly name: string } {
  const at = path.lastIndexOf('/');
  return { parent: path.slice(0, Math.max(0, at)), name: path.slice(at + 1) };
}

export function remove(parent: XmlElement, child: XmlElement): void {
  parent.content = parent.content.filter((part) => part !== child);
}

/** Takes each such element at the path out of the document and keeps all that it says. */
function takeOut(
  root: XmlElement,
  path: string,
  kept: UnknownElement[],
  hasNoPlace: (child: XmlElement) => boolean,
): void {
  const { parent: parentPath, name } = splitPath(path);
  for (const parent of elementsAt(root, parentPath)) {
    const named = childrenOf(parent).filter((child) => sameName(child.name, name));
    const out = new Set<string | XmlElement>(named.filter(hasNoPlace));
    // Ordinals are the document's, so nothing is taken out before all of it is kept.
    for (const [index, child] of named.entries()) {
      if (out.has(child)) kept.push(...unknownElement(child, parentPath, index + 1));
    }
    parent.content = parent.content.filter((part) => !out.has(part));
  }
}

function keepOtherTypes(root: XmlElement, kept: UnknownElement[]): void {
  for (const { at, types } of version1.TYPED) {
    const known = types.map((type) => type.toLowerCase());
    takeOut(root, at, kept, (child) => {
      const type = attributeNamed(child, 'Type')?.trim().toLowerCase() ?? '';
      return type !== '' && !known.includes(type);
    });
  }
}

/** A number that stands there twice, as cell and as primary phone, is one phone. */
function primaryPhones(root: XmlElement, kept: UnknownElement[]): void {
  const { at, type, isType, flag } = version1.PRIMARY_PHONE;
  const typeOf = (phone: XmlElement): string => attributeNamed(phone, 'Type')?.trim().toLowerCase() ?? '';
  const phones = elementsAt(root, at);
  const primary = phones.filter((phone) => typeOf(phone) === type.toLowerCase());
  const numbers = new Set(primary.map(digitsOf));
  takeOut(root, at, kept, (phone) => typeOf(phone) === isType.toLowerCase() && numbers.has(digitsOf(phone)));
  for (const phone of primary) {
    const others = phone.attributes.filter(({ name }) => !sameName(name, 'Type') && !sameName(name, flag));
    phone.attributes = [...others, { name: 'Type', value: isType }, { name: flag, value: 'true' }];
  }
}

function digitsOf(phone: XmlElement): string {
  const number = childNamed(phone, 'PhoneNumber');
  return number === undefined ? '' : textOf(number).replace(NOT_A_DIGIT, '');
}

function decodeWords(
  root: XmlElement,
  { at, codes, words }: version1.CodedValue,
  kept: UnknownElement[],
): void {
  const meanings = new Map(
    [...words.map((word): [string, string] => [word, word]), ...Object.entries(codes)].map(([said, word]) => [
      said.toLowerCase(),
      word,
    ]),
  );
  const meaning = (of: XmlElement): string | undefined => meanings.get(textOf(of).toLowerCase());
  takeOut(root, at, kept, (child) => textOf(child) !== '' && meaning(child) === undefined);
  for (const coded of elementsAt(root, at)) {
    const word = meaning(coded);
    if (word !== undefined) coded.content = [word];
  }
}

function collect(root: XmlElement, beside: (typeof version1.BESIDE_THEIR_LIST)[number]): void {
  for (const parent of elementsAt(root, beside.in)) {
    const items = childrenOf(parent).filter((child) => sameName(child.name, beside.item));
    if (items.length === 0) continue;
    const list = childNamed(parent, beside.list) ?? element(beside.list);
    parent.content = parent.content.filter(
      (part) => typeof part === 'string' || (part !== list && !items.includes(part)),
    );
    parent.content.push({ ...list, content: [...list.content, ...items] });
  }
}

function join(root: XmlElement, joined: (typeof version1.JOINED)[number]): void {
  for (const parent of elementsAt(root, joined.in)) {
    if (childNamed(parent, joined.to) !== undefined) continue;
    const parts = joined.from.map((name) => childNamed(parent, name)).filter((part) => part !== undefined);
    const lines = parts.map(textOf).filter((line) => line !== '');
    for (const part of parts) remove(parent, part);
    if (lines.length > 0) parent.content.push(element(joined.to, [lines.join('\n')]));
  }
}

/** Where the place is taken already, the value stays where it stood and is kept as unknown. */
function move(root: XmlElement, moved: version1.MovedValue): void {
  for (const holder of elementsAt(root, moved.in)) {
    const { parent: path, name } = splitPath(moved.from);
    for (const parent of elementsAt(holder, path)) {
      const source = childNamed(parent, name);
      const value = source === undefined ? '' : textOf(source);
      if (source === undefined || value === '' || childrenOf(source).length > 0) continue;
      if (place(holder, moved.to, value)) remove(parent, source);
    }
  }
}

/** @returns false where something stands there */
function place(holder: XmlElement, to: string, value: string): boolean {
  if (to === '#text') {
    if (textOf(holder) !== '') return false;
    holder.content.push(value);
    return true;
  }
  if (to.startsWith('@')) {
    if ((attributeNamed(holder, to.slice(1)) ?? '') !== '') return false;
    holder.attributes.push({ name: to.slice(1), value });
    return true;
  }
  const { parent: path, name } = splitPath(to);
  const [parent = added(holder, path)] = elementsAt(holder, path);
  const known = childNamed(parent, name);
  if (known !== undefined && textOf(known) !== '') return false;
  if (known !== undefined) remove(parent, known);
  parent.content.push(element(name, [value]));
  return true;
}

function added(holder: XmlElement, name: string): XmlElement {
  const child = element(name);
  holder.content.push(child);
  return child;
}
