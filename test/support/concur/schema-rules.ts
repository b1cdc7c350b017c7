import {
  attributeNamed,
  childNamed,
  childrenOf,
  localName,
  parseDocument,
  type XmlElement,
} from '../../../concur/xml';
import { type Children, type Leaf, type Node } from '../../../profile';
import { type PostSchema, schemaText } from './schema';

/** What one place of a document may hold, in words that a schema and the product's table share. */
export interface PlaceRule {
  /** e.g. `Telephones/Telephone/@Type`; `#` for the text of an element that has attributes as well. */
  readonly path: string;
  readonly kind: 'text' | 'boolean' | 'integer' | 'date' | 'item';
  readonly required: boolean;
  /** Most characters, or of the items of a list most of them. */
  readonly max?: number;
  readonly values?: readonly string[];
  /** First date, which tells the two ranges apart. */
  readonly from?: string;
}

const BUILT_IN: ReadonlyMap<string, PlaceRule['kind']> = new Map([
  ['xs:string', 'text'],
  ['xs:token', 'text'],
  ['xs:boolean', 'boolean'],
  ['xs:integer', 'integer'],
  ['xs:date', 'date'],
]);
const RANGE_STARTS = { datetime: '1753-01-01', smalldatetime: '1900-01-01' } as const;

/** The rules of an XSD, in document order. Knows only what our schemas use. */
export function rulesOfSchema(schema: PostSchema): PlaceRule[] {
  const root = parseDocument(schemaText(schema));
  const named = (tag: string): Map<string, XmlElement> =>
    new Map(
      childrenOf(root)
        .filter((child) => localName(child.name) === tag)
        .map((child) => [attributeNamed(child, 'name') ?? '', child]),
    );
  const types = { simple: named('simpleType'), complex: named('complexType') };
  const [document] = [...named('element').values()];
  if (document === undefined) throw new Error(`${schema} declares no root`);
  return rulesBelow(document, '', types);
}

interface Types {
  readonly simple: ReadonlyMap<string, XmlElement>;
  readonly complex: ReadonlyMap<string, XmlElement>;
}

/** Rules of the attributes, the text and the elements of a declared element. */
function rulesBelow(declared: XmlElement, path: string, types: Types): PlaceRule[] {
  const type = attributeNamed(declared, 'type') ?? '';
  const complex = childNamed(declared, 'complexType') ?? types.complex.get(type);
  if (complex === undefined) {
    const required = attributeNamed(declared, 'minOccurs') !== '0';
    return [{ path, required, ...simpleRule(type, types) }];
  }
  const extension = childrenOf(complex)
    .flatMap(childrenOf)
    .find(({ name }) => localName(name) === 'extension');
  const attributes = childrenOf(extension ?? complex).filter(({ name }) => localName(name) === 'attribute');
  const text =
    extension === undefined
      ? []
      : [
          {
            path: `${path}/#`,
            required: true,
            ...simpleRule(attributeNamed(extension, 'base') ?? '', types),
          },
        ];
  const sequence = childNamed(complex, 'sequence');
  return [
    ...itemRule(declared, path),
    ...attributes.flatMap((attribute) => attributeRule(attribute, path, types)),
    ...text,
    ...(sequence === undefined ? [] : childrenOf(sequence)).flatMap((child) =>
      rulesBelow(child, joined(path, attributeNamed(child, 'name') ?? ''), types),
    ),
  ];
}

/** What says how often it may stand there is an item of a list. */
function itemRule(declared: XmlElement, path: string): PlaceRule[] {
  const most = attributeNamed(declared, 'maxOccurs');
  if (most === undefined) return [];
  return [{ path, kind: 'item', required: false, ...(most === 'unbounded' ? {} : { max: Number(most) }) }];
}

function attributeRule(attribute: XmlElement, path: string, types: Types): PlaceRule[] {
  const type = attributeNamed(attribute, 'type');
  // The attributes of the root are of the call, not of the profile.
  if (path === '') return [];
  return [
    {
      path: `${path}/@${attributeNamed(attribute, 'name') ?? ''}`,
      required: attributeNamed(attribute, 'use') === 'required',
      ...simpleRule(type ?? '', types),
    },
  ];
}

function simpleRule(type: string, types: Types): Pick<PlaceRule, 'kind' | 'max' | 'values' | 'from'> {
  const builtIn = BUILT_IN.get(type);
  if (builtIn !== undefined) return { kind: builtIn };
  const restriction = types.simple.get(type);
  const inner = restriction === undefined ? undefined : childNamed(restriction, 'restriction');
  if (inner === undefined) throw new Error(`the schema uses ${type} without declaring it`);
  const facets = (name: string): string[] =>
    childrenOf(inner)
      .filter((facet) => localName(facet.name) === name)
      .map((facet) => attributeNamed(facet, 'value') ?? '');
  const [max] = facets('maxLength');
  const [from] = facets('minInclusive');
  const values = facets('enumeration').filter((value) => value !== '');
  return {
    ...simpleRule(attributeNamed(inner, 'base') ?? '', types),
    ...(max === undefined ? {} : { max: Number(max) }),
    ...(from === undefined ? {} : { from }),
    ...(values.length === 0 ? {} : { values }),
  };
}

/** The same of the product's table: what of it may be written. */
export function rulesOfTable(children: Children, path = ''): PlaceRule[] {
  const nodes = Object.values(children).filter((node) => node.node === 'group' || node.readOnly !== true);
  const at = (node: Node): string => (node.node === 'leaf' ? (node.at ?? 'element') : 'element');
  const inOrder = ['attribute', 'content', 'element'].flatMap((place) =>
    nodes.filter((node) => at(node) === place),
  );
  return inOrder.flatMap((node): PlaceRule[] => {
    if (node.node === 'leaf') return [leafRule(node, path)];
    const below = joined(path, node.xml);
    if (node.node === 'group') return rulesOfTable(node.children, below);
    const item = joined(below, node.item);
    const max = node.max === undefined ? {} : { max: node.max };
    return [{ path: item, kind: 'item', required: false, ...max }, ...rulesOfTable(node.children, item)];
  });
}

function leafRule(leaf: Leaf, path: string): PlaceRule {
  const name = { attribute: `${path}/@${leaf.xml}`, content: `${path}/#`, element: joined(path, leaf.xml) };
  return {
    path: name[leaf.at ?? 'element'],
    kind: leaf.kind,
    required: leaf.required === true || leaf.at === 'content',
    ...(leaf.max === undefined ? {} : { max: leaf.max }),
    ...(leaf.values === undefined ? {} : { values: leaf.values }),
    ...(leaf.kind === 'date' ? { from: RANGE_STARTS[leaf.range ?? 'datetime'] } : {}),
  };
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`;
}
