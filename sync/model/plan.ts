import { type CardsChange } from '../../concur/card-types';
import { type List, type ProfileStatus, type SectionChanges } from '../../profile';
import { type Image } from '../../hub/types';
import { checkField, checkList, checkWhole, type Finding } from './checks';
import { fieldOfPlace } from './fields';
import { phoneCountryForWrite } from './phone';
import { planCards } from './plan-cards';
import { type IsHidden, scopeOf } from './visibility';
import { isReadOnlyChild, isReadOnlyItem } from './read-only';
import {
  isItem,
  type Item,
  type ListPlace,
  type Place,
  PLACES,
  placeOfSlot,
  sectionOfSlot,
  type SlotId,
  type Slots,
  slotsOf,
  STATUS,
  type WholeSlot,
} from './slots';

/** A write that is ready to be sent, and what is deliberately not in it. */
export interface WritePlan {
  readonly status: ProfileStatus;
  readonly sections: SectionChanges;
  /** Goes by a call of its own, after the profile; absent where cards stay as they are. */
  readonly cards?: CardsChange;
  /** Slots whose hub value Concur holds after the write. */
  readonly sent: readonly SlotId[];
  /** Slots left out because Concur would refuse them, with the reason. */
  readonly withheld: readonly { readonly slot: SlotId; readonly finding: Finding }[];
  /** Slots whose value in Concur the write removes or replaces: what an approval is about. */
  readonly overwrites: readonly SlotId[];
  readonly clears: readonly SlotId[];
}

/** True when there is nothing to send. */
export function isEmptyPlan(plan: WritePlan): boolean {
  return plan.sent.length === 0;
}

/** True where something goes into the profile's own document. */
export function writesProfile(plan: WritePlan): boolean {
  return plan.sent.some((id) => sectionOfSlot(id) !== 'cards');
}

/** The same write without its cards. */
export function withoutCards({ cards: _cards, ...plan }: WritePlan): WritePlan {
  const isOther = (id: SlotId): boolean => sectionOfSlot(id) !== 'cards';
  return {
    ...plan,
    sent: plan.sent.filter(isOther),
    withheld: plan.withheld.filter(({ slot }) => isOther(slot)),
    overwrites: plan.overwrites.filter(isOther),
    clears: plan.clears.filter(isOther),
  };
}

/**
 * The smallest write that gives Concur the hub's value of the given slots (docs/concur.md §3, writing):
 * single fields alone, lists complete, nothing empty that nobody cleared, read-only elements never. A list
 * of which one element would be refused is left out whole, because a shortened list deletes.
 * @param hub the merged content of the hub
 * @param concur Concur's content as just read; undefined for a profile that is to be created
 * @param isHidden places the granted scopes do not show; nothing is sent to them
 */
export function planWrite(
  hub: Image,
  concur: Image | undefined,
  toConcur: readonly SlotId[],
  isHidden: IsHidden = () => false,
): WritePlan {
  const draft = new Draft(slotsOf(hub), concur === undefined ? new Map() : slotsOf(concur), countriesOf(hub));
  const wanted = slotsByPlace(toConcur);
  for (const place of PLACES) {
    const slots = wanted.get(place);
    const [id] = slots ?? [];
    if (slots === undefined || id === undefined) continue;
    if (isHidden(place)) draft.withholdHidden(place, slots);
    else if (place.kind === 'leaf') draft.addLeaf(place, id);
    else if (place.kind === 'whole') draft.addWhole(place, id);
    else if (place.section === 'cards') draft.addCards(place, slots);
    else draft.addList(place, slots);
  }
  return draft.finish(hub.status, toConcur.includes(STATUS));
}

function slotsByPlace(ids: readonly SlotId[]): Map<Place, SlotId[]> {
  const byPlace = new Map<Place, SlotId[]>();
  for (const id of ids) {
    const place = placeOfSlot(id);
    if (place === undefined) continue;
    const same = byPlace.get(place);
    if (same === undefined) byPlace.set(place, [id]);
    else same.push(id);
  }
  return byPlace;
}

function countriesOf(hub: Image): string[] {
  const addresses = hub.sections.addresses ?? [];
  return [...addresses.map((address) => address.countryCode), hub.sections.general?.countryCode].filter(
    (code) => code !== undefined,
  );
}

/** The code of a slot that waits until its scope is granted. */
export const SCOPE_MISSING = 'scope-missing';

/** What a profile cannot be without (docs/concur.md §3, minimum for Create). */
const NEVER_CLEARED: ReadonlySet<string> = new Set([
  'General/FirstName',
  'General/LastName',
  'General/RuleClass',
  'General/TravelConfigID',
]);

type Tree = Record<string, unknown>;

class Draft {
  private readonly tree: Tree = {};
  private cards: CardsChange | undefined;
  private readonly sent: SlotId[] = [];
  private readonly withheld: { slot: SlotId; finding: Finding }[] = [];

  constructor(
    private readonly hub: Slots,
    private readonly concur: Slots,
    private readonly countries: readonly string[],
  ) {}

  /** What cannot be read cannot be merged, so it is not written blindly either. */
  withholdHidden(place: Place, slots: readonly SlotId[]): void {
    const scope = scopeOf(place) ?? '';
    const reason = `is in a part of the profile that is not synchronised while the scope ${scope} is missing`;
    const finding = { code: SCOPE_MISSING, field: fieldOfPlace(place), reason };
    for (const slot of slots) this.withheld.push({ slot, finding });
  }

  addLeaf(place: Extract<Place, { kind: 'leaf' }>, id: SlotId): void {
    const value = this.hub.get(id)?.value;
    if (value === undefined) return this.clearLeaf(place, id);
    const finding = checkField(place, value);
    if (finding !== undefined) return void this.withheld.push({ slot: id, finding });
    this.put(place, value, [id]);
  }

  private clearLeaf(place: Extract<Place, { kind: 'leaf' }>, id: SlotId): void {
    const { values, required } = place.leaf;
    const field = fieldOfPlace(place);
    if (required === true || NEVER_CLEARED.has(field)) {
      return void this.withheld.push({ slot: id, finding: { code: 'W007', field, reason: 'is required' } });
    }
    if (values === undefined) return this.put(place, null, [id]);
    if (values.includes('DontCare')) return this.put(place, 'DontCare', [id]);
    this.withheld.push({
      slot: id,
      finding: { code: 'not-removable', field, reason: 'has no counterpart in Concur that means "none"' },
    });
  }

  addWhole(place: WholeSlot, id: SlotId): void {
    const hub = this.hub.get(id)?.value;
    const concur = this.concur.get(id)?.value;
    const target: Item = isItem(hub) ? hub : {};
    const shown: Item = isItem(concur) ? concur : {};
    const finding = checkWhole(place, target);
    if (finding !== undefined) return void this.withheld.push({ slot: id, finding });
    // What Concur shows and the hub no longer has is cleared child by child.
    const cleared = Object.keys(shown).filter((name) => target[name] === undefined);
    this.put(place, { ...target, ...Object.fromEntries(cleared.map((name) => [name, null])) }, [id]);
  }

  addList(place: ListPlace, slots: readonly SlotId[]): void {
    const items = this.completeList(place, slots).map((item) => this.writable(place.list, item));
    const list = withOnePrimaryCell(place, items);
    const finding = checkList(place, list);
    if (finding !== undefined) {
      for (const slot of slots) this.withheld.push({ slot, finding });
      return;
    }
    this.put(place, list, slots);
  }

  addCards(place: ListPlace, slots: readonly SlotId[]): void {
    const { change, sent, withheld } = planCards(place, this.hub, this.concur, slots);
    if (sent.length > 0) this.cards = change;
    this.sent.push(...sent);
    this.withheld.push(...withheld);
  }

  /** The hub's elements, and Concur's that the hub never had and nobody removed: a short list deletes. */
  private completeList(place: ListPlace, slots: readonly SlotId[]): Item[] {
    const prefix = `${place.path.join('.')}[`;
    const ofHub = [...this.hub.values()].filter((slot) => slot.id.startsWith(prefix));
    const onlyInConcur = [...this.concur.values()].filter(
      (slot) => slot.id.startsWith(prefix) && !this.hub.has(slot.id) && !slots.includes(slot.id),
    );
    return [...ofHub, ...onlyInConcur]
      .map((slot) => slot.value)
      .filter(isItem)
      .filter((item) => !isReadOnlyItem(place.list, item));
  }

  private writable(list: List, item: Item): Item {
    const entries = Object.entries(item).filter(([name]) => !isReadOnlyChild(list.children[name]));
    const value = Object.fromEntries(entries);
    const country = value['countryCode'];
    if (!('phoneNumber' in list.children) || typeof country !== 'string') return value;
    return { ...value, countryCode: phoneCountryForWrite(country, this.countries) ?? country };
  }

  private put(place: Place, value: unknown, slots: readonly SlotId[]): void {
    let parent = this.tree;
    for (const name of place.path.slice(0, -1)) {
      const next = parent[name];
      const child: Tree = isItem(next) ? next : {};
      parent[name] = child;
      parent = child;
    }
    const last = place.path.at(-1);
    if (last !== undefined) parent[last] = value;
    this.sent.push(...slots);
  }

  finish(status: ProfileStatus, statusChanges: boolean): WritePlan {
    const sent = statusChanges ? [STATUS, ...this.sent] : this.sent;
    return {
      status,
      sections: this.tree,
      ...(this.cards === undefined ? {} : { cards: this.cards }),
      sent,
      withheld: this.withheld,
      overwrites: sent.filter((id) => this.concur.has(id) && this.hub.has(id)),
      clears: sent.filter((id) => this.concur.has(id) && !this.hub.has(id)),
    };
  }
}

/**
 * Concur refuses every cell change unless exactly one cell phone is the primary one (W012); a single one is
 * primary by itself. Where the hub names none, or several, the first of them is.
 */
function withOnePrimaryCell(place: ListPlace, items: Item[]): Item[] {
  if (place.section !== 'telephones') return items;
  const cells = items.filter((item) => item['type'] === 'Cell');
  const primary = cells.find((cell) => cell['primaryMobile'] === true) ?? cells[0];
  return items.map((item) => {
    const { primaryMobile: _, ...rest } = item;
    return item['type'] === 'Cell' ? { ...rest, primaryMobile: item === primary } : rest;
  });
}
