import {
  type Children,
  CREDIT_CARD,
  type CreditCard,
  type Leaf,
  type Node,
  PROFILE_ELEMENTS,
  type ProfileSections,
} from '../../profile';
import { type Item, type Scalar, type Tree, type Value } from './types';

/** The table of elements, read as data. */
export const TABLE: Children = PROFILE_ELEMENTS;

export function isItems(value: Value | undefined): value is readonly Item[] {
  return Array.isArray(value);
}

export function isTree(value: Value | undefined): value is Tree {
  return typeof value === 'object' && !Array.isArray(value);
}

export function itemsAt(tree: Tree, field: string): readonly Item[] {
  const value = tree[field];
  return isItems(value) ? value : [];
}

export function treeAt(tree: Tree, field: string): Tree {
  const value = tree[field];
  return isTree(value) ? value : {};
}

export function scalarAt(tree: Tree, field: string): Scalar | undefined {
  const value = tree[field];
  return value === undefined || isItems(value) || isTree(value) ? undefined : value;
}

export function textAt(tree: Tree, field: string): string | undefined {
  const value = scalarAt(tree, field);
  return typeof value === 'string' ? value : undefined;
}

/** The tree with one field set, or without it. */
export function withField(tree: Tree, field: string, value: Value | undefined): Tree {
  const copy: Record<string, Value> = { ...tree };
  delete copy[field];
  if (value === undefined || (isItems(value) && value.length === 0)) return copy;
  return { ...copy, [field]: value };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const DATE = /^\d{4}-\d{2}-\d{2}$/;

function leafProblem(leaf: Leaf, value: unknown): string | undefined {
  switch (leaf.kind) {
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'must be true or false';
    case 'integer':
      return Number.isInteger(value) ? undefined : 'must be a whole number';
    case 'date':
      return typeof value === 'string' && DATE.test(value) ? undefined : 'must be a date YYYY-MM-DD';
    case 'text':
      return typeof value === 'string' ? undefined : 'must be a text';
  }
}

function childrenProblem(children: Children, value: unknown, path: string): string | undefined {
  if (!isRecord(value)) return `${path || 'sections'}: must be an object`;
  for (const [field, child] of Object.entries(value)) {
    const node = children[field];
    const at = path === '' ? field : `${path}.${field}`;
    if (node === undefined) return `${at}: no such field in the element table`;
    const problem = nodeProblem(node, child, at);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function nodeProblem(node: Node, value: unknown, path: string): string | undefined {
  switch (node.node) {
    case 'leaf': {
      const problem = leafProblem(node, value);
      return problem === undefined ? undefined : `${path}: ${problem}`;
    }
    case 'group':
      return childrenProblem(node.children, value, path);
    case 'list': {
      if (!Array.isArray(value)) return `${path}: must be a list`;
      const items: readonly unknown[] = value;
      for (const [index, item] of items.entries()) {
        const problem = childrenProblem(node.children, item, `${path}[${index}]`);
        if (problem !== undefined) return problem;
      }
      return undefined;
    }
  }
}

/** What is wrong with the shape of sections, in words; undefined when they fit the table. */
export function sectionsProblem(value: unknown): string | undefined {
  return childrenProblem(TABLE, value, '');
}

export function isSectionsTree(value: unknown): value is Tree {
  return sectionsProblem(value) === undefined;
}

/** What is wrong with the shape of a card, in words; undefined when it fits the table. */
export function cardProblem(value: unknown): string | undefined {
  const table: Children = CREDIT_CARD.children;
  return childrenProblem(table, value, '');
}

export function isCardTree(value: unknown): value is Tree {
  return cardProblem(value) === undefined;
}

export function isCard(value: unknown): value is CreditCard {
  return cardProblem(value) === undefined;
}

export function isProfileSections(value: unknown): value is ProfileSections {
  return sectionsProblem(value) === undefined;
}
