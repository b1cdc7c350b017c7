import {
  childrenOf,
  encodeProfileWrite,
  isConcurUnwritable,
  parseDocument,
  textOf,
  toDocument,
  type XmlElement,
} from '../../concur/xml';
import { MASK, maskSections } from '../../hub';
import { type Children, type Leaf, PROFILE_ELEMENTS, type SectionChanges } from '../../profile';

/** Nothing that could be a password stands in a plan: one is made when a create is sent. */
const PASSWORD_SHOWN = '(set at sending)';

export interface PlannedWrite {
  readonly action: 'Create' | 'Update';
  readonly loginId: string;
  readonly status: 'active' | 'inactive';
  readonly sections: SectionChanges;
}

export interface RenderedPlan {
  readonly xml: string | null;
  readonly problem: { readonly code: string; readonly field: string } | null;
}

/**
 * The body of the POST that was planned, by the encoder that sends it.
 * @param showSensitive false: numbers of documents are masked as in GET, a birth date is hidden whole
 */
export function renderPlan(plan: PlannedWrite, showSensitive: boolean): RenderedPlan {
  const password = plan.action === 'Create' ? { password: PASSWORD_SHOWN } : {};
  try {
    const xml = encodeProfileWrite({ ...plan, ...password });
    return { xml: showSensitive ? xml : masked(xml), problem: null };
  } catch (error) {
    if (!isConcurUnwritable(error)) throw error;
    return { xml: null, problem: { code: error.code, field: error.path } };
  }
}

/** Masked after encoding, because a mask is no date that the encoder would take. */
function masked(xml: string): string {
  const root = parseDocument(xml);
  maskWithin(root);
  return toDocument(root);
}

function maskWithin(parent: XmlElement): void {
  for (const child of childrenOf(parent)) {
    const leaf = SENSITIVE.get(child.name);
    const text = textOf(child);
    if (leaf === undefined) maskWithin(child);
    else if (text !== '') child.content = [leaf.kind === 'date' ? MASK : maskedNumber(text)];
  }
}

/** The hub's own mask, so that both places show the same. */
function maskedNumber(text: string): string {
  const [shown] = maskSections({ passports: [{ passportNumber: text }] }).passports ?? [];
  return shown?.passportNumber ?? MASK;
}

const SENSITIVE = sensitiveLeaves(PROFILE_ELEMENTS);

/** XML name → leaf; the names are unlike those of all other elements. */
function sensitiveLeaves(children: Children): Map<string, Leaf> {
  const found = new Map<string, Leaf>();
  for (const node of Object.values(children)) {
    if (node.node !== 'leaf')
      for (const [name, leaf] of sensitiveLeaves(node.children)) found.set(name, leaf);
    else if (node.sensitive === true) found.set(node.xml, node);
  }
  return found;
}
