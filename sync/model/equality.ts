import { cardIdentity, CREDIT_CARD, type Leaf, type List } from '../../profile';
import { callingCodeOf } from './phone';
import { isReadOnlyChild } from './read-only';
import { type Item, type Place, type SlotValue } from './slots';

/**
 * THE normalisation table: how Concur may show a value differently from what was sent without it being a
 * change (docs/concur.md §3). Each rule compares the hub's value with Concur's.
 */
export interface Normalisation {
  readonly name: string;
  /** True where Concur itself may show the one form today and the other tomorrow. */
  readonly fluctuates?: true;
  readonly applies: (leaf: Leaf, hub: unknown, concur: unknown) => boolean;
}

const isText = (value: unknown): value is string => typeof value === 'string';
const { vendor: CARD_VENDOR, accountNo: CARD_NUMBER, segments: CARD_SEGMENTS } = CREDIT_CARD.children;
const SEGMENT_DEFAULT = CARD_SEGMENTS.children.default;
const digitsOf = (value: string): string => value.replace(/\D/g, '');

export const NORMALISATIONS: readonly Normalisation[] = [
  {
    name: 'outer white space is trimmed',
    applies: (_leaf, hub, concur) => isText(hub) && isText(concur) && hub.trim() === concur.trim(),
  },
  {
    name: 'text longer than the column is cut',
    applies: (leaf, hub, concur) =>
      leaf.max !== undefined &&
      isText(hub) &&
      isText(concur) &&
      hub.length > leaf.max &&
      hub.slice(0, leaf.max).trim() === concur.trim(),
  },
  {
    name: 'a language off the list is stored empty',
    applies: (leaf, hub, concur) =>
      leaf.xml === 'PreferredLanguage' &&
      concur === undefined &&
      isText(hub) &&
      !(leaf.values ?? []).includes(hub),
  },
  {
    name: 'a country is shown as calling code: 1, 01 and 001 are US',
    fluctuates: true,
    applies: (leaf, hub, concur) =>
      leaf.xml === 'CountryCode' &&
      isText(hub) &&
      isText(concur) &&
      (/^\d+$/.test(hub) || /^\d+$/.test(concur)) &&
      callingCodeOf(hub) !== undefined &&
      callingCodeOf(hub) === callingCodeOf(concur),
  },
  {
    name: 'country codes are shown in upper case',
    fluctuates: true,
    applies: (leaf, hub, concur) =>
      leaf.max === 2 && isText(hub) && isText(concur) && hub.toUpperCase() === concur.toUpperCase(),
  },
  {
    name: 'a phone number is shown with other punctuation',
    applies: (leaf, hub, concur) =>
      leaf.xml === 'PhoneNumber' &&
      isText(hub) &&
      isText(concur) &&
      digitsOf(hub) !== '' &&
      digitsOf(hub) === digitsOf(concur),
  },
  {
    name: 'the primary flag of a cell phone may not come back',
    fluctuates: true,
    applies: (leaf, hub, concur) =>
      leaf.xml === 'PrimaryMobile' && (hub === undefined || concur === undefined),
  },
  {
    name: 'a flag that was not sent is shown as false',
    applies: (leaf, hub, concur) => leaf.at === 'attribute' && hub === undefined && concur === false,
  },
  {
    name: 'vendor and number of a card are shown as Concur spells them',
    fluctuates: true,
    applies: (leaf, hub, concur) => {
      if (!isText(hub) || !isText(concur)) return false;
      if (leaf === CARD_VENDOR) return cardIdentity({ vendor: hub }) === cardIdentity({ vendor: concur });
      return leaf === CARD_NUMBER && cardIdentity({ accountNo: hub }) === cardIdentity({ accountNo: concur });
    },
  },
  {
    name: 'a segment for which a card is not the default may not be shown',
    fluctuates: true,
    applies: (leaf, hub, concur) => leaf === SEGMENT_DEFAULT && hub !== true && concur !== true,
  },
  {
    name: 'a preference that was cleared is shown as DontCare',
    applies: (leaf, hub, concur) =>
      hub === undefined && concur === 'DontCare' && (leaf.values ?? []).includes('DontCare'),
  },
];

/** Whether the hub's and Concur's value of one field say the same. */
export function leafEquivalent(leaf: Leaf, hub: unknown, concur: unknown): boolean {
  return hub === concur || NORMALISATIONS.some((rule) => rule.applies(leaf, hub, concur));
}

/** Whether Concur shows the same of one field as it did at the last sync. */
export function leafUnchanged(leaf: Leaf, now: unknown, base: unknown): boolean {
  return (
    now === base || NORMALISATIONS.some((rule) => rule.fluctuates === true && rule.applies(leaf, base, now))
  );
}

const compared = new WeakMap<List['children'], readonly [string, Leaf][]>();

/** Fields of a list element or whole group that take part in comparing. */
export function comparedChildren(children: List['children']): readonly [string, Leaf][] {
  const known = compared.get(children);
  if (known !== undefined) return known;
  const fields = Object.entries(children).filter(([, leaf]) => !isReadOnlyChild(leaf));
  compared.set(children, fields);
  return fields;
}

/** Whether the hub's and Concur's value of one slot say the same; undefined = absent. */
export function slotEquivalent(
  place: Place | undefined,
  hub: SlotValue | undefined,
  concur: SlotValue | undefined,
): boolean {
  return compareSlot(place, hub, concur, leafEquivalent);
}

/** Whether Concur shows the same of one slot as it did at the last sync; undefined = absent. */
export function slotUnchanged(
  place: Place | undefined,
  now: SlotValue | undefined,
  base: SlotValue | undefined,
): boolean {
  return compareSlot(place, now, base, leafUnchanged);
}

function compareSlot(
  place: Place | undefined,
  one: SlotValue | undefined,
  other: SlotValue | undefined,
  equal: (leaf: Leaf, one: unknown, other: unknown) => boolean,
): boolean {
  if (place === undefined) return one === other;
  if (place.kind === 'leaf') return equal(place.leaf, one, other);
  if (one === undefined || other === undefined) return one === other;
  if (typeof one !== 'object' || typeof other !== 'object') return false;
  const children = place.kind === 'list' ? place.list.children : place.group.children;
  return comparedChildren(children).every(([name, leaf]) => equal(leaf, one[name], other[name]));
}

/** Whether two values of the same side are the same; the hub's own `key` does not count. */
export function sameValue(one: SlotValue | undefined, other: SlotValue | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  if (typeof one !== 'object' || typeof other !== 'object') return one === other;
  return covers(one, other) && covers(other, one);
}

/** Whether the other has all that the one has. */
function covers(one: Item, other: Item): boolean {
  return Object.keys(one).every((name) => name === 'key' || one[name] === other[name]);
}
