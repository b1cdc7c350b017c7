import { type ConflictRule, type ConflictWord, type Image } from '../../hub/types';
import { sameValue, slotEquivalent, slotUnchanged } from './equality';
import { mergeItems } from './merge-items';
import { isReadOnlyChild, isReadOnlySlot } from './read-only';
import { type IsHidden } from './visibility';
import {
  imageOf,
  isItem,
  type Place,
  sectionOfSlot,
  type Slot,
  type SlotId,
  type Slots,
  slotsOf,
  type SlotValue,
} from './slots';

export interface MergeInput {
  readonly hub: Image;
  readonly concur: Image;
  /** Both sides as they were at the last sync; absent before the first. */
  readonly baseHub?: Image;
  readonly baseConcur?: Image;
  readonly rule: ConflictRule;
  readonly hubChangedAt: Date;
  /** ProfileLastModifiedUTC, corrected by the measured clock skew. */
  readonly concurModifiedAt?: Date;
  /** Places that Concur neither shows nor takes: their slots stay as they are, and so do their bases. */
  readonly isHidden?: IsHidden;
}

export interface SlotConflict {
  readonly slot: SlotId;
  readonly section: string;
  readonly hubValue?: SlotValue;
  readonly concurValue?: SlotValue;
  readonly winner: 'hub' | 'concur';
}

export interface MergeResult {
  /** The hub's content with Concur's changes taken over. */
  readonly hub: Image;
  /** True when `hub` differs from the input. */
  readonly hubMoved: boolean;
  /** Slots whose hub value Concur must still be given (or told to clear). */
  readonly toConcur: readonly SlotId[];
  /** Slots that Concur would have to be given if they were not hidden. */
  readonly waiting: readonly SlotId[];
  readonly conflicts: readonly SlotConflict[];
  /** The hub's base after this merge: settled slots as they are now, open ones as they were. */
  readonly baseHub: Image;
}

/**
 * Three-way merge with two bases (docs/architecture.md, "Publishing"): the hub changed a slot where it
 * differs from its base, Concur where it differs from its own. Nothing counts as cleared that was never in
 * the side's base, so a first merge without bases clears nothing.
 */
export function merge(input: MergeInput): MergeResult {
  const sides: Sides = {
    hub: slotsOf(input.hub),
    concur: slotsOf(input.concur),
    baseHub: input.baseHub === undefined ? new Map() : slotsOf(input.baseHub),
    baseConcur: input.baseConcur === undefined ? new Map() : slotsOf(input.baseConcur),
  };
  const merged = new Map<SlotId, Slot>();
  const base = new Map<SlotId, Slot>();
  const toConcur: SlotId[] = [];
  const waiting: SlotId[] = [];
  const conflicts: SlotConflict[] = [];
  let hubMoved = false;

  for (const id of allIds(sides)) {
    const verdict = decide(id, sides, input);
    const place = (sides.hub.get(id) ?? sides.concur.get(id) ?? sides.baseHub.get(id))?.place;
    const slot = (value: SlotValue): Slot => ({ id, value, ...(place === undefined ? {} : { place }) });
    if (verdict.value !== undefined) merged.set(id, slot(verdict.value));
    if (verdict.base !== undefined) base.set(id, slot(verdict.base));
    if (!sameValue(verdict.value, sides.hub.get(id)?.value)) hubMoved = true;
    if (verdict.send) toConcur.push(id);
    if (verdict.waits === true) waiting.push(id);
    if (verdict.conflict !== undefined)
      conflicts.push({ slot: id, section: sectionOfSlot(id), ...inForm(place, verdict.conflict) });
  }
  return { hub: imageOf(merged), hubMoved, toConcur, waiting, conflicts, baseHub: imageOf(base) };
}

/** Values as the content has them, not as they are compared. */
function inForm(
  place: Place | undefined,
  conflict: Omit<SlotConflict, 'slot' | 'section'>,
): Omit<SlotConflict, 'slot' | 'section'> {
  if (place?.kind !== 'list') return conflict;
  const { hubValue, concurValue, winner } = conflict;
  return {
    ...(isItem(hubValue) ? { hubValue: place.form.unflatten(hubValue) } : {}),
    ...(isItem(concurValue) ? { concurValue: place.form.unflatten(concurValue) } : {}),
    winner,
  };
}

interface Sides {
  readonly hub: Slots;
  readonly concur: Slots;
  readonly baseHub: Slots;
  readonly baseConcur: Slots;
}

function allIds(sides: Sides): Set<SlotId> {
  return new Set([...sides.hub.keys(), ...sides.concur.keys(), ...sides.baseHub.keys()]);
}

interface Verdict {
  /** What the hub holds afterwards. */
  readonly value?: SlotValue | undefined;
  /** What the hub's base holds afterwards. */
  readonly base?: SlotValue | undefined;
  readonly send: boolean;
  readonly waits?: boolean;
  readonly conflict?: Omit<SlotConflict, 'slot' | 'section'>;
}

function decide(id: SlotId, sides: Sides, input: MergeInput): Verdict {
  const hub = sides.hub.get(id);
  const concur = sides.concur.get(id);
  const baseHub = sides.baseHub.get(id)?.value;
  const baseConcur = sides.baseConcur.get(id)?.value;
  const place = (hub ?? concur ?? sides.baseHub.get(id))?.place;
  const [h, c] = [hub?.value, concur?.value];

  if (place !== undefined && input.isHidden?.(place) === true) {
    return {
      value: h,
      base: baseHub,
      send: false,
      waits: !sameValue(h, baseHub) && !slotEquivalent(place, h, c),
    };
  }
  const shown = concur ?? hub;
  if (shown !== undefined && isReadOnlySlot(shown)) return takeConcur(h, c);
  if (slotEquivalent(place, h, c)) return settled(withReadOnly(place, h, c));

  const hubChanged = !sameValue(h, baseHub);
  const concurChanged = !slotUnchanged(place, c, baseConcur);
  const rule = wordOf(input.rule, id);

  if (rule === 'hub-owned') return ownedByHub(h, baseHub);
  if (rule === 'concur-owned') return ownedByConcur(h, c, hubChanged);
  if (!hubChanged && !concurChanged) return { value: h, base: baseHub, send: false };
  if (hubChanged && !concurChanged) return { value: h, base: baseHub, send: true };
  if (!hubChanged) {
    // A standing difference (a value Concur had refused) that Concur now moves: the hub's value is kept.
    const standing = h !== undefined && !slotEquivalent(place, baseHub, baseConcur);
    return standing ? { ...takeConcur(h, c), conflict: both(h, c, 'concur') } : takeConcur(h, c);
  }
  return bothChanged(place, { h, c, baseHub, baseConcur }, winnerOf(rule, input));
}

/** What the rule says of a slot: its section's word, or the default. */
export function wordOf(rule: ConflictRule, id: SlotId): ConflictWord {
  return rule.sections?.[sectionNameOf(id)] ?? rule.default;
}

function sectionNameOf(id: SlotId): Exclude<ReturnType<typeof sectionOfSlot>, 'status'> {
  const section = sectionOfSlot(id);
  return section === 'status' ? 'general' : section;
}

function winnerOf(rule: ConflictWord, input: MergeInput): 'hub' | 'concur' {
  if (rule === 'concur-wins') return 'concur';
  if (rule !== 'newest-wins' || input.concurModifiedAt === undefined) return 'hub';
  return input.concurModifiedAt.getTime() > input.hubChangedAt.getTime() ? 'concur' : 'hub';
}

function settled(value: SlotValue | undefined): Verdict {
  return { value, base: value, send: false };
}

function takeConcur(hub: SlotValue | undefined, concur: SlotValue | undefined): Verdict {
  return settled(keepKey(hub, concur));
}

/** The hub's own handle on a list element survives when its content is taken from Concur. */
function keepKey(hub: SlotValue | undefined, concur: SlotValue | undefined): SlotValue | undefined {
  if (!isItem(concur) || !isItem(hub) || hub['key'] === undefined) return concur;
  return { ...concur, key: hub['key'] };
}

/** Fields that only Concur fills (a manager's name) follow Concur even where the rest is equal. */
function withReadOnly(
  place: Slot['place'],
  hub: SlotValue | undefined,
  concur: SlotValue | undefined,
): SlotValue | undefined {
  if (place?.kind !== 'list' || !isItem(hub) || !isItem(concur)) return hub;
  const shown = Object.entries(concur).filter(([name]) => isReadOnlyChild(place.list.children[name]));
  return shown.length === 0 ? hub : { ...hub, ...Object.fromEntries(shown) };
}

function both(hub: SlotValue | undefined, concur: SlotValue | undefined, winner: 'hub' | 'concur') {
  return {
    ...(hub === undefined ? {} : { hubValue: hub }),
    ...(concur === undefined ? {} : { concurValue: concur }),
    winner,
  };
}

/** Concur's changes are never taken; what the hub never had is left alone. */
function ownedByHub(hub: SlotValue | undefined, baseHub: SlotValue | undefined): Verdict {
  const neverHad = hub === undefined && baseHub === undefined;
  return { value: hub, base: baseHub, send: !neverHad };
}

/** The hub follows Concur; a hub value that had been changed is kept as a conflict. */
function ownedByConcur(
  hub: SlotValue | undefined,
  concur: SlotValue | undefined,
  hubChanged: boolean,
): Verdict {
  const verdict = takeConcur(hub, concur);
  return hubChanged && hub !== undefined ? { ...verdict, conflict: both(hub, concur, 'concur') } : verdict;
}

interface Four {
  readonly h: SlotValue | undefined;
  readonly c: SlotValue | undefined;
  readonly baseHub: SlotValue | undefined;
  readonly baseConcur: SlotValue | undefined;
}

function bothChanged(place: Place | undefined, four: Four, winner: 'hub' | 'concur'): Verdict {
  const conflict = both(four.h, four.c, winner);
  if (place !== undefined && place.kind !== 'leaf' && isItem(four.h) && isItem(four.c)) {
    const merged = mergeItems(place, { ...four, h: four.h, c: four.c }, winner);
    const send = !slotEquivalent(place, merged.value, four.c);
    return {
      value: merged.value,
      base: send ? four.baseHub : merged.value,
      send,
      ...(merged.conflicted ? { conflict } : {}),
    };
  }
  if (winner === 'concur') return { ...takeConcur(four.h, four.c), conflict };
  return { value: four.h, base: four.baseHub, send: true, conflict };
}

/** Applies to `current` what leads from `from` to `to`, wherever `current` was not edited meanwhile. */
export function rebase(current: Image, from: Image, to: Image): Image {
  const [now, before, after] = [slotsOf(current), slotsOf(from), slotsOf(to)];
  for (const id of new Set([...before.keys(), ...after.keys()])) {
    const untouched = sameValue(now.get(id)?.value, before.get(id)?.value);
    if (!untouched || sameValue(before.get(id)?.value, after.get(id)?.value)) continue;
    const slot = after.get(id);
    if (slot === undefined) now.delete(id);
    else now.set(id, slot);
  }
  return imageOf(now);
}
