import {
  type ConflictEntry,
  type Entity,
  type LockedTraveller,
  type QuarantineEntry,
  type Target,
} from '../../hub/types';
import { type EngineDeps, type SaveTraveller, type SyncTransaction } from './ports';
import { type PublishOutcome } from './publish-types';

export function onlyIds(travellerIds: readonly string[]) {
  return { travellerIds, logins: [], syncIds: [], uuids: [] };
}

/** What one traveller's publish ends with. */
export interface Ending {
  readonly outcome: PublishOutcome;
  readonly save?: SaveTraveller;
  readonly conflicts?: readonly ConflictEntry[];
  readonly quarantine?: QuarantineEntry;
  /** Its open quarantine of this direction ends. */
  readonly resolves?: boolean;
}

/** From the traveller as it stands, locked; pure, and may be asked again. */
export type Decide = (current: LockedTraveller | undefined) => Ending;

const MOST_ATTEMPTS = 3;

interface Waiting {
  readonly travellerId: string;
  readonly decide: Decide;
  /** The login under which Concur shows its profile. */
  readonly login: string | undefined;
  readonly resolve: (outcome: PublishOutcome) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Commits what travellers of one entity end with: one alone at once, those that come while a transaction is
 * open together in the next one. A drain of many spends its round trips once per group and not once per
 * traveller; each is still decided on by its own row, under its own lock.
 */
export class GroupCommit {
  private readonly waiting: Waiting[] = [];
  private isCommitting = false;

  constructor(
    private readonly deps: Pick<EngineDeps, 'store' | 'clock'>,
    private readonly entity: Pick<Entity, 'id'>,
    private readonly target: Target,
  ) {}

  /**
   * @param login the one that the traveller is known by from now on: whoever was known by it is found by UUID
   * @throws the store's failure
   */
  commit(travellerId: string, decide: Decide, login?: string): Promise<PublishOutcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ travellerId, decide, login, resolve, reject });
      if (!this.isCommitting) void this.commitAll();
    });
  }

  private async commitAll(): Promise<void> {
    this.isCommitting = true;
    while (this.waiting.length > 0) await this.commitGroup(this.waiting.splice(0));
    this.isCommitting = false;
  }

  private async commitGroup(group: readonly Waiting[], attempt = 1): Promise<void> {
    let outcomes: readonly PublishOutcome[];
    try {
      outcomes = await this.deps.store.transaction((tx) => this.write(tx, group));
    } catch (error) {
      const [first, ...others] = group;
      // Where one cannot be stored the others can. And who else got the login meanwhile is seen the second time.
      const again = others.length > 0 || (isLocatorTaken(error) && attempt < MOST_ATTEMPTS);
      if (!again) return first?.reject(error);
      for (const alone of group) await this.commitGroup([alone], others.length > 0 ? 1 : attempt + 1);
      return;
    }
    group.forEach(({ resolve }, index) => {
      const outcome = outcomes[index];
      if (outcome !== undefined) resolve(outcome);
    });
  }

  private async write(tx: SyncTransaction, group: readonly Waiting[]): Promise<PublishOutcome[]> {
    const now = this.deps.clock.now();
    const travellerIds = group.map(({ travellerId }) => travellerId);
    const logins = group.flatMap(({ login }) => (login === undefined || login === '' ? [] : [login]));
    const by = { ...onlyIds(travellerIds), logins };
    const locked = await tx.lock(this.entity.id, this.target, by);
    const currents = new Map(locked.map((current) => [current.traveller.id, current]));
    const endings = group.map(({ travellerId, decide }) => ({
      travellerId,
      ...decide(currents.get(travellerId)),
    }));
    const saves = endings.flatMap(({ save }) => save ?? []);
    const conflicts = endings.flatMap((ending) => ending.conflicts ?? []);
    const quarantine = endings.flatMap((ending) => ending.quarantine ?? []);
    const resolved = endings
      .filter(({ resolves }) => resolves === true)
      .map(({ travellerId }) => ({ travellerId, direction: 'publish' }) as const);
    saves.push(...withoutTheirLogin(locked, new Set(travellerIds), saves));
    if (saves.length > 0) await tx.save(saves);
    if (conflicts.length > 0) await tx.addConflicts(conflicts, now);
    if (resolved.length > 0) await tx.resolveQuarantine(this.entity.id, resolved, now);
    if (quarantine.length > 0) await tx.quarantine(quarantine, now);
    return endings.map(({ outcome }) => outcome);
  }
}

/** A login belongs to one profile: whoever else is known by one of these is found by UUID from now on. */
function withoutTheirLogin(
  locked: readonly LockedTraveller[],
  committed: ReadonlySet<string>,
  saves: readonly SaveTraveller[],
): SaveTraveller[] {
  const taken = new Set(saves.flatMap(({ state }) => state.locator?.toLowerCase() ?? []));
  return locked.flatMap(({ traveller, state: { locator, ...unlocated } }) =>
    committed.has(traveller.id) ||
    unlocated.concurUuid === undefined ||
    locator === undefined ||
    !taken.has(locator.toLowerCase())
      ? []
      : [{ state: unlocated }],
  );
}

/** Told by its code: the engine knows no store. */
function isLocatorTaken(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'locator-taken';
}
