import { type Leaf, type ProfileStatus } from '../../profile';
import { type ElementModel, ROOT_ELEMENTS } from './document-model';
import { isNil } from './schema-check';
import { type Item, type Scalar } from './types';
import { type XmlElement } from './xml-tree';

/** What a POST says about one field: a value, or `null` where it was sent empty or nil. */
export type LeafChange = Scalar | null;

/** One element of a list as it was sent. */
export interface ItemChange {
  readonly values: Item;
  /** Fields that were sent empty. */
  readonly emptied: readonly string[];
}

export interface Changes {
  readonly [field: string]: Change;
}
export type Change = LeafChange | readonly ItemChange[] | Changes;

/** A POST that fits the schema. */
export interface WriteDocument {
  readonly action: 'Create' | 'Update';
  readonly loginId: string;
  readonly status?: ProfileStatus;
  readonly hasPassword: boolean;
  /** Sent although the service ignores them (W022). */
  readonly southwestTickets: boolean;
  readonly changes: Changes;
}

export function isItemChanges(change: Change | undefined): change is readonly ItemChange[] {
  return Array.isArray(change);
}

export function isChanges(change: Change | undefined): change is Changes {
  return typeof change === 'object' && change !== null && !Array.isArray(change);
}

/** Reads a document that passed the schema check. */
export function readDocument(root: XmlElement): WriteDocument {
  const status = root.attributes.get('Status');
  const password = root.children.find(({ name }) => name === 'Password');
  return {
    action: root.attributes.get('Action') === 'Create' ? 'Create' : 'Update',
    loginId: (root.attributes.get('LoginId') ?? '').trim(),
    ...(status === undefined ? {} : { status: status === 'Active' ? 'active' : 'inactive' }),
    hasPassword: (password?.text ?? '').trim() !== '',
    southwestTickets: root.children.some(({ name }) => name === 'SouthwestUnusedTickets'),
    changes: readChildren(root, ROOT_ELEMENTS),
  };
}

/** Paths of the elements in the document that only a read may carry, e.g. `General/HasOpenBooking`. */
export function readOnlyElements(root: XmlElement): readonly string[] {
  return [...new Set(findReadOnly(root, ROOT_ELEMENTS, ''))];
}

function findReadOnly(parent: XmlElement, models: readonly ElementModel[], path: string): string[] {
  return parent.children.flatMap((child) => {
    const model = models.find(({ xml }) => xml === child.name);
    if (model === undefined) return [];
    // Concur names list elements by their container alone: Telephones/CountryCode.
    const at = model.kind === 'item' ? path : path === '' ? child.name : `${path}/${child.name}`;
    return model.readOnly ? [at] : findReadOnly(child, model.children, at);
  });
}

/** What the children of an element that passed the schema check say. */
export function readChildren(parent: XmlElement, models: readonly ElementModel[]): Changes {
  const changes: Record<string, Change> = {};
  for (const child of parent.children) {
    const model = models.find(({ xml }) => xml === child.name);
    if (model === undefined || model.field === '') continue;
    if (model.kind === 'list') {
      const item = model.children[0];
      if (item !== undefined) changes[model.field] = child.children.map((element) => readItem(element, item));
    } else if (model.kind === 'group') {
      changes[model.field] = readChildren(child, model.children);
    } else if (model.leaf !== undefined) {
      changes[model.field] = readText(child, model.leaf);
    }
  }
  return changes;
}

function readItem(element: XmlElement, model: ElementModel): ItemChange {
  const values: Record<string, Scalar> = {};
  const emptied: string[] = [];
  const note = (field: string, value: LeafChange): void => {
    if (value === null) emptied.push(field);
    else values[field] = value;
  };
  for (const { xml, field, leaf } of model.attributes) {
    const value = element.attributes.get(xml);
    if (value !== undefined) note(field, scalarOf(leaf, value));
  }
  if (model.leaf !== undefined) note(model.field, readText(element, model.leaf));
  for (const child of element.children) {
    const childModel = model.children.find(({ xml }) => xml === child.name);
    if (childModel?.leaf !== undefined) note(childModel.field, readText(child, childModel.leaf));
  }
  return { values, emptied };
}

function readText(element: XmlElement, leaf: Leaf): LeafChange {
  return isNil(element) ? null : scalarOf(leaf, element.text);
}

function scalarOf(leaf: Leaf, text: string): LeafChange {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  if (leaf.kind === 'boolean') return trimmed === 'true' || trimmed === '1';
  if (leaf.kind === 'integer') return Number(trimmed);
  return leaf.kind === 'date' ? trimmed : text;
}
