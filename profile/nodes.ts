/**
 * The words the element table is written in. A node describes one element or attribute of Concur's
 * travel profile; the order in which a parent names its children is the schema's order.
 */

export type LeafKind = 'text' | 'boolean' | 'integer' | 'date';

export interface LeafOptions {
  /** Where the value stands in XML; default `element`. `content` is the text of the parent element. */
  readonly at?: 'element' | 'attribute' | 'content';
  /** Most characters Concur stores (docs/concur.md §3, lengths). */
  readonly max?: number;
  /** Values the schema allows on a write. Other values are accepted on a read. */
  readonly values?: readonly string[];
  /** Spellings seen on reads → the spelling the schema wants. */
  readonly readAs?: Readonly<Record<string, string>>;
  /** Other names under which the element comes back on reads. Case never matters on reads. */
  readonly aliases?: readonly string[];
  /** Never in a POST: Concur answers E001 or W011. */
  readonly readOnly?: true;
  /** Values that are read-only although the element is writable. */
  readonly readOnlyValues?: readonly string[];
  /** Must be present when the parent is. */
  readonly required?: true;
  /** Sealed in every stored JSON, masked without the scope `sensitive`. */
  readonly sensitive?: true;
  /** Dates: which range Concur's column can hold. */
  readonly range?: 'datetime' | 'smalldatetime';
  /** Texts of a form: `month` is `YYYY-MM`; reads may show a whole date. */
  readonly form?: 'month';
}

export interface Leaf<K extends LeafKind = LeafKind> extends LeafOptions {
  readonly node: 'leaf';
  readonly kind: K;
  readonly xml: string;
}

export type Children = Readonly<Record<string, Node>>;

export interface Group<C extends Children = Children> {
  readonly node: 'group';
  readonly xml: string;
  readonly children: C;
  /** True when the children only make sense together (a postal address): compared and sent as one. */
  readonly whole: boolean;
}

/** What a POST does to elements of the list that it does not name (docs/concur.md §3, lists). */
export type ListRule =
  /** what is missing is deleted */
  | 'replaces'
  /** what is missing stays; the last element of a type wins */
  | 'last-of-type-wins'
  /** not documented: complete lists are sent and the read-back tells */
  | 'undocumented';

export interface List<C extends Children = Readonly<Record<string, Leaf>>> {
  readonly node: 'list';
  /** Name of the container element. */
  readonly xml: string;
  /** Name of one element in it. */
  readonly item: string;
  readonly children: C;
  readonly rule: ListRule;
  /**
   * Fields that together say which element it is, the same on both sides. Where only one element (of a
   * type) is allowed the type alone says it; an empty list means there is only one.
   */
  readonly identity: readonly (keyof C & string)[];
  /** Where the identity is more than the texts of those fields. */
  readonly identityOf?: (item: Readonly<Record<string, unknown>>) => string;
  /** Most elements, in all or of one `type`; more is W016. */
  readonly max?: number;
  readonly maxPerType?: number;
  /** Types of which any number is allowed although `maxPerType` is set. */
  readonly manyOfTypes?: readonly string[];
  readonly readOnly?: true;
}

export type Node = Leaf | Group | List;

/** As `Node`, and elements of lists may hold groups and lists themselves: a card and its segments. */
export type AnyNode = Leaf | Group | AnyList;
export type AnyChildren = Readonly<Record<string, AnyNode>>;
export interface AnyList extends Omit<List, 'children' | 'identity'> {
  readonly children: AnyChildren;
  readonly identity: readonly string[];
}

type Scalar<K extends LeafKind> = K extends 'boolean' ? boolean : K extends 'integer' ? number : string;

/** One element of a list as JSON; `key` is the hub's opaque stable handle on it. */
export type ItemOf<C> = { key?: string } & {
  -readonly [P in keyof C]?: JsonOf<C[P]>;
};

/** The JSON a node stands for. */
export type JsonOf<N> =
  N extends Leaf<infer K>
    ? Scalar<K>
    : N extends List<infer C>
      ? ItemOf<C>[]
      : N extends Group<infer C>
        ? { -readonly [P in keyof C]?: JsonOf<C[P]> }
        : never;

/** The JSON of a change to a node: `null` clears a leaf or a whole group, `[]` clears a list. */
export type ChangesOf<N> =
  N extends Leaf<infer K>
    ? Scalar<K> | null
    : N extends List<infer C>
      ? ItemOf<C>[]
      : N extends Group<infer C>
        ? { -readonly [P in keyof C]?: ChangesOf<C[P]> } | null
        : never;

function leafOf<K extends LeafKind>(kind: K) {
  return (xml: string, options: LeafOptions = {}): Leaf<K> => ({ node: 'leaf', kind, xml, ...options });
}

export const text = leafOf('text');
export const boolean = leafOf('boolean');
export const integer = leafOf('integer');
export const date = leafOf('date');

/** Elements that are compared, merged and sent one by one. */
export function group<C extends Children>(xml: string, children: C): Group<C> {
  return { node: 'group', xml, children, whole: false };
}

/** Elements that are compared, merged and sent together. */
export function whole<C extends Children>(xml: string, children: C): Group<C> {
  return { node: 'group', xml, children, whole: true };
}

export function list<C extends Children>(
  xml: string,
  item: string,
  children: C,
  options: Omit<List<C>, 'node' | 'xml' | 'item' | 'children'>,
): List<C> {
  return { node: 'list', xml, item, children, ...options };
}
