import { type CardChange, type CardsChange } from '../../concur/card-types';
import { type CardRef, checkCard, checkCardContent } from '../../profile';
import { comparedChildren } from './equality';
import { fieldOfPlace } from './fields';
import { type Finding } from './checks';
import { isReadOnlyItem } from './read-only';
import { type Item, isItem, type ListPlace, type SlotId, type Slots } from './slots';

export interface CardsDraft {
  readonly change: CardsChange;
  readonly sent: readonly SlotId[];
  readonly withheld: readonly { readonly slot: SlotId; readonly finding: Finding }[];
}

interface CardSlot {
  readonly id: SlotId;
  readonly hub: Item | undefined;
  readonly concur: Item | undefined;
}

/**
 * What is to be said to Concur of a traveller's cards (docs/concur.md §4, docs/decisions/0020): cards to add
 * or change, and those that the hub removed; every other card stays. A card that Concur would refuse is
 * withheld and the others go. Nothing is removed beside a withheld card, which may be the one that takes the
 * other's place, nor the last card, because Concur takes no empty list.
 */
export function planCards(place: ListPlace, hub: Slots, concur: Slots, slots: readonly SlotId[]): CardsDraft {
  const wanted = slots.map((id) => cardSlot(id, hub, concur));
  const refused = [...wanted, ...standingOnly(place, hub, concur, slots)].flatMap((slot) => {
    const finding = findingOf(place, slot, concur);
    return finding === undefined ? [] : [{ slot: slot.id, finding }];
  });
  const withheld = new Set(refused.map(({ slot }) => slot));
  const put = wanted.filter((slot) => slot.hub !== undefined && !withheld.has(slot.id));
  const removals = wanted.filter((slot) => slot.hub === undefined && slot.concur !== undefined);
  const isWithheld = wanted.some(({ id }) => withheld.has(id));
  const obstacle = removals.length === 0 ? undefined : obstacleTo(place, put, removals, concur, isWithheld);
  const removed = obstacle === undefined ? removals : [];
  return {
    change: {
      put: put.flatMap((slot) => changeOf(place, slot)),
      remove: removed.flatMap(({ concur: card }) => refOf(card)),
    },
    sent: [...put, ...removed].map(({ id }) => id),
    withheld: [
      ...refused,
      ...(obstacle === undefined ? [] : removals.map(({ id }) => ({ slot: id, finding: obstacle }))),
    ],
  };
}

function cardSlot(id: SlotId, hub: Slots, concur: Slots): CardSlot {
  return { id, hub: itemAt(hub, id), concur: itemAt(concur, id) };
}

function itemAt(slots: Slots, id: SlotId): Item | undefined {
  const value = slots.get(id)?.value;
  return isItem(value) ? value : undefined;
}

/** Cards that were withheld before: their notes are renewed, since this write replaces the notes of cards. */
function standingOnly(place: ListPlace, hub: Slots, concur: Slots, slots: readonly SlotId[]): CardSlot[] {
  return [...hub.values()]
    .filter((slot) => slot.place === place && !slots.includes(slot.id) && !concur.has(slot.id))
    .map(({ id }) => cardSlot(id, hub, concur));
}

function findingOf(place: ListPlace, slot: CardSlot, concur: Slots): Finding | undefined {
  const { hub: card } = slot;
  if (card === undefined) return undefined;
  const list = fieldOfPlace(place);
  const change = place.form.unflatten(slot.concur === undefined ? card : difference(place, slot));
  // The numbered second of two: Concur knows a card by vendor and number alone.
  if (slot.concur === undefined && /#\d+\]$/.test(slot.id)) {
    return { code: 'W004', field: list, reason: 'is there twice: vendor and number say which card it is' };
  }
  if (isCompanyCardOf(place, card, concur)) {
    return { code: 'W011', field: list, reason: 'is a company card, which only Concur can write' };
  }
  const [finding] = slot.concur === undefined ? checkCard(change) : checkCardContent(change);
  if (finding === undefined) return undefined;
  const [, ...path] = finding.field.split('.');
  return { code: finding.code, field: [list, ...path].join('/'), reason: finding.reason };
}

function isCompanyCardOf(place: ListPlace, card: Item, concur: Slots): boolean {
  const number = place.list.identityOf?.({ ...card, usageType: undefined });
  return [...concur.values()].some(
    ({ place: at, value }) =>
      at === place &&
      isItem(value) &&
      isReadOnlyItem(place.list, value) &&
      place.list.identityOf?.({ ...value, usageType: undefined }) === number,
  );
}

function obstacleTo(
  place: ListPlace,
  put: readonly CardSlot[],
  removals: readonly CardSlot[],
  concur: Slots,
  isWithheld: boolean,
): Finding | undefined {
  const field = fieldOfPlace(place);
  if (isWithheld) {
    const reason = 'would be removed while another card is withheld that may be meant to take its place';
    return { code: 'replacement-withheld', field, reason };
  }
  const writable = [...concur.values()].filter(
    ({ place: at, value }) => at === place && isItem(value) && !isReadOnlyItem(place.list, value),
  );
  const added = put.filter((slot) => slot.concur === undefined);
  if (writable.length + added.length > removals.length) return undefined;
  const reason =
    'would be the last card to be removed, and Concur takes no empty list; it can be removed in Concur';
  return { code: 'not-removable', field, reason };
}

/** The hub's fields, and those that Concur shows and the hub no longer has, cleared. */
function difference(place: ListPlace, { hub = {}, concur = {} }: CardSlot): Item {
  const fields = comparedChildren(place.list.children).flatMap(([name, leaf]): [string, unknown][] => {
    if (hub[name] !== undefined) return [[name, hub[name]]];
    // A word of a list has no empty form: what Concur shows stays (docs/concur.md §3, Writing).
    if (concur[name] === undefined || leaf.values !== undefined) return [];
    return [[name, leaf.kind === 'boolean' ? false : null]];
  });
  return Object.fromEntries(fields);
}

function changeOf(place: ListPlace, slot: CardSlot): CardChange[] {
  const change = place.form.unflatten(difference(place, slot));
  return refOf(slot.hub).map((ref) => ({ ...change, ...ref }));
}

function refOf(card: Item | undefined): CardRef[] {
  const { vendor, accountNo } = card ?? {};
  return typeof vendor === 'string' && typeof accountNo === 'string' ? [{ vendor, accountNo }] : [];
}
