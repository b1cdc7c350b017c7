import { type Leaf } from '../../profile';
import { type ElementModel, ROOT_ELEMENTS } from './document-model';
import { type XmlElement, XmlViolation } from './xml-tree';

/** The schema does not list the languages: a wrong one is blanked, not refused (docs/concur.md §3). */
const LISTED_ELSEWHERE = 'PreferredLanguage';
const NAMESPACE_ATTRIBUTE = /^(xmlns$|xmlns:|xsi:)/;
const BOOLEAN = /^(true|false|1|0)$/;
const INTEGER = /^[+-]?\d+$/;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

const ROOT_ATTRIBUTES: Readonly<Record<string, readonly string[] | undefined>> = {
  Action: ['Create', 'Update'],
  Status: ['Active', 'Inactive'],
};
const FREE_ROOT_ATTRIBUTES = ['LoginId', 'Unique'];

/**
 * Order, unknown elements, enumerations, types and required children: one fault refuses the whole document
 * (docs/concur.md §3).
 * @throws XmlViolation at the first fault
 */
export function checkSchema(root: XmlElement): void {
  if (root.name !== 'ProfileResponse') throw new XmlViolation(root.at, `${root.name} is not expected`);
  for (const [name, value] of root.attributes) {
    if (NAMESPACE_ATTRIBUTE.test(name) || FREE_ROOT_ATTRIBUTES.includes(name)) continue;
    const allowed = ROOT_ATTRIBUTES[name];
    if (allowed?.includes(value) !== true) throw new XmlViolation(root.at, `attribute ${name} is not valid`);
  }
  if (!root.attributes.has('Action')) throw new XmlViolation(root.at, 'attribute Action is missing');
  checkChildren(root, ROOT_ELEMENTS);
}

/** @throws XmlViolation at the first fault below `parent` */
export function checkChildren(parent: XmlElement, models: readonly ElementModel[]): void {
  if (parent.text.trim() !== '') throw new XmlViolation(parent.at, `${parent.name} cannot hold text`);
  let next = 0;
  for (const child of parent.children) {
    const index = models.findIndex((model, position) => position >= next && model.xml === child.name);
    const model = models[index];
    if (model === undefined) {
      const expected = models.slice(next).map(({ xml }) => xml);
      throw new XmlViolation(child.at, `${child.name} is not expected here; one of: ${expected.join(', ')}`);
    }
    demandRequired(parent, models.slice(next, index));
    next = model.repeated ? index : index + 1;
    checkElement(child, model);
  }
  demandRequired(parent, models.slice(next));
}

function demandRequired(parent: XmlElement, passedOver: readonly ElementModel[]): void {
  const missing = passedOver.find((model) => model.required);
  if (missing !== undefined) throw new XmlViolation(parent.at, `${parent.name} lacks ${missing.xml}`);
}

function checkElement(element: XmlElement, model: ElementModel): void {
  if (model.kind === 'southwest' || model.kind === 'ignored') return;
  checkAttributes(element, model);
  checkNil(element, model);
  if (model.leaf !== undefined || model.kind === 'password') {
    const child = element.children[0];
    if (child !== undefined) throw new XmlViolation(child.at, `${element.name} holds text only`);
    if (model.leaf !== undefined) checkText(element, model.leaf);
    return;
  }
  checkChildren(element, model.children);
}

function checkAttributes(element: XmlElement, model: ElementModel): void {
  for (const [name, value] of element.attributes) {
    if (NAMESPACE_ATTRIBUTE.test(name)) continue;
    const attribute = model.attributes.find(({ xml }) => xml === name);
    if (attribute === undefined) {
      throw new XmlViolation(element.at, `attribute ${name} is not expected on ${element.name}`);
    }
    checkValue(element, attribute.leaf, value);
  }
  const missing = model.attributes.find(({ leaf, xml }) => leaf.required && !element.attributes.has(xml));
  if (missing !== undefined)
    throw new XmlViolation(element.at, `${element.name} lacks attribute ${missing.xml}`);
}

/** Only an optional value may be nil, or say that it is not: no container, no list element, nothing of a list of words. */
function checkNil(element: XmlElement, { kind, leaf }: ElementModel): void {
  const nil = element.attributes.get('xsi:nil');
  if (nil === undefined) return;
  const isNillable = kind === 'leaf' && leaf !== undefined && leaf.required !== true && !isEnumerated(leaf);
  if (!isNillable) throw new XmlViolation(element.at, `${element.name} cannot be nil`);
  if (!BOOLEAN.test(nil)) throw new XmlViolation(element.at, `xsi:nil of ${element.name} is not valid`);
}

/** `xsi:nil="true"`: the element is cleared. An enumeration has no such value. */
export function isNil(element: XmlElement): boolean {
  return ['true', '1'].includes(element.attributes.get('xsi:nil') ?? '');
}

function checkText(element: XmlElement, leaf: Leaf): void {
  if (isNil(element)) {
    if (element.text.trim() !== '')
      throw new XmlViolation(element.at, `${element.name} is nil and has a value`);
    return;
  }
  checkValue(element, leaf, element.text);
}

function isEnumerated(leaf: Leaf): boolean {
  return leaf.values !== undefined && leaf.xml !== LISTED_ELSEWHERE;
}

function checkValue(element: XmlElement, leaf: Leaf, value: string): void {
  if (isValidValue(leaf, value)) return;
  throw new XmlViolation(element.at, `the value of ${leaf.xml} in ${element.name} is not valid`);
}

function isValidValue(leaf: Leaf, value: string): boolean {
  switch (leaf.kind) {
    case 'boolean':
      return BOOLEAN.test(value.trim());
    case 'integer':
      return INTEGER.test(value.trim());
    case 'date':
      return isCalendarDate(value.trim());
    case 'text':
      if (!isEnumerated(leaf)) return true;
      return (leaf.values ?? []).includes(value) || (leaf.readOnlyValues ?? []).includes(value);
  }
}

function isCalendarDate(value: string): boolean {
  if (!DATE.test(value)) return false;
  const parsed = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(parsed.getTime()) && parsed.toISOString().startsWith(value);
}
