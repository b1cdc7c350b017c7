import {
  type AnyChildren,
  type AnyNode,
  type Leaf,
  type ProfileSections,
  TRAVELLER_ELEMENTS,
} from '../../../profile';
import { asSections } from './holdable';

type Json = Record<string, unknown>;

/** What only Concur fills, by the table of elements: fields, lists, and elements of a read-only kind. */
export function shownOnly(): ProfileSections {
  return asSections(childrenOf(TRAVELLER_ELEMENTS));
}

function childrenOf(children: AnyChildren): Json {
  const shown = Object.entries(children).map(([name, node]) => [name, nodeOf(node)] as const);
  return Object.fromEntries(shown.filter(([, value]) => value !== undefined));
}

function nodeOf(node: AnyNode): unknown {
  if (node.node === 'leaf') return node.readOnly === true ? valueOf(node) : undefined;
  if (node.node === 'group') {
    const group = childrenOf(node.children);
    return Object.keys(group).length === 0 ? undefined : group;
  }
  const leaves = Object.entries(node.children).flatMap(([name, child]) =>
    child.node === 'leaf' ? [[name, child] as const] : [],
  );
  const full = Object.fromEntries(leaves.map(([name, leaf]) => [name, valueOf(leaf)]));
  if (node.readOnly === true) return [full];
  const kinds = leaves.flatMap(([name, leaf]) => (leaf.readOnlyValues ?? []).map((kind) => [name, kind]));
  return kinds.length === 0 ? undefined : kinds.map(([name = '', kind]) => ({ ...full, [name]: kind }));
}

function valueOf(leaf: Leaf): unknown {
  if (leaf.values !== undefined) return leaf.values[0];
  if (leaf.form === 'month') return '2030-01';
  if (leaf.xml === 'EmailAddress') return 'shown@example.test';
  switch (leaf.kind) {
    case 'boolean':
      return false;
    case 'integer':
      return 7;
    case 'date':
      return '2030-01-31';
    case 'text':
      return leaf.max === 2 ? 'CH' : '5550199';
  }
}
