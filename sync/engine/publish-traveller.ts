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
import { isEmptyPlan, planWrite, withoutCards, type WritePlan } from '../model/plan';
import { sectionOfSlot, slotsOf, withSlotsOf } from '../model/slots';
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
import { type ClassifiedFailure, isRecordFailure, isTransientFailure, wordsOf } from './failures';
import { findProfile, refuseVersion1 } from './identity';
import { type ConcurSide, readsCards, withCards } from './concur-side';
import { createProfile } from './create';
import { type Decide, GroupCommit } from './group-commit';
import { type EngineDeps } from './ports';
import { type Gate, leaseFrom, type LeaseHolder, type PublishOutcome } from './publish-types';
import { cardsOf } from './planned-cards';
import { sendPlan } from './send-plan';
import { settle } from './settle';

/**
 * Publishes one leased traveller: read, merge, check, write, read back (docs/architecture.md,
 * "Publishing"). What concerns this traveller alone ends in quarantine; other failures are thrown.
 * @param commits of the drain that the traveller belongs to
 */
export async function publishLeased(
  deps: EngineDeps,
  entity: Entity,
  leased: TravellerSync,
  holder: LeaseHolder,
  gate: Gate = () => true,
  commits = new GroupCommit(deps, entity, leased.state.target),
): Promise<PublishOutcome> {
  try {
    return await new TravellerPublish(deps, entity, leased, holder, gate, commits).execute();
  } catch (error) {
    if (!isRecordFailure(error)) throw error;
    return quarantinePublish(leased, holder.id, error, commits);
  }
}

function quarantinePublish(
  leased: TravellerSync,
  holder: string,
  failure: ClassifiedFailure,
  commits: GroupCommit,
): Promise<PublishOutcome> {
  const { traveller } = leased;
  const entry = publishEntry(leased, failure);
  return commits.commit(traveller.id, (current) => {
    if (current?.state.leaseHolder !== holder) return { outcome: { kind: 'lost-lease' } };
    const { leaseHolder: _h, leaseUntil: _u, ...free } = current.state;
    return {
      outcome: { kind: 'quarantined', code: entry.code },
      save: { state: { ...free, blockedVersion: traveller.version } },
      quarantine: entry,
    };
  });
}

function publishEntry({ traveller, state }: TravellerSync, failure: ClassifiedFailure): QuarantineEntry {
  return {
    entityId: traveller.entityId,
    travellerId: traveller.id,
    direction: 'publish',
    ...(state.locator === undefined ? {} : { loginId: state.locator }),
    ...wordsOf(failure),
  };
}

class TravellerPublish {
  constructor(
    private readonly deps: EngineDeps,
    private readonly entity: Entity,
    private readonly leased: TravellerSync,
    private readonly holder: LeaseHolder,
    private readonly gate: Gate,
    private readonly commits: GroupCommit,
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

  private nothingToDo(): Promise<PublishOutcome> {
    const { traveller } = this.leased;
    return this.commits.commit(traveller.id, (current) => {
      if (current?.state.leaseHolder !== this.holder.id) return { outcome: { kind: 'lost-lease' } };
      const { leaseHolder: _h, leaseUntil: _u, ...free } = current.state;
      return {
        outcome: { kind: 'unchanged' },
        save: { state: { ...free, publishedVersion: traveller.version } },
      };
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
    const bases = basesOf(this.leased.state);
    const side = await this.withCardsWhereNeeded(found, bases);
    const seen = observed(side, this.deps.clock.now());
    const merged: MergeResult = mergeObserved(this.entity, this.leased, seen, bases);
    if (isVersion1(this.entity, found) && merged.toConcur.length > 0) throw refuseVersion1();
    const before = imageOfProfile(this.entity, side.profile, bases.baseConcur);
    const slots = [...merged.toConcur, ...merged.waiting];
    const planned = planWrite(merged.hub, before, slots, hiddenPlaces(this.entity.scopes));
    const plan = side.cardsFailure === undefined ? planned : withoutCards(planned);
    const step = (sent: WritePlan, cardsFailure = side.cardsFailure): Step => ({
      hub: merged.hub,
      plan: sent,
      bases: { baseHub: merged.baseHub, baseConcur: before },
      before,
      ...(cardsFailure === undefined ? {} : { cardsFailure }),
    });
    if (isEmptyPlan(plan)) return this.commit(step(plan), side, [], undefined, merged);
    const { loginId } = side.profile;
    const cards = cardsOf(this.deps, side, plan);
    if (!(await this.gate({ action: 'Update', loginId, plan, ...cards }))) return this.giveBack();
    const sent = await sendPlan(this.deps, side, plan, () => this.renewLease());
    if (sent === undefined) return { kind: 'lost-lease' };
    const { after, warnings, cardsFailure } = sent;
    const done = cardsFailure === undefined ? step(plan) : step(withoutCards(plan), cardsFailure);
    return this.commit(done, after, warnings, 'Update', merged);
  }

  /**
   * The cards are read where the hub has something to say of them, at the first contact, and where there is
   * nothing else to say: then somebody asked for a look (docs/decisions/0020).
   */
  private async withCardsWhereNeeded(found: ProfileRead, bases: Bases): Promise<ConcurSide> {
    if (!readsCards(this.entity, found.profile)) return found;
    const seen = observed(found, this.deps.clock.now());
    const { toConcur } = mergeObserved(this.entity, this.leased, seen, bases);
    const isAboutCards = toConcur.some((id) => sectionOfSlot(id) === 'cards');
    if (bases.baseConcur !== undefined && toConcur.length > 0 && !isAboutCards) return found;
    const side = await withCards(this.deps, this.entity, found);
    if (isTransientFailure(side.cardsFailure)) throw side.cardsFailure;
    return side;
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
    after: ConcurSide,
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
    const done: PublishOutcome =
      action === undefined
        ? { kind: 'unchanged' }
        : { kind: 'written', action, warnings: settled.notes.length };
    const decide: Decide = (current) => {
      if (current?.state.leaseHolder !== this.holder.id) return { outcome: { kind: 'lost-lease' } };
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
      const entry =
        step.cardsFailure === undefined ? undefined : publishEntry(this.leased, step.cardsFailure);
      return {
        outcome: entry === undefined ? done : { kind: 'quarantined', code: entry.code },
        save: {
          ...touched,
          ...absorbed.save,
          state: {
            ...free,
            ...(action === undefined ? {} : { lastPublishedAt: now }),
            ...(step.cardsFailure === undefined ? {} : { blockedVersion: free.hubVersion }),
          },
        },
        conflicts: [...conflictsOf(merged, this.leased), ...absorbed.conflicts],
        ...(entry === undefined ? { resolves: current.publishQuarantined } : { quarantine: entry }),
      };
    };
    return this.commits.commit(traveller.id, decide, after.profile.loginId);
  }
}

interface Step {
  /** The hub's content as it was sent. */
  readonly hub: Image;
  readonly plan: WritePlan;
  readonly bases: Bases;
  /** Concur's content before the write; undefined when the profile did not exist. */
  readonly before: Image | undefined;
  /** The rest was written; the cards were not, and wait in quarantine. */
  readonly cardsFailure?: ClassifiedFailure;
}

function isVersion1(entity: Entity, { profile }: ProfileRead): boolean {
  return entity.apiVersion === 1 || profile.apiVersion === 1;
}

function observed(read: ConcurSide, now: Date): Observation {
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
