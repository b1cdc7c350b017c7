import { type WriteWarning } from '../../concur/types';
import { type FieldNote, type Image } from '../../hub/types';
import { slotEquivalent, slotUnchanged } from '../model/equality';
import { fieldOfSlot, slotsOfField } from '../model/fields';
import { SCOPE_MISSING, type WritePlan } from '../model/plan';
import { isReadOnlySlot } from '../model/read-only';
import { imageOf, type Slot, type SlotId, type Slots, slotsOf } from '../model/slots';
import { type Bases } from './absorb';

const NOT_REMOVABLE = 'not-removable';

export interface SettleInput {
  /** The hub's content as it was sent. */
  readonly hub: Image;
  readonly plan: WritePlan;
  /** Concur's content before the write; undefined when the profile did not exist. */
  readonly before: Image | undefined;
  /** Concur's content as the read-back shows it. */
  readonly after: Image;
  /** The bases that the write was planned with. */
  readonly bases: Bases;
  readonly warnings: readonly WriteWarning[];
  readonly previousNotes: readonly FieldNote[];
  readonly at: Date;
}

export interface Settled {
  readonly bases: Bases;
  readonly notes: readonly FieldNote[];
}

/**
 * What a read-back means (docs/architecture.md, "Publishing" step 5). A field that was sent is settled when
 * Concur shows it, shows a normalised form, warned about it, or did not take it at all; a third value is
 * somebody's edit in between and stays visible as Concur's change.
 */
export function settle(input: SettleInput): Settled {
  const hub = slotsOf(input.hub);
  const after = slotsOf(input.after);
  const before = input.before === undefined ? new Map<SlotId, Slot>() : slotsOf(input.before);
  const baseHub = input.bases.baseHub === undefined ? new Map<SlotId, Slot>() : slotsOf(input.bases.baseHub);
  const baseConcur = new Map(before);
  const notes: FieldNote[] = [];
  const warned = warnedSlots(input.warnings, input.plan.sent);
  const at = input.at.toISOString();

  for (const id of input.plan.sent) {
    const [h, c] = [hub.get(id), after.get(id)];
    const place = (h ?? c)?.place;
    set(baseHub, id, h);
    set(baseConcur, id, c);
    if (slotEquivalent(place, h?.value, c?.value) || warned.has(id)) continue;
    if (slotUnchanged(place, c?.value, before.get(id)?.value)) notes.push(notTaken(id, h === undefined, at));
    // Neither ours nor the old one: Concur changed it after our write, which the next merge must see.
    else set(baseConcur, id, h);
  }
  for (const { slot, finding } of input.plan.withheld) {
    // What waits for its scope is still to be sent once that is granted.
    if (finding.code !== SCOPE_MISSING) set(baseHub, slot, hub.get(slot));
    notes.push({ code: finding.code, field: finding.field, reason: withheldWords(finding.reason), at });
  }
  for (const warning of input.warnings) notes.push(noteOf(warning, at));
  const left = leftFields(hub, after);
  const standing = input.previousNotes.filter((note) => stillStands(note, input.plan, notes, left));
  return {
    bases: { baseHub: imageOf(baseHub), baseConcur: imageOf(baseConcur) },
    notes: unique([...standing, ...notes]),
  };
}

function set(slots: Map<SlotId, Slot>, id: SlotId, slot: Slot | undefined): void {
  if (slot === undefined) slots.delete(id);
  else slots.set(id, slot);
}

function warnedSlots(warnings: readonly WriteWarning[], sent: readonly SlotId[]): Set<SlotId> {
  return new Set(warnings.flatMap(({ field }) => (field === undefined ? [] : slotsOfField(field, sent))));
}

function notTaken(id: SlotId, cleared: boolean, at: string): FieldNote {
  const field = fieldOfSlot(id);
  return cleared
    ? {
        code: NOT_REMOVABLE,
        field,
        reason: 'Concur still shows the value after it was told to remove it.',
        at,
      }
    : { code: 'not-accepted', field, reason: 'Concur answered success but does not show the value.', at };
}

function withheldWords(reason: string): string {
  return `Not sent, because the value ${reason}. Correct it in the hub.`;
}

function noteOf(warning: WriteWarning, at: string): FieldNote {
  return {
    code: warning.code,
    field: warning.field ?? 'Profile',
    // Concur's own text may quote the value; the words of the code do not (docs/concur.md §3).
    reason: `Concur wrote the rest but not this field: ${warning.words ?? 'its code is explained by no document of SAP’s'}.`,
    ...(warning.correlationId === undefined ? {} : { correlationId: warning.correlationId }),
    at,
  };
}

/** Lists of which Concur shows elements that the hub does not have. */
function leftFields(hub: Slots, after: Slots): ReadonlySet<string> {
  const left = [...after.values()].filter(
    (slot) => slot.place?.kind === 'list' && !hub.has(slot.id) && !isReadOnlySlot(slot),
  );
  return new Set(left.map(({ id }) => fieldOfSlot(id)));
}

/**
 * A note from an earlier publish stands until its field is sent or noted again; of an element that could not
 * be removed as long as Concur shows it, whatever is sent of its list.
 */
function stillStands(
  note: FieldNote,
  plan: WritePlan,
  fresh: readonly FieldNote[],
  left: ReadonlySet<string>,
): boolean {
  const isNotedAgain = fresh.some((other) => other.field === note.field && other.code === note.code);
  if (note.code === NOT_REMOVABLE && left.has(note.field)) return !isNotedAgain;
  const touched = [...plan.sent, ...plan.withheld.map(({ slot }) => slot)].map(fieldOfSlot);
  const isTouched = touched.some((field) => note.field === field || note.field.startsWith(`${field}/`));
  return !isTouched && !isNotedAgain;
}

function unique(notes: readonly FieldNote[]): FieldNote[] {
  return [...new Map(notes.map((note) => [`${note.code} ${note.field}`, note])).values()];
}
