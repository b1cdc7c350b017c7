import {
  type Children,
  type Leaf,
  type List,
  type Node,
  PASSWORD_XML,
  PROFILE_ELEMENTS,
  SOUTHWEST_TICKETS_XML,
} from '../../profile';

/**
 * What a POST may hold, derived from the table of elements: the schema check, the search for read-only
 * elements and the decoding walk the same model.
 */
export interface ElementModel {
  /** Name in XML. */
  readonly xml: string;
  /** Name in JSON; empty for what has no place in the profile. */
  readonly field: string;
  readonly required: boolean;
  readonly repeated: boolean;
  readonly readOnly: boolean;
  readonly kind: 'leaf' | 'group' | 'list' | 'item' | 'password' | 'southwest' | 'ignored';
  /** The text of a leaf, or of an item whose value is its text. */
  readonly leaf?: Leaf;
  readonly list?: List;
  readonly attributes: readonly AttributeModel[];
  readonly children: readonly ElementModel[];
}

export interface AttributeModel {
  readonly xml: string;
  readonly field: string;
  readonly leaf: Leaf;
}

const PLAIN = {
  field: '',
  required: false,
  repeated: false,
  readOnly: false,
  attributes: [],
  children: [],
} as const;

/** Read-only elements of Concur's schema that the table does not carry, by the element they stand in. */
const EXTRA_READ_ONLY: Readonly<Record<string, readonly string[]>> = {
  Telephone: ['MobileDevice', 'MobileName'],
  Address: ['Longitude', 'Latitude'],
};

function modelOf(field: string, node: Node): ElementModel {
  switch (node.node) {
    case 'leaf':
      return leafModel(field, node);
    case 'group':
      return { ...PLAIN, xml: node.xml, field, kind: 'group', children: elementsOf(node.xml, node.children) };
    case 'list':
      return {
        ...PLAIN,
        xml: node.xml,
        field,
        kind: 'list',
        list: node,
        readOnly: node.readOnly === true,
        children: [itemModel(node)],
      };
  }
}

function leafModel(field: string, leaf: Leaf): ElementModel {
  const readOnly = leaf.readOnly === true;
  return { ...PLAIN, xml: leaf.xml, field, kind: 'leaf', leaf, readOnly, required: leaf.required === true };
}

function itemModel(list: List): ElementModel {
  const leaves = Object.entries(list.children);
  const content = leaves.find(([, leaf]) => leaf.at === 'content');
  const attributes = leaves
    .filter(([, leaf]) => leaf.at === 'attribute')
    .map(([field, leaf]) => ({ xml: leaf.xml, field, leaf }));
  return {
    ...PLAIN,
    xml: list.item,
    field: content?.[0] ?? '',
    kind: 'item',
    repeated: true,
    attributes,
    children: elementsOf(list.item, list.children),
    ...(content === undefined ? {} : { leaf: content[1] }),
  };
}

export function elementsOf(parent: string, children: Children): readonly ElementModel[] {
  const extra = (EXTRA_READ_ONLY[parent] ?? []).map((xml): ElementModel => ({
    ...PLAIN,
    xml,
    kind: 'ignored',
    readOnly: true,
  }));
  const known = Object.entries(children)
    .filter(([, node]) => node.node !== 'leaf' || (node.at ?? 'element') === 'element')
    .map(([field, node]) => modelOf(field, node));
  return [...known, ...extra];
}

function rootElements(): readonly ElementModel[] {
  const sections = elementsOf('', PROFILE_ELEMENTS);
  const afterTickets = sections.findIndex((section) => section.field === 'unusedTickets') + 1;
  return [
    ...sections.slice(0, afterTickets),
    { ...PLAIN, xml: SOUTHWEST_TICKETS_XML, kind: 'southwest' },
    ...sections.slice(afterTickets),
    { ...PLAIN, xml: PASSWORD_XML, kind: 'password' },
  ];
}

/** Children of the root in the schema's order. */
export const ROOT_ELEMENTS = rootElements();
