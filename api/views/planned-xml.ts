import {
  childrenOf,
  encodeCardsWrite,
  encodeProfileWrite,
  isConcurUnwritable,
  parseDocument,
  textOf,
  toDocument,
  type XmlElement,
} from '../../concur/xml';
import { MASK, maskSections } from '../../hub';
import {
  type AnyChildren,
  CARDS,
  type CreditCardContent,
  type Leaf,
  PROFILE_ELEMENTS,
  type SectionChanges,
} from '../../profile';

/** Nothing that could be a password stands in a plan: one is made when a create is sent. */
const PASSWORD_SHOWN = '(set at sending)';

export interface PlannedWrite {
  readonly action: 'Create' | 'Update';
  readonly loginId: string;
  readonly status: 'active' | 'inactive';
  readonly sections: SectionChanges;
  readonly cards?: readonly CreditCardContent[];
}

export interface RenderedPlan {
  readonly xml: string | null;
  readonly problem: { readonly code: string; readonly field: string } | null;
}

/**
 * The body of the POST that was planned, by the encoder that sends it.
 * @param showSensitive false: numbers of documents are masked as in GET, a birth date is hidden whole
 */
export function renderPlan({ cards: _cards, ...plan }: PlannedWrite, showSensitive: boolean): RenderedPlan {
  const password = plan.action === 'Create' ? { password: PASSWORD_SHOWN } : {};
  return rendered(() => encodeProfileWrite({ ...plan, ...password }), showSensitive ? undefined : OF_PROFILE);
}

/** The body of the POST of cards that follows: numbers masked as in GET, unless they may be seen. */
export function renderCards({ loginId, cards = [] }: PlannedWrite, showSensitive: boolean): RenderedPlan {
  return rendered(() => encodeCardsWrite(loginId, cards), showSensitive ? undefined : OF_CARDS);
}

function rendered(encode: () => string, hidden: SensitiveLeaves | undefined): RenderedPlan {
  try {
    const xml = encode();
    return { xml: hidden === undefined ? xml : masked(xml, hidden), problem: null };
  } catch (error) {
    if (!isConcurUnwritable(error)) throw error;
    return { xml: null, problem: { code: error.code, field: error.path } };
  }
}

/** Masked after encoding, because a mask is no date that the encoder would take. */
function masked(xml: string, hidden: SensitiveLeaves): string {
  const root = parseDocument(xml);
  maskWithin(root, hidden);
  return toDocument(root);
}

function maskWithin(parent: XmlElement, hidden: SensitiveLeaves): void {
  for (const child of childrenOf(parent)) {
    const leaf = hidden.get(child.name);
    const text = textOf(child);
    if (leaf === undefined) maskWithin(child, hidden);
    else if (text !== '') child.content = [leaf.kind === 'date' ? MASK : maskedNumber(text)];
  }
}

/** The hub's own mask, so that both places show the same. */
function maskedNumber(text: string): string {
  const [shown] = maskSections({ passports: [{ passportNumber: text }] }).passports ?? [];
  return shown?.passportNumber ?? MASK;
}

type SensitiveLeaves = ReadonlyMap<string, Leaf>;

const OF_PROFILE: SensitiveLeaves = sensitiveLeaves(PROFILE_ELEMENTS);
const OF_CARDS: SensitiveLeaves = sensitiveLeaves(CARDS.children);

/** XML name → leaf; within one document the names are unlike those of all other elements. */
function sensitiveLeaves(children: AnyChildren): Map<string, Leaf> {
  const found = new Map<string, Leaf>();
  for (const node of Object.values(children)) {
    if (node.node !== 'leaf')
      for (const [name, leaf] of sensitiveLeaves(node.children)) found.set(name, leaf);
    else if (node.sensitive === true) found.set(node.xml, node);
  }
  return found;
}
