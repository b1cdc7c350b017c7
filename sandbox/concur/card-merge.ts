import { type Behaviour } from './behaviour';
import { cardKey } from './card-rules';
import { itemsAt, treeAt } from './tree';
import { type Item, type Scalar, type Tree, type Value } from './types';
import { type Changes, isChanges, isItemChanges } from './write-document';

/** Cards after a POST: known ones updated, new ones behind them, one default per segment. */
export function mergeCards(
  current: readonly Tree[],
  sent: readonly Changes[],
  how: Behaviour['listElements'],
): readonly Tree[] {
  let cards = [...current];
  for (const change of sent) {
    const key = cardKey(change);
    const at = cards.findIndex((card) => cardKey(card) === key);
    const merged = mergeCard(cards[at] ?? {}, change, how);
    if (at < 0) cards.push(merged);
    else cards[at] = merged;
    const taken = itemsAt(merged, 'segments').filter(isDefault);
    cards = cards.map((card) => (card === merged ? card : withoutDefaults(card, taken)));
  }
  return cards;
}

function mergeCard(card: Tree, change: Changes, how: Behaviour['listElements']): Tree {
  const merged: Record<string, Value> = how === 'merged' ? { ...card } : {};
  for (const [field, value] of Object.entries(change)) {
    delete merged[field];
    if (value === null) continue;
    if (isItemChanges(value)) {
      const items = value.map(({ values }) => withMandatory(values, itemsAt(card, field)));
      if (items.length > 0) merged[field] = items;
    } else if (isChanges(value)) {
      const group = mergeLeaves(how === 'merged' ? treeAt(card, field) : {}, value);
      if (Object.keys(group).length > 0) merged[field] = group;
    } else {
      merged[field] = value;
    }
  }
  return merged;
}

function mergeLeaves(group: Tree, change: Changes): Tree {
  const merged: Record<string, Value> = { ...group };
  for (const [field, value] of Object.entries(change)) {
    delete merged[field];
    if (isScalar(value)) merged[field] = value;
  }
  return merged;
}

function isScalar(value: unknown): value is Scalar {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** What is mandatory is the company's to say: a POST leaves it as it is. */
function withMandatory(segment: Item, before: readonly Item[]): Item {
  const mandatory = before.find(({ type }) => type === segment['type'])?.['mandatory'];
  return mandatory === undefined ? segment : { ...segment, mandatory };
}

function isDefault(segment: Item): boolean {
  return segment['default'] === true;
}

function withoutDefaults(card: Tree, taken: readonly Item[]): Tree {
  const segments = itemsAt(card, 'segments');
  const loses = (segment: Item): boolean =>
    isDefault(segment) && taken.some(({ type }) => type === segment['type']);
  if (!segments.some(loses)) return card;
  return { ...card, segments: segments.map((each) => (loses(each) ? { ...each, default: false } : each)) };
}
