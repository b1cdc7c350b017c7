import { type Children, type Leaf, type Node } from '../../profile';
import { localName } from './tree';

/** How the elements and attributes of one parent are found by their names, prepared once per parent of the table. */
export interface Names {
  /** In the table's order. */
  readonly entries: readonly (readonly [string, Node])[];
  /** Key of an element by its name, see {@link readName}. */
  readonly read: ReadonlyMap<string, string>;
  /** Key of an element by its name in the schema. */
  readonly write: ReadonlyMap<string, string>;
  readonly attributesRead: ReadonlyMap<string, readonly [string, Leaf]>;
  readonly attributesWrite: ReadonlyMap<string, readonly [string, Leaf]>;
  /** The child that is the text of the parent. */
  readonly content?: readonly [string, Leaf];
  readonly hasAttributesOnly: boolean;
}

const prepared = new WeakMap<Children, Names>();

export function namesOf(children: Children): Names {
  const known = prepared.get(children);
  if (known !== undefined) return known;
  const names = prepare(children);
  prepared.set(children, names);
  return names;
}

/** A name as a tolerant reader compares it: without prefix, in any case. */
export function readName(name: string): string {
  return localName(name).toLowerCase();
}

function prepare(children: Children): Names {
  const entries = Object.entries(children);
  const read = new Map<string, string>();
  const write = new Map<string, string>();
  const attributesRead = new Map<string, readonly [string, Leaf]>();
  const attributesWrite = new Map<string, readonly [string, Leaf]>();
  let content: readonly [string, Leaf] | undefined;
  // Of two with the same name the first one in the table counts.
  const add = <T>(map: Map<string, T>, name: string, value: T): unknown =>
    map.has(name) || map.set(name, value);
  for (const [key, node] of entries) {
    if (node.node === 'leaf' && node.at === 'content') {
      content ??= [key, node];
      continue;
    }
    add(read, readName(node.xml), key);
    for (const alias of node.node === 'leaf' ? (node.aliases ?? []) : []) add(read, readName(alias), key);
    if (node.node === 'leaf' && node.at === 'attribute') {
      add(attributesRead, readName(node.xml), [key, node]);
      add(attributesWrite, node.xml, [key, node]);
    } else {
      add(write, node.xml, key);
    }
  }
  const hasAttributesOnly = entries.every(([, node]) => node.node === 'leaf' && node.at === 'attribute');
  return {
    entries,
    read,
    write,
    attributesRead,
    attributesWrite,
    hasAttributesOnly,
    ...(content === undefined ? {} : { content }),
  };
}
