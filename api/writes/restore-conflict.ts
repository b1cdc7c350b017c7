import { type ConflictRecord, isVersionConflict, type TravellerView } from '../../hub';
import { type Image } from '../../hub/types';
import { sameValue } from '../../sync/model/equality';
import { wordOf } from '../../sync/model/merge';
import {
  imageOf,
  isItem,
  placeOfSlot,
  type Slot,
  type SlotId,
  type SlotValue,
  slotsOf,
} from '../../sync/model/slots';
import { type ApiContext } from '../deps';
import { Problem } from '../problem';
import { etagOf, type Preconditions, requirePreconditions } from './preconditions';

/** Somebody else wrote between our read and our write: looked at again with what is stored now. */
const MOST_TRIES = 5;

/**
 * Puts the value that lost a conflict back as an edit of the hub, which then goes to Concur as any other.
 * Doing it again has no effect.
 * @param preconditions `If-Match` with the traveller's version: puts it back although the element changed
 * @returns the traveller's version afterwards
 * @throws Problem 409 `conflict-moved`, `conflict-erased`, `section-owned-by-concur`; 412; HubError
 */
export async function restoreConflict(
  context: ApiContext,
  id: string,
  preconditions: Preconditions,
): Promise<number> {
  const conflict = await context.store.conflicts.get(id);
  const { entityId, travellerId } = conflict;
  for (let tries = 1; ; tries += 1) {
    const view = await context.store.travellers.get(entityId, travellerId);
    if (conflict.restoredAt !== undefined) return view.traveller.version;
    requirePreconditions(preconditions, view.traveller.version);
    await requireRestorable(context, conflict);
    try {
      const version = await putBack(context, conflict, view, preconditions.ifMatch !== undefined);
      await noteRestored(context, conflict);
      return version;
    } catch (error) {
      if (!isVersionConflict(error) || tries === MOST_TRIES) throw error;
    }
  }
}

async function requireRestorable({ store }: ApiContext, conflict: ConflictRecord): Promise<void> {
  const { id, entityId, slot, section } = conflict;
  if (slot === '')
    throw new Problem(
      409,
      'conflict-erased',
      `The values of conflict ${id} were erased; nothing can be put back.`,
    );
  const { conflictRule } = await store.entities.get(entityId);
  if (wordOf(conflictRule, slot) !== 'concur-owned') return;
  throw new Problem(
    409,
    'section-owned-by-concur',
    `By the rule of entity ${entityId} ${section} follows Concur, so that a value put back here would be lost again. Change it in Concur, or change the rule first.`,
  );
}

async function putBack(
  { store, clock, waker }: ApiContext,
  conflict: ConflictRecord,
  { traveller }: TravellerView,
  overwrites: boolean,
): Promise<number> {
  const { entityId, slot } = conflict;
  const slots = slotsOf(traveller);
  const now = slots.get(slot)?.value;
  const [winner, loser] = sidesOf(conflict);
  if (sameValue(now, loser)) return traveller.version;
  if (!overwrites && !isOutcomeOf(now, winner, loser)) throw moved(conflict, traveller.version);
  const image = withSlot(slots, slot, loser, now);
  const { id, username, version: expectedVersion } = traveller;
  const write = { ...image, entityId, id, username, expectedVersion };
  const written = await store.travellers.upsert(write, { now: clock.now() });
  if (written.woke) waker.wake(entityId);
  return written.traveller.version;
}

function withSlot(
  slots: Map<SlotId, Slot>,
  id: SlotId,
  value: SlotValue | undefined,
  now: SlotValue | undefined,
): Image {
  if (value === undefined) slots.delete(id);
  else {
    const place = placeOfSlot(id);
    // The element keeps the key that it has by now.
    const key = isItem(now) && isItem(value) && now['key'] !== undefined ? { key: now['key'] } : {};
    const restored = isItem(value) ? { ...value, ...key } : value;
    slots.set(id, { id, value: restored, ...(place === undefined ? {} : { place }) });
  }
  return imageOf(slots);
}

function sidesOf({ winner, hubValue, concurValue }: ConflictRecord): [Side, Side] {
  const [hub, concur] = [sideOf(hubValue), sideOf(concurValue)];
  return winner === 'hub' ? [hub, concur] : [concur, hub];
}

type Side = SlotValue | undefined;

function sideOf(value: unknown): Side {
  const isValue =
    typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || isItem(value);
  return isValue ? value : undefined;
}

/** What the merge left: the winner's value; of an element that is merged by field, each field from either side. */
function isOutcomeOf(now: Side, winner: Side, loser: Side): boolean {
  if (sameValue(now, winner)) return true;
  if (!isItem(now) || !isItem(winner) || !isItem(loser)) return false;
  const names = new Set([...Object.keys(now), ...Object.keys(winner), ...Object.keys(loser)]);
  names.delete('key');
  return [...names].every((name) => now[name] === winner[name] || now[name] === loser[name]);
}

function moved({ id, travellerId, section }: ConflictRecord, version: number): Problem {
  return new Problem(
    409,
    'conflict-moved',
    `The element of ${section} that conflict ${id} is about has changed since. Look at traveller ${travellerId}; to put the lost value back over what stands there now, repeat with If-Match: ${etagOf(version)} (command: --over ${version}).`,
    { etag: etagOf(version), version },
  );
}

/** The event has an id of its own, so that a repetition after a crash tells it once. */
async function noteRestored(
  { store, clock }: ApiContext,
  { id, entityId, travellerId, section, winner }: ConflictRecord,
): Promise<void> {
  const lost = winner === 'hub' ? 'Concur' : 'the hub';
  await store.events.add({
    id: `conflict-restored-${id}`,
    entityId,
    at: clock.now(),
    kind: 'conflict-restored',
    message: `What ${lost} had in ${section} of traveller ${travellerId}, and had lost in a conflict, was put back.`,
  });
  await store.conflicts.markRestored(id, { now: clock.now() });
}
