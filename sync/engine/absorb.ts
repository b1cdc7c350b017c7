import {
  type ConflictEntry,
  type Entity,
  type FieldNote,
  type Image,
  type SyncState,
  type Traveller,
  type TravellerSync,
} from '../../hub/types';
import { merge, type MergeResult } from '../model/merge';
import { sameValue } from '../model/equality';
import { slotsOf } from '../model/slots';
import {
  hiddenInProfile,
  hiddenPlaces,
  knownCards,
  withFieldsHiddenInVersion1,
  withHidden,
} from '../model/visibility';
import { type SeenProfile } from './concur-side';
import { type SaveTraveller } from './ports';

/** What was seen of a profile in Concur. */
export interface Observation {
  readonly profile: SeenProfile;
  readonly xmlProfileSyncId?: string;
  /** ProfileLastModifiedUTC, where a summary row named it. */
  readonly modifiedAt?: Date;
  /** Concur's clock when the profile was read. */
  readonly seenAt: Date;
}

export interface Absorbed {
  readonly save: SaveTraveller;
  readonly conflicts: readonly ConflictEntry[];
  /** True when the hub's content changed. */
  readonly moved: boolean;
}

/** Bases to merge with; a publish replaces the stored ones by what it has just settled. */
export interface Bases {
  readonly baseHub?: Image;
  readonly baseConcur?: Image;
}

/** What Concur holds as far as it can be known; hidden places and a missing status are as last seen. */
export function imageOfProfile(entity: Entity, profile: SeenProfile, lastSeen: Image | undefined): Image {
  const cards = knownCards(entity.scopes, profile.cards, lastSeen?.sections.cards);
  const shown = {
    status: profile.status ?? lastSeen?.status ?? 'active',
    sections: cards === undefined ? profile.sections : { ...profile.sections, cards: [...cards] },
  } as const;
  const isHidden = hiddenInProfile(entity.scopes, profile.apiVersion);
  if (profile.apiVersion === undefined) return withHidden(shown, lastSeen, isHidden);
  return withHidden(withFieldsHiddenInVersion1(shown, lastSeen), lastSeen, isHidden);
}

export function imageOfTraveller(traveller: Traveller): Image {
  return { status: traveller.status, sections: traveller.sections };
}

export function basesOf(state: SyncState): Bases {
  return {
    ...(state.baseHub === undefined ? {} : { baseHub: state.baseHub }),
    ...(state.baseConcur === undefined ? {} : { baseConcur: state.baseConcur }),
  };
}

/** Merges what Concur shows into the hub's content of one traveller. Pure. */
export function mergeObserved(
  entity: Entity,
  current: TravellerSync,
  seen: Observation,
  bases: Bases,
): MergeResult {
  const concur = imageOfProfile(entity, seen.profile, current.state.baseConcur);
  return merge({
    hub: imageOfTraveller(current.traveller),
    concur,
    ...bases,
    rule: entity.conflictRule,
    hubChangedAt: current.traveller.changedAt,
    isHidden: hiddenPlaces(entity.scopes),
    ...(seen.modifiedAt === undefined
      ? {}
      : { concurModifiedAt: new Date(seen.modifiedAt.getTime() - entity.clockSkewMs) }),
  });
}

/**
 * What a traveller becomes when an observation of Concur is taken in: content merged, bases moved, and
 * dirty exactly where Concur still has to be given something. Whatever says "dirty" is derived here, so a
 * lost flag cannot lose work.
 * @param notes replaces the notes of the last publish; absent: they stay
 */
export function absorb(
  entity: Entity,
  current: TravellerSync,
  seen: Observation,
  now: Date,
  bases: Bases = basesOf(current.state),
  notes?: readonly FieldNote[],
): Absorbed {
  const { traveller, state } = current;
  const result = mergeObserved(entity, current, seen, bases);
  const unknownMoved = JSON.stringify(seen.profile.unknown) !== JSON.stringify(traveller.unknown);
  const moved = result.hubMoved || unknownMoved;
  const dirty = result.toConcur.length > 0;
  const wasClean = state.publishedVersion >= traveller.version;
  const version = moved || (dirty && wasClean) ? traveller.version + 1 : traveller.version;
  const nextTraveller: Traveller = {
    ...traveller,
    ...result.hub,
    unknown: seen.profile.unknown,
    version,
    changedAt: moved ? now : traveller.changedAt,
  };
  const locator = seen.profile.loginId === '' ? state.locator : seen.profile.loginId;
  const uuid = seen.profile.uuid ?? state.concurUuid;
  const syncId = seen.xmlProfileSyncId ?? state.xmlProfileSyncId;
  const modifiedAt = seen.modifiedAt ?? state.concurModifiedAt;
  const nextState: SyncState = {
    ...state,
    ...(locator === undefined ? {} : { locator }),
    ...(uuid === undefined ? {} : { concurUuid: uuid }),
    ...(syncId === undefined ? {} : { xmlProfileSyncId: syncId }),
    baseHub: result.baseHub,
    baseConcur: imageOfProfile(entity, seen.profile, state.baseConcur),
    hubVersion: version,
    publishedVersion: dirty ? Math.min(state.publishedVersion, version - 1) : version,
    ...(modifiedAt === undefined ? {} : { concurModifiedAt: modifiedAt }),
    concurSeenAt: seen.seenAt,
    lastPulledAt: now,
    ...(notes === undefined ? {} : { notes }),
  };
  return {
    save:
      version === traveller.version ? { state: nextState } : { traveller: nextTraveller, state: nextState },
    conflicts: result.conflicts.map((conflict) => ({
      entityId: traveller.entityId,
      travellerId: traveller.id,
      ...conflict,
    })),
    moved,
  };
}

/** Whether two images hold the same, value by value. */
export function sameImage(one: Image | undefined, other: Image | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  const [left, right] = [slotsOf(one), slotsOf(other)];
  return (
    left.size === right.size && [...left].every(([id, slot]) => sameValue(slot.value, right.get(id)?.value))
  );
}
