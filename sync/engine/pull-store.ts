import { type ProfileSummary } from '../../concur/types';
import {
  type ConflictEntry,
  type Entity,
  type PullProgress,
  type QuarantineEntry,
  type TravellerSync,
} from '../../hub/types';
import { absorb, imageOfProfile, type Observation } from './absorb';
import { type ConcurSide, mayPassByItself } from './concur-side';
import { type ClassifiedFailure, wordsOf } from './failures';
import { type ListedAs, LOGIN_MOVED } from './listed-as';
import { type EngineDeps, type SaveTraveller, type SyncTransaction } from './ports';

/** A row that still has to be looked at, with what was known before its profile was read. */
export interface Candidate {
  readonly loginId: string;
  readonly row?: ProfileSummary;
  /** Versions noted before the read: traveller id → version. */
  readonly noted: ReadonlyMap<string, number>;
  readonly uuid?: string;
  /** Travellers with the row's sync id, where the row's own login is known of nobody. */
  readonly lookalikes?: readonly Lookalike[];
  readonly listedAs?: ListedAs | undefined;
}

export interface Lookalike {
  readonly login: string;
  readonly hasUuid: boolean;
}

/** A candidate with its profile or the reason why there is none. */
export type PulledRow =
  | {
      readonly candidate: Candidate;
      readonly read: ConcurSide;
      /** Somebody with the same sync id is no longer shown under the login that is known. */
      readonly mayBeRenamed?: boolean;
    }
  | { readonly candidate: Candidate; readonly failure: ClassifiedFailure };

export interface Stored {
  readonly progress: PullProgress;
  /** Candidates to be read again because they moved, or are leased, meanwhile. */
  readonly deferred: readonly Candidate[];
  readonly leased: boolean;
}

/** Stores a batch of pulled profiles, as a rule together with the progress, in one transaction. */
export async function storePulled(
  deps: EngineDeps,
  entity: Entity,
  rows: readonly PulledRow[],
  step: { readonly progress: PullProgress; readonly last: boolean; readonly commits: boolean },
): Promise<Stored> {
  const now = deps.clock.now();
  return deps.store.transaction(async (tx) => {
    const batch = new Batch(deps, entity, now, await lockFor(tx, entity.id, rows), step.last);
    await batch.noteUsernames(tx, rows);
    for (const row of rows) batch.take(row);
    await batch.write(tx);
    const progress: PullProgress = {
      ...step.progress,
      changed: step.progress.changed + batch.changed,
      quarantined: step.progress.quarantined + batch.quarantined.length,
    };
    // While rows are deferred the page is not through: a crash must come back to it.
    if (batch.deferred.length === 0 && step.commits) await tx.setProgress(entity.id, progress);
    return { progress, deferred: batch.deferred, leased: batch.leased };
  });
}

async function lockFor(
  tx: SyncTransaction,
  entityId: string,
  rows: readonly PulledRow[],
): Promise<TravellerSync[]> {
  const reads = rows.flatMap((row) => ('read' in row ? [row.read.profile] : []));
  return tx.lock(entityId, 'concur', {
    logins: [...rows.map((row) => row.candidate.loginId), ...reads.map((profile) => profile.loginId)],
    syncIds: rows.flatMap(({ candidate }) => candidate.row?.xmlProfileSyncId ?? []),
    uuids: reads.flatMap((profile) => profile.uuid ?? []),
    travellerIds: [],
  });
}

const keyOf = (login: string): string => login.toLowerCase();

class Batch {
  readonly deferred: Candidate[] = [];
  readonly quarantined: QuarantineEntry[] = [];
  changed = 0;
  leased = false;
  private readonly saves = new Map<string, SaveTraveller>();
  private readonly inserts: TravellerSync[] = [];
  private readonly conflicts: ConflictEntry[] = [];
  private readonly resolved: { travellerId?: string; loginId?: string; direction: 'pull' }[] = [];
  private readonly byUuid = new Map<string, TravellerSync>();
  private readonly byLogin = new Map<string, TravellerSync>();
  /** Unbound travellers by their username in the hub. */
  private namesakes = new Set<string>();
  /** Logins that a create under way, or one whose answer was lost, may have given to a profile. */
  private beingCreated = new Set<string>();

  constructor(
    private readonly deps: EngineDeps,
    private readonly entity: Entity,
    private readonly now: Date,
    locked: readonly TravellerSync[],
    /** True in the last round: nothing is deferred any more, what cannot be stored is quarantined. */
    private readonly last: boolean,
  ) {
    for (const entry of locked) {
      if (entry.state.concurUuid !== undefined) this.byUuid.set(entry.state.concurUuid, entry);
      if (entry.state.locator !== undefined) this.byLogin.set(keyOf(entry.state.locator), entry);
    }
  }

  async noteUsernames(tx: SyncTransaction, rows: readonly PulledRow[]): Promise<void> {
    const logins = rows.flatMap((row) => ('read' in row ? [row.read.profile.loginId] : []));
    const found = await tx.travellersByUsername(this.entity.id, logins);
    this.namesakes = new Set(found.filter(({ bound }) => !bound).map(({ username }) => keyOf(username)));
    this.beingCreated = new Set(await tx.loginsBeingCreated(this.entity.id, logins));
  }

  take(row: PulledRow): void {
    if ('failure' in row) return this.refuse(row.candidate, row.failure);
    const { candidate, read } = row;
    const { profile } = read;
    const bound = profile.uuid === undefined ? undefined : this.byUuid.get(profile.uuid);
    if (bound !== undefined) return this.update(candidate, read, bound);
    const sameLogin = this.byLogin.get(keyOf(profile.loginId));
    if (sameLogin === undefined) {
      return row.mayBeRenamed === true ? this.possibleRename(candidate) : this.create(candidate, read);
    }
    const { concurUuid } = sameLogin.state;
    if (profile.uuid === undefined) return this.withoutUuid(candidate, read, sameLogin);
    if (concurUuid === undefined) return this.update(candidate, read, sameLogin);
    this.reusedLogin(candidate, read, sameLogin);
  }

  /** Without a UUID a login and its sync id are the identity; another sync id is somebody else. */
  private withoutUuid(candidate: Candidate, read: ConcurSide, known: TravellerSync): void {
    const syncId = candidate.row?.xmlProfileSyncId;
    const expected = known.state.xmlProfileSyncId;
    if (syncId === undefined || expected === undefined || syncId === expected) {
      return this.update(candidate, read, known);
    }
    this.quarantine(candidate, {
      code: 'IdentityChanged',
      reason:
        'The login belongs to another person in Concur than before and no UUID tells who. Grant the scope TMCSP, or review both profiles.',
      travellerId: known.traveller.id,
    });
  }

  private update(candidate: Candidate, read: ConcurSide, current: TravellerSync): void {
    const { id } = current.traveller;
    if (this.mustDefer(candidate, current)) return this.defer(candidate, read);
    if (current.state.held) return;
    if (!this.freeLogin(candidate, read, id)) return this.defer(candidate, read);
    const absorbed = absorb(this.entity, current, observe(candidate, read, this.now), this.now);
    this.saves.set(id, absorbed.save);
    this.conflicts.push(...absorbed.conflicts);
    this.noteStored(candidate, read, id);
    if (absorbed.moved) this.changed += 1;
  }

  /** The profile is stored; cards that could not be read are looked for again, and stay as they were. */
  private noteStored(candidate: Candidate, { cardsFailure }: ConcurSide, travellerId: string): void {
    const { loginId } = candidate;
    if (cardsFailure === undefined) {
      this.resolved.push({ travellerId, loginId, direction: 'pull' });
      return;
    }
    const transient = mayPassByItself(cardsFailure);
    this.quarantine(candidate, { ...wordsOf(cardsFailure), transient, travellerId });
  }

  /**
   * A login belongs to one profile: whoever is known by it loses it to the one that shows it now, and is found
   * by UUID from then on. False where the other one has to come to rest first.
   */
  private freeLogin(candidate: Candidate, read: ConcurSide, id: string): boolean {
    const login = keyOf(read.profile.loginId);
    const holder = this.byLogin.get(login);
    if (holder === undefined || holder.traveller.id === id) return true;
    const saved = this.saves.get(holder.traveller.id);
    // Mostly it was read under another login, which is saved together with this one.
    if (saved !== undefined) return keyOf(saved.state.locator ?? '') !== login;
    if (this.mustDefer(candidate, holder)) return false;
    const { locator: _, ...unlocated } = holder.state;
    this.saves.set(holder.traveller.id, { state: unlocated });
    return true;
  }

  private mustDefer(candidate: Candidate, current: TravellerSync): boolean {
    const { leaseUntil, version } = current.state;
    if (leaseUntil !== undefined && leaseUntil.getTime() > this.now.getTime()) {
      this.leased = true;
      return true;
    }
    return this.saves.has(current.traveller.id) || candidate.noted.get(current.traveller.id) !== version;
  }

  private defer(candidate: Candidate, read: ConcurSide): void {
    if (this.last) {
      return this.quarantine(candidate, {
        code: 'Busy',
        reason: 'The traveller kept changing while it was read. The next poll reads it again.',
        transient: true,
      });
    }
    const uuid = read.profile.uuid;
    this.deferred.push(uuid === undefined ? candidate : { ...candidate, uuid });
  }

  /** Without a UUID nobody can tell a renamed login from a new person: a person decides. */
  private possibleRename(candidate: Candidate): void {
    this.quarantine(candidate, {
      code: 'PossibleRename',
      reason:
        'A login that the hub does not know has the sync id of a traveller whose own login Concur no longer shows, and no UUID tells whether the login was renamed. If it was, set concurLoginId of that traveller to the new login, then retry. If it is another person, retry: the profile then becomes a traveller of its own.',
    });
  }

  /** The login moved to another person: the old traveller keeps its identity and loses the login. */
  private reusedLogin(candidate: Candidate, read: ConcurSide, old: TravellerSync): void {
    if (this.mustDefer(candidate, old)) return this.defer(candidate, read);
    const { locator: _, ...unlocated } = old.state;
    this.saves.set(old.traveller.id, { state: unlocated });
    this.byLogin.delete(keyOf(read.profile.loginId));
    this.create(candidate, read);
  }

  private create(candidate: Candidate, read: ConcurSide): void {
    const { profile } = read;
    const login = keyOf(profile.loginId);
    if (this.beingCreated.has(login)) return this.beingMade(candidate);
    if (this.namesakes.has(login)) return this.namesake(candidate);
    const id = this.deps.ids.next();
    const seen = observe(candidate, read, this.now);
    const image = imageOfProfile(this.entity, profile, undefined);
    const syncId = seen.xmlProfileSyncId;
    this.inserts.push({
      traveller: {
        ...image,
        entityId: this.entity.id,
        id,
        username: profile.loginId,
        unknown: profile.unknown,
        version: 1,
        changedAt: this.now,
        createdAt: this.now,
      },
      state: {
        entityId: this.entity.id,
        travellerId: id,
        target: 'concur',
        locator: profile.loginId,
        ...(profile.uuid === undefined ? {} : { concurUuid: profile.uuid }),
        ...(syncId === undefined ? {} : { xmlProfileSyncId: syncId }),
        baseHub: image,
        baseConcur: image,
        hubVersion: 1,
        publishedVersion: 1,
        held: this.entity.unknownProfiles === 'hold',
        version: 1,
        notes: [],
        ...(seen.modifiedAt === undefined ? {} : { concurModifiedAt: seen.modifiedAt }),
        concurSeenAt: seen.seenAt,
        lastPulledAt: this.now,
      },
    });
    if (profile.uuid !== undefined) this.seenUuids.add(profile.uuid);
    this.noteStored({ ...candidate, loginId: profile.loginId }, read, id);
    this.changed += 1;
  }

  private readonly seenUuids = new Set<string>();

  /**
   * A traveller that is not bound has this login as its username: binding is a person's decision. The entry is
   * about the profile and not about that traveller, which may go its own way and would take the entry along.
   */
  private namesake(candidate: Candidate): void {
    this.quarantine(candidate, {
      code: 'LoginTaken',
      reason:
        'A profile in Concur has the username of a traveller of the hub, but the two are not bound. Bind them with a merge, or change the username in the hub, then retry.',
    });
  }

  /**
   * The profile may be the one that a create of ours made, whatever the hub calls its traveller by now: the
   * publish adopts it or lets the login go, and the next poll sees which.
   */
  private beingMade(candidate: Candidate): void {
    this.quarantine(candidate, {
      code: 'Busy',
      reason:
        'A traveller of the hub is being created under this login. The next poll reads the profile again and sees whether it is that one.',
      transient: true,
    });
  }

  private refuse(candidate: Candidate, failure: ClassifiedFailure): void {
    const words = wordsOf(failure);
    this.quarantine(candidate, {
      ...words,
      transient: failure.failureClass === 'retry' || failure.code === LOGIN_MOVED,
    });
  }

  private quarantine(
    candidate: Candidate,
    entry: Omit<QuarantineEntry, 'entityId' | 'loginId' | 'direction'>,
  ): void {
    const known = this.byLogin.get(keyOf(candidate.loginId));
    const modifiedAt = candidate.row?.modifiedAt;
    this.quarantined.push({
      entityId: this.entity.id,
      loginId: candidate.loginId,
      direction: 'pull',
      ...(known === undefined ? {} : { travellerId: known.traveller.id }),
      ...(modifiedAt === undefined ? {} : { concurModifiedAt: modifiedAt }),
      ...entry,
    });
  }

  async write(tx: SyncTransaction): Promise<void> {
    if (this.saves.size > 0) await tx.save([...this.saves.values()]);
    if (this.inserts.length > 0) await tx.insert(this.inserts);
    if (this.conflicts.length > 0) await tx.addConflicts(this.conflicts, this.now);
    if (this.resolved.length > 0) await tx.resolveQuarantine(this.entity.id, this.resolved, this.now);
    if (this.quarantined.length > 0) await tx.quarantine(this.quarantined, this.now);
  }
}

function observe(candidate: Candidate, read: ConcurSide, now: Date): Observation {
  const { row } = candidate;
  return {
    profile: read.profile,
    seenAt: read.serverDate ?? now,
    ...(row?.xmlProfileSyncId === undefined ? {} : { xmlProfileSyncId: row.xmlProfileSyncId }),
    ...(row === undefined ? {} : { modifiedAt: row.modifiedAt }),
  };
}
