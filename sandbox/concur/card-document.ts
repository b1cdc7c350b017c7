import { CARDS_ROOT_XML, CARDS_XML, type Children, CREDIT_CARD } from '../../profile';
import { elementsOf, type ElementModel } from './document-model';
import { checkChildren } from './schema-check';
import { type Changes, readChildren } from './write-document';
import { type XmlElement, XmlViolation } from './xml-tree';

const TABLE: Children = CREDIT_CARD.children;
const MONTH = /^\d{4}-(?:0[1-9]|1[0-2])$/;
const { displayName, expDate, segments } = CREDIT_CARD.children;

const PLAIN = { field: '', required: false, repeated: false, readOnly: false, attributes: [] } as const;

const CARD: ElementModel = {
  ...PLAIN,
  xml: CREDIT_CARD.xml,
  kind: 'item',
  repeated: true,
  attributes: [{ xml: displayName.xml, field: 'displayName', leaf: displayName }],
  children: elementsOf(CREDIT_CARD.xml, TABLE),
};
const CARDS: ElementModel = { ...PLAIN, xml: CARDS_XML, kind: 'list', required: true, children: [CARD] };

/** A POST of cards that fits the schema. */
export interface CardsDocument {
  readonly loginId: string;
  readonly cards: readonly Changes[];
  /** True where a segment says `Mandatory`, which only a read may. */
  readonly hasMandatory: boolean;
}

/**
 * Order, unknown elements, words and required children (docs/concur.md §4).
 * @throws XmlViolation at the first fault
 */
export function readCardsDocument(root: XmlElement): CardsDocument {
  if (root.name !== CARDS_ROOT_XML) throw new XmlViolation(root.at, `${root.name} is not expected`);
  checkChildren(root, [CARDS]);
  const items = root.children.flatMap((container) => container.children);
  for (const item of items) demandMonth(item);
  return {
    loginId: (root.attributes.get('LoginId') ?? '').trim(),
    cards: items.map((item) => {
      const name = item.attributes.get(displayName.xml);
      const own: Changes = name === undefined ? {} : { displayName: name.trim() === '' ? null : name };
      return { ...own, ...readChildren(item, CARD.children) };
    }),
    hasMandatory: items.some((item) =>
      item.children
        .filter(({ name }) => name === segments.xml)
        .flatMap(({ children }) => children)
        .some(({ attributes }) => attributes.has(segments.children.mandatory.xml)),
    ),
  };
}

function demandMonth(item: XmlElement): void {
  const month = item.children.find(({ name }) => name === expDate.xml);
  if (month === undefined || month.attributes.has('xsi:nil') || MONTH.test(month.text.trim())) return;
  throw new XmlViolation(month.at, `the value of ${expDate.xml} is not valid`);
}
