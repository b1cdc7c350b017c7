import { type ConflictRule, type FieldNote, type Image } from '../../hub/types';
import { slotEquivalent } from './equality';
import { fieldOfSlot } from './fields';
import { wordOf } from './merge';
import { isReadOnlySlot } from './read-only';
import { type SlotId, slotsOf } from './slots';
import { type IsHidden } from './visibility';

export interface Comparison {
  /** Concur's names of the fields that differ; no values. */
  readonly differs: readonly string[];
  /**
   * Differing fields that stay so: Concur is known not to take or not to remove them, or the hub never had
   * what Concur has of a section that the hub owns. Shown, not repaired.
   */
  readonly accepted: readonly string[];
}

/** What is known about the two sides beside their contents. */
export interface ComparingRules {
  readonly notes: readonly FieldNote[];
  readonly rule: ConflictRule;
  /** Places that Concur does not show: what differs there waits for its scope. */
  readonly isHidden?: IsHidden;
}

/**
 * THE comparer: what differs between the hub's and Concur's content of one traveller. Values that only
 * Concur fills do not count, nor do the forms of the normalisation table.
 */
export function compareImages(
  hub: Image,
  concur: Image,
  { notes, rule, isHidden = () => false }: ComparingRules,
): Comparison {
  const ofHub = slotsOf(hub);
  const ofConcur = slotsOf(concur);
  const ids = new Set<SlotId>([...ofHub.keys(), ...ofConcur.keys()]);
  const differs = new Set<string>();
  const accepted = new Set<string>();
  for (const id of ids) {
    const slot = ofConcur.get(id) ?? ofHub.get(id);
    if (slot === undefined || isReadOnlySlot(slot)) continue;
    if (slotEquivalent(slot.place, ofHub.get(id)?.value, ofConcur.get(id)?.value)) continue;
    const field = fieldOfSlot(id);
    const isNoted = notes.some((note) => note.field === field || note.field.startsWith(`${field}/`));
    const isLeft = !ofHub.has(id) && wordOf(rule, id) === 'hub-owned';
    (isNoted || isLeft || isHidden(slot.place) ? accepted : differs).add(field);
  }
  return { differs: [...differs].sort(), accepted: [...accepted].sort() };
}
