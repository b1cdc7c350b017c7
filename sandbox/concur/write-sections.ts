import { type Children, type Leaf, profileValues } from '../../profile';
import { checkValue, warning } from './field-checks';
import { applyList } from './list-rules';
import { itemsAt, scalarAt, treeAt, withField } from './tree';
import { type Scalar, type Tree } from './types';
import { type WriteContext } from './write-context';
import { type Changes, isChanges, isItemChanges, type LeafChange } from './write-document';

/** Concur keeps no profile without these. */
const NEVER_EMPTY = ['General/FirstName', 'General/LastName', 'General/RuleClass', 'General/TravelConfigID'];

/** The sections after a POST; what could not be written is in the context's warnings. */
export function applyChanges(
  children: Children,
  before: Tree,
  changes: Changes,
  path: string,
  context: WriteContext,
): Tree {
  let tree = before;
  for (const [field, change] of Object.entries(changes)) {
    const node = children[field];
    if (node === undefined) continue;
    const at = path === '' ? node.xml : `${path}/${node.xml}`;
    if (node.node === 'leaf' && !isItemChanges(change) && !isChanges(change)) {
      tree = withField(tree, field, applyLeaf(node, scalarAt(tree, field), change, at, context));
    } else if (node.node === 'list' && isItemChanges(change)) {
      tree = withField(tree, field, applyList(node, at, itemsAt(tree, field), change, context));
    } else if (node.node === 'group' && isChanges(change)) {
      const group = applyChanges(node.children, treeAt(tree, field), change, at, context);
      tree = withField(tree, field, Object.keys(group).length === 0 ? undefined : group);
    }
  }
  return tree;
}

function applyLeaf(
  leaf: Leaf,
  before: Scalar | undefined,
  change: LeafChange,
  path: string,
  context: WriteContext,
): Scalar | undefined {
  if (change === null) return clear(leaf, before, path, context);
  const problem = checkValue(leaf, change, path) ?? checkLookUp(change, path, context);
  if (problem !== undefined) {
    context.warnings.push(problem);
    return before;
  }
  if (path === 'General/PreferredLanguage' && !profileValues.PREFERRED_LANGUAGES.includes(String(change))) {
    // Stored as an empty string, with a warning (docs/concur.md §3, lengths).
    context.warnings.push(warning('W003', path, 'The language is not on the list; it was stored empty.'));
    return undefined;
  }
  return change;
}

function clear(
  leaf: Leaf,
  before: Scalar | undefined,
  path: string,
  context: WriteContext,
): Scalar | undefined {
  if (NEVER_EMPTY.includes(path)) {
    context.warnings.push(warning('W007', path, `The ${leaf.xml} field is required.`));
    return before;
  }
  if (before !== undefined) context.removals.push({ field: path, how: 'empty' });
  return undefined;
}

function checkLookUp(value: Scalar, path: string, { company }: WriteContext): ReturnType<typeof checkValue> {
  if (path === 'General/RuleClass' && !company.ruleClasses.includes(String(value))) {
    return warning('W003', path, 'The rule class could not be found.');
  }
  if (path === 'General/TravelConfigID' && !company.travelConfigIds.includes(String(value))) {
    return warning('W003', path, 'The travel configuration could not be found.');
  }
  return undefined;
}
