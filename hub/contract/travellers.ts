import { type ProfileSections, type ProfileStatus, type UnknownElement } from '../../profile';
import { type FieldNote, type SyncState, type Traveller } from '../types';
import { type At, type Page, type PageQuery } from './paging';

export type SyncViewState = 'synced' | 'pending' | 'quarantined' | 'held' | 'inactive';

/** How a traveller stands with Concur, as the API shows it. */
export interface SyncView {
  readonly state: SyncViewState;
  readonly lastPublishedAt?: Date;
  readonly lastPulledAt?: Date;
  readonly warnings: readonly FieldNote[];
}

export interface TravellerView {
  readonly traveller: Traveller;
  readonly concurLoginId?: string;
  readonly concurUuid?: string;
  readonly sync: SyncView;
  /** Set when the personal data was removed. */
  readonly erasedAt?: Date;
}

/** The whole content of a traveller as it shall be; merging with what is stored is the caller's part. */
export interface TravellerWrite {
  readonly id: string;
  readonly username: string;
  readonly status: ProfileStatus;
  readonly sections: ProfileSections;
  /** Absent: stays as it is. */
  readonly unknown?: readonly UnknownElement[];
  /** The write fails with VersionConflict unless the stored version is this one; 0 = must not exist yet. */
  readonly expectedVersion?: number;
}

export interface TravellerWritten {
  readonly traveller: Traveller;
  readonly created: boolean;
  /** False when the content was the same: no new version, nothing to publish. */
  readonly changed: boolean;
}

/** One result of a batch; a row that is refused does not hold up the others. */
export type BatchResult =
  | (TravellerWritten & { readonly ok: true })
  | { readonly ok: false; readonly id: string; readonly error: Error & { readonly code: string } };

export interface Travellers {
  /**
   * Stores a traveller. The same content again makes no new version. `woke` is true for the one writer that
   * turned the entity's wake flag on: it must signal the publisher after this returns.
   * @throws EntityUnknown, UsernameTaken, VersionConflict, EntityErased, KeyMissing
   */
  upsert(
    write: TravellerWrite & { readonly entityId: string },
    at: At,
  ): Promise<TravellerWritten & { readonly woke: boolean }>;
  /** The same for many travellers in one transaction; refused rows are reported, the others are stored. */
  upsertMany(
    entityId: string,
    writes: readonly TravellerWrite[],
    at: At,
  ): Promise<{ readonly results: readonly BatchResult[]; readonly woke: boolean }>;
  /** @throws TravellerUnknown */
  get(entityId: string, id: string): Promise<TravellerView>;
  find(entityId: string, id: string): Promise<TravellerView | undefined>;
  list(
    entityId: string,
    query: PageQuery & { readonly status?: ProfileStatus; readonly state?: SyncViewState },
  ): Promise<Page<TravellerView>>;
  /** All targets of one traveller, with bases opened. */
  syncStates(entityId: string, id: string): Promise<SyncState[]>;
  /**
   * Removes the personal data wherever it stands (content, bases, quarantine, conflicts, planned writes) and
   * holds the traveller, so that a pull does not bring it back. @throws TravellerUnknown
   */
  erase(entityId: string, id: string, at: At): Promise<void>;
  /** Puts a traveller on hold for review or takes it off. @throws TravellerUnknown */
  setHeld(entityId: string, id: string, held: boolean): Promise<void>;
}
