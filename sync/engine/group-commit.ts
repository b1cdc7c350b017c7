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

interface Waiting {
  readonly travellerId: string;
  readonly decide: Decide;
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

  /** @throws the store's failure */
  commit(travellerId: string, decide: Decide): Promise<PublishOutcome> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ travellerId, decide, resolve, reject });
      if (!this.isCommitting) void this.commitAll();
    });
  }

  private async commitAll(): Promise<void> {
    this.isCommitting = true;
    while (this.waiting.length > 0) await this.commitGroup(this.waiting.splice(0));
    this.isCommitting = false;
  }

  private async commitGroup(group: readonly Waiting[]): Promise<void> {
    let outcomes: readonly PublishOutcome[];
    try {
      outcomes = await this.deps.store.transaction((tx) => this.write(tx, group));
    } catch (error) {
      const [first, ...others] = group;
      if (others.length === 0) return first?.reject(error);
      // Where one cannot be stored, a login that was taken meanwhile say, the others can.
      for (const alone of group) await this.commitGroup([alone]);
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
    const locked = await tx.lock(this.entity.id, this.target, onlyIds(travellerIds));
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
    if (saves.length > 0) await tx.save(saves);
    if (conflicts.length > 0) await tx.addConflicts(conflicts, now);
    if (resolved.length > 0) await tx.resolveQuarantine(this.entity.id, resolved, now);
    if (quarantine.length > 0) await tx.quarantine(quarantine, now);
    return endings.map(({ outcome }) => outcome);
  }
}
