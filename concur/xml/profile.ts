import {
  PASSWORD_XML,
  PROFILE_ELEMENTS,
  type ProfileSections,
  type ProfileStatus,
  type SectionChanges,
  type UnknownElement,
} from '../../profile';
import { ConcurUnreadable, ConcurUnwritable } from '../errors';
import { type ConcurProfile, type ProfileWrite } from '../types';
import { decodeChildren, type Decoding } from './decode';
import { encodeChildren } from './encode';
import {
  attributeNamed,
  childrenOf,
  element,
  localName,
  parseDocument,
  sameName,
  textOf,
  toDocument,
  type XmlElement,
  XSI,
} from './tree';
import { insertUnknown, isPlumbing } from './unknown';

const ROOT = 'ProfileResponse';

/** A POST as the receiving side sees it. */
export interface DecodedProfileWrite {
  /** Absent where the document has none or one that the schema does not know. */
  readonly action?: ProfileWrite['action'];
  /** `''` where the document has none. */
  readonly loginId: string;
  readonly status?: ProfileStatus;
  /** `null` = cleared (empty text or nil), `[]` = empty container. */
  readonly changes: SectionChanges;
  readonly password?: string;
  /** What the schema does not know, in name, case or kind: the service refuses the whole document. */
  readonly unknown: readonly UnknownElement[];
}

/**
 * The body of a profile POST: only what is to be changed, in the schema's order, without read-only
 * elements (docs/concur.md §3, Writing).
 * @throws ConcurUnwritable where the change cannot be said: a control character, a value of the wrong
 *   kind, a list element that lacks a required child, an enumerated element that is to be cleared
 */
export function encodeProfileWrite(write: ProfileWrite): string {
  const content = encodeChildren(PROFILE_ELEMENTS, write.sections, 'write', '');
  if (write.password !== undefined) {
    if (write.action !== 'Create') {
      throw new ConcurUnwritable('A password can only be set when a profile is created.', PASSWORD_XML);
    }
    content.push(element(PASSWORD_XML, [write.password]));
  }
  const attributes = [
    XSI,
    { name: 'Action', value: write.action },
    { name: 'Status', value: statusText(write.status) },
    { name: 'LoginId', value: write.loginId },
  ];
  return toDocument(element(ROOT, content, attributes));
}

/** A profile as Concur would show it, read-only and unknown elements included. */
export function encodeProfileRead(profile: ConcurProfile): string {
  const { general } = profile.sections;
  const uuid = general?.uuid ?? profile.uuid;
  const sections =
    uuid === undefined ? profile.sections : { ...profile.sections, general: { ...general, uuid } };
  const root = element(ROOT, encodeChildren(PROFILE_ELEMENTS, sections, 'read', ''), [
    XSI,
    ...(profile.status === undefined ? [] : [{ name: 'Status', value: statusText(profile.status) }]),
    { name: 'LoginId', value: profile.loginId },
  ]);
  insertUnknown(root, profile.unknown);
  return toDocument(root);
}

/**
 * A profile as Concur sent it. Tolerant: what the table does not know, and what is no value of its kind,
 * is kept in `unknown` and never an error (docs/concur.md §3, Reading).
 * @param askedFor the login that was asked for, where the document may lack it
 * @throws ConcurUnreadable where the XML is cut off or malformed, is no profile or names no login
 */
export function decodeProfile(xml: string, askedFor?: string): ConcurProfile {
  return profileIn(profileRoot(xml), askedFor);
}

/**
 * The profile in a document that was parsed.
 * @param kept what the caller has taken out of the document because the table has no place for it
 * @throws ConcurUnreadable where it names no login
 */
export function profileIn(
  root: XmlElement,
  askedFor: string | undefined,
  kept: readonly UnknownElement[] = [],
): ConcurProfile {
  const unknown: UnknownElement[] = [...kept];
  const loginId = attributeNamed(root, 'LoginId')?.trim() || askedFor;
  if (loginId === undefined) {
    throw new ConcurUnreadable('The profile that Concur sent names no login. Nothing of it was used.');
  }
  const status = statusOf(root, unknown);
  for (const attribute of root.attributes) {
    if (isPlumbing(attribute) || isKnownAttribute(attribute.name) || attribute.value.trim() === '') continue;
    unknown.push({ path: '', name: `@${attribute.name}`, value: attribute.value });
  }
  // A password is never shown; should one be, it is kept nowhere.
  const shown = { ...root, content: root.content.filter((part) => !isPassword(part)) };
  const sections = sectionsOf(shown, { as: 'read', unknown });
  const uuid = sections.general?.uuid;
  return {
    loginId,
    ...(status === undefined ? {} : { status }),
    ...(uuid === undefined ? {} : { uuid }),
    sections,
    unknown,
  };
}

/**
 * A profile POST as the service reads it: names exactly as in the schema, `null` and `[]` where something
 * is cleared, everything else that is wrong in `unknown`.
 * @throws ConcurUnreadable where the XML is cut off or malformed or is no profile
 */
export function decodeProfileWrite(xml: string): DecodedProfileWrite {
  const root = profileRoot(xml);
  const unknown: UnknownElement[] = [];
  const status = statusOf(root, unknown);
  const action = attributeNamed(root, 'Action');
  const known = action === 'Create' || action === 'Update' ? action : undefined;
  if (action !== undefined && known === undefined) unknown.push({ path: '', name: '@Action', value: action });
  const password = childrenOf(root).find((child) => child.name === PASSWORD_XML);
  const rest = { ...root, content: root.content.filter((part) => part !== password) };
  return {
    ...(known === undefined ? {} : { action: known }),
    loginId: attributeNamed(root, 'LoginId')?.trim() ?? '',
    ...(status === undefined ? {} : { status }),
    changes: changesOf(rest, { as: 'write', unknown }),
    ...(password === undefined ? {} : { password: textOf(password) }),
    unknown,
  };
}

// The compiler cannot follow a loop over the table: that what the walker makes has the shape of these
// types, which are derived from the same table, is what the round-trip properties test.
function sectionsOf(root: XmlElement, decoding: Decoding): ProfileSections {
  return decodeChildren(PROFILE_ELEMENTS, root, decoding, '');
}

function changesOf(root: XmlElement, decoding: Decoding): SectionChanges {
  return decodeChildren(PROFILE_ELEMENTS, root, decoding, '');
}

/** @throws ConcurUnreadable where the XML is cut off or malformed or is no profile */
export function profileRoot(xml: string): XmlElement {
  const root = parseDocument(xml);
  if (!sameName(root.name, ROOT)) {
    throw new ConcurUnreadable(`Concur sent another document than a profile. Nothing of it was used.`);
  }
  return root;
}

function isKnownAttribute(name: string): boolean {
  return ['status', 'loginid', 'action'].includes(localName(name).toLowerCase());
}

function isPassword(part: string | XmlElement): boolean {
  return typeof part !== 'string' && sameName(part.name, PASSWORD_XML);
}

function statusOf(root: XmlElement, unknown: UnknownElement[]): ProfileStatus | undefined {
  const text = attributeNamed(root, 'Status')?.trim() ?? '';
  const status = parseStatus(text);
  if (status === undefined && text !== '') unknown.push({ path: '', name: '@Status', value: text });
  return status;
}

/** `Active`/`Inactive` in any case, and as a flag. */
export function parseStatus(text: string): ProfileStatus | undefined {
  const word = text.trim().toLowerCase();
  if (word === 'active' || word === 'true' || word === '1') return 'active';
  return word === 'inactive' || word === 'false' || word === '0' ? 'inactive' : undefined;
}

export function statusText(status: ProfileStatus): string {
  return status === 'active' ? 'Active' : 'Inactive';
}
