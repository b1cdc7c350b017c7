import { type ProfileRead, type WriteWarning } from '../../concur/types';
import {
  type ConflictEntry,
  type Entity,
  type Image,
  type QuarantineEntry,
  type TravellerSync,
} from '../../hub/types';
import { type MergeResult, rebase } from '../model/merge';
import { sameValue } from '../model/equality';
import { isEmptyPlan, planWrite, type WritePlan } from '../model/plan';
import { slotsOf, withSlotsOf } from '../model/slots';
import { hiddenPlaces } from '../model/visibility';
import {
  absorb,
  type Bases,
  basesOf,
  imageOfProfile,
  imageOfTraveller,
  mergeObserved,
  type Observation,
} from './absorb';
import { type ClassifiedFailure, isRecordFailure, wordsOf } from './failures';
import { findProfile, refuseVersion1 } from './identity';
import { createProfile } from './create';
import { type EngineDeps } from './ports';
import { type Gate, leaseFrom, type LeaseHolder, type PublishOutcome } from './publish-types';
import { settle } from './settle';

/**
 * Publishes one leased traveller: read, merge, check, write, read back (docs/architecture.md,
 * "Publishing"). What concerns this traveller alone ends in quarantine; other failures are thrown.
 */
export async function publishLeased(
  deps: EngineDeps,
  entity: Entity,
  leased: TravellerSync,
  holder: LeaseHolder,
  gate: Gate = () => true,
): Promise<PublishOutcome> {
  try {
    return await new TravellerPublish(deps, entity, leased, holder, gate).execute();
  } catch (error) {
    if (!isRecordFailure(error)) throw error;
    return quarantinePublish(deps, leased, holder.id, error);
  }
}

export async function quarantinePublish(
  deps: EngineDeps,
  leased: TravellerSync,
  holder: string,
  failure: ClassifiedFailure,
): Promise<PublishOutcome> {
  const { traveller, state } = leased;
  const entry: QuarantineEntry = {
    entityId: traveller.entityId,
    travellerId: traveller.id,
    direction: 'publish',
    ...(state.locator === undefined ? {} : { loginId: state.locator }),
    ...wordsOf(failure),
  };
  const now = deps.clock.now();
  return deps.store.transaction(async (tx) => {
    const [current] = await tx.lock(traveller.entityId, state.target, onlyId(traveller.id));
    if (current?.state.leaseHolder !== holder) return { kind: 'lost-lease' };
    const { leaseHolder: _h, leaseUntil: _u, ...free } = current.state;
    await tx.save([{ state: { ...free, blockedVersion: traveller.version } }]);
    await tx.quarantine([entry], now);
    return { kind: 'quarantined', code: entry.code };
  });
}

export function onlyId(travellerId: string) {
  return { travellerIds: [travellerId], logins: [], syncIds: [], uuids: [] };
}

class TravellerPublish {
  constructor(
    private readonly deps: EngineDeps,
    private readonly entity: Entity,
    private readonly leased: TravellerSync,
    private readonly holder: LeaseHolder,
    private readonly gate: Gate,
  ) {}

  async execute(): Promise<PublishOutcome> {
    const { traveller, state } = this.leased;
    const isBound = state.concurUuid !== undefined || state.locator !== undefined;
    // Never created in Concur and gone in the hub: there is nothing to say to Concur.
    if (!isBound && traveller.status === 'inactive' && state.createIntent === undefined)
      return this.nothingToDo();
    const found = await findProfile(this.deps, {
      login: state.locator,
      uuid: state.concurUuid,
      syncId: state.xmlProfileSyncId,
    });
    if (found === undefined) return this.create();
    return this.update(found);
  }

  private async nothingToDo(): Promise<PublishOutcome> {
    return this.deps.store.transaction(async (tx) => {
      const { traveller, state } = this.leased;
      const [current] = await tx.lock(traveller.entityId, state.target, onlyId(traveller.id));
      if (current?.state.leaseHolder !== this.holder.id) return { kind: 'lost-lease' };
      const { leaseHolder: _h, leaseUntil: _u, ...free } = current.state;
      await tx.save([{ state: { ...free, publishedVersion: traveller.version } }]);
      return { kind: 'unchanged' };
    });
  }

  private async create(): Promise<PublishOutcome> {
    if (this.entity.apiVersion === 1) throw refuseVersion1();
    const created = await createProfile(this.deps, this.entity, this.leased, this.holder, this.gate);
    if (created.kind === 'adopted') return this.update(created.read);
    if (created.kind !== 'created') return created;
    const { plan, read, warnings, hub } = created;
    return this.commit({ hub, plan, bases: {}, before: undefined }, read, warnings, 'Create');
  }

  private async update(found: ProfileRead): Promise<PublishOutcome> {
    const now = this.deps.clock.now();
    const seen = observed(found, now);
    const bases = basesOf(this.leased.state);
    const merged: MergeResult = mergeObserved(this.entity, this.leased, seen, bases);
    if (isVersion1(this.entity, found) && merged.toConcur.length > 0) throw refuseVersion1();
    const before = imageOfProfile(this.entity, found.profile, bases.baseConcur);
    const plan = planWrite(merged.hub, before, merged.toConcur, hiddenPlaces(this.entity.scopes));
    const step: Step = {
      hub: merged.hub,
      plan,
      bases: { baseHub: merged.baseHub, baseConcur: before },
      before,
    };
    if (isEmptyPlan(plan)) return this.commit(step, found, [], undefined, merged);
    const loginId = found.profile.loginId;
    if (!(await this.gate({ action: 'Update', loginId, plan }))) return this.giveBack();
    if (!(await this.renewLease())) return { kind: 'lost-lease' };
    const { warnings } = await this.deps.concur.writeProfile({
      action: 'Update',
      loginId,
      status: plan.status,
      sections: plan.sections,
    });
    const after = await findProfile(this.deps, { login: loginId, uuid: found.profile.uuid });
    return this.commit(step, after ?? found, warnings, 'Update', merged);
  }

  /** The read may have taken long, or have waited for others. */
  private renewLease(): Promise<boolean> {
    const { traveller, state } = this.leased;
    const lease = leaseFrom(this.deps.clock.now(), this.holder);
    return this.deps.store.renewLease(traveller.entityId, state.target, traveller.id, lease);
  }

  private async giveBack(): Promise<PublishOutcome> {
    const { traveller, state } = this.leased;
    await this.deps.store.releaseLease(traveller.entityId, state.target, traveller.id, this.holder.id);
    return { kind: 'refused-by-gate' };
  }

  /** Commits what the read-back shows: what was sent becomes the base, the rest takes the way of a pull. */
  private async commit(
    step: Step,
    after: ProfileRead,
    warnings: readonly WriteWarning[],
    action: 'Create' | 'Update' | undefined,
    merged?: MergeResult,
  ): Promise<PublishOutcome> {
    const { traveller, state } = this.leased;
    const now = this.deps.clock.now();
    const seen = observed(after, now);
    const settled = settle({
      hub: step.hub,
      plan: step.plan,
      before: step.before,
      after: imageOfProfile(this.entity, after.profile, step.before),
      bases: step.bases,
      warnings,
      previousNotes: state.notes,
      at: now,
    });
    return this.deps.store.transaction(async (tx) => {
      const { loginId } = after.profile;
      const by = { ...onlyId(traveller.id), logins: loginId === '' ? [] : [loginId] };
      const locked = await tx.lock(traveller.entityId, state.target, by);
      const current = locked.find((each) => each.traveller.id === traveller.id);
      if (current?.state.leaseHolder !== this.holder.id) return { kind: 'lost-lease' };
      const ground = withMergedContent(current, this.leased, merged, now);
      const bases = withOpenEdits(settled.bases, step.plan, current, this.leased, merged);
      const absorbed = absorb(this.entity, ground, seen, now, bases, settled.notes);
      const {
        leaseHolder: _h,
        leaseUntil: _u,
        createIntent: _c,
        blockedVersion: _b,
        ...free
      } = absorbed.save.state;
      const touched = ground.traveller !== current.traveller ? { traveller: ground.traveller } : {};
      await tx.save([
        {
          ...touched,
          ...absorbed.save,
          state: { ...free, ...(action === undefined ? {} : { lastPublishedAt: now }) },
        },
        // A login belongs to one profile: whoever was known by it is found by UUID from now on.
        ...locked.flatMap(({ traveller: other, state: { locator: _l, ...unlocated } }) =>
          other.id === traveller.id ? [] : [{ state: unlocated }],
        ),
      ]);
      await tx.addConflicts([...conflictsOf(merged, this.leased), ...absorbed.conflicts], now);
      if (current.publishQuarantined) {
        const record = { travellerId: traveller.id, direction: 'publish' } as const;
        await tx.resolveQuarantine(traveller.entityId, [record], now);
      }
      if (action === undefined) return { kind: 'unchanged' };
      return { kind: 'written', action, warnings: settled.notes.length };
    });
  }
}

interface Step {
  /** The hub's content as it was sent. */
  readonly hub: Image;
  readonly plan: WritePlan;
  readonly bases: Bases;
  /** Concur's content before the write; undefined when the profile did not exist. */
  readonly before: Image | undefined;
}

function isVersion1(entity: Entity, { profile }: ProfileRead): boolean {
  return entity.apiVersion === 1 || profile.apiVersion === 1;
}

function observed(read: ProfileRead, now: Date): Observation {
  return { profile: read.profile, seenAt: read.serverDate ?? now };
}

function conflictsOf(merged: MergeResult | undefined, { traveller }: TravellerSync): ConflictEntry[] {
  return (merged?.conflicts ?? []).map((conflict) => ({
    entityId: traveller.entityId,
    travellerId: traveller.id,
    ...conflict,
  }));
}

/**
 * The traveller as it stands now, with what the merge before the write took from Concur: where the hub was
 * edited meanwhile, the newer edit stays and only untouched slots follow Concur.
 */
function withMergedContent(
  current: TravellerSync,
  leased: TravellerSync,
  merged: MergeResult | undefined,
  now: Date,
): TravellerSync {
  if (merged === undefined || !merged.hubMoved) return current;
  const edited = current.traveller.version !== leased.traveller.version;
  const content = edited
    ? rebase(imageOfTraveller(current.traveller), imageOfTraveller(leased.traveller), merged.hub)
    : merged.hub;
  const version = current.traveller.version + 1;
  const published =
    current.state.publishedVersion >= current.traveller.version ? version : current.state.publishedVersion;
  return {
    traveller: { ...current.traveller, ...content, version, changedAt: now },
    state: { ...current.state, hubVersion: version, publishedVersion: published },
  };
}

/**
 * The bases to commit with, where the hub was edited during the write: what the merge had taken from Concur
 * and the hub has changed since is as open on both sides as it was before, so that both edits meet as a
 * conflict and the one that loses is kept.
 */
function withOpenEdits(
  settled: Bases,
  plan: WritePlan,
  current: TravellerSync,
  leased: TravellerSync,
  merged: MergeResult | undefined,
): Bases {
  if (merged?.hubMoved !== true || current.traveller.version === leased.traveller.version) return settled;
  const now = slotsOf(current.traveller);
  const before = slotsOf(leased.traveller);
  const taken = slotsOf(merged.hub);
  const open = [...new Set([...before.keys(), ...taken.keys()])].filter(
    (id) =>
      !plan.sent.includes(id) &&
      !sameValue(before.get(id)?.value, taken.get(id)?.value) &&
      !sameValue(now.get(id)?.value, before.get(id)?.value),
  );
  const earlier = basesOf(leased.state);
  const baseHub = withSlotsOf(settled.baseHub, earlier.baseHub, open);
  const baseConcur = withSlotsOf(settled.baseConcur, earlier.baseConcur, open);
  return { ...settled, ...(baseHub && { baseHub }), ...(baseConcur && { baseConcur }) };
}
