/**
 * What the hub refuses, one class per cause. `code` is stable; messages name ids and numbers, never
 * usernames or content, so that they may be logged.
 */
export abstract class HubError extends Error {
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

export class EntityUnknown extends HubError {
  readonly code = 'entity-unknown';
  constructor(readonly entityId: string) {
    super(`There is no entity ${entityId}. \`concordance entity list\` shows the known ones.`);
  }
}

export class AgencyUnknown extends HubError {
  readonly code = 'agency-unknown';
  constructor(readonly agencyId: string) {
    super(`There is no agency ${agencyId}. \`concordance agency show\` shows the known one.`);
  }
}

export class EntityConflict extends HubError {
  readonly code = 'entity-conflict';
  constructor(readonly entityId: string) {
    super(
      `Entity ${entityId} exists with other values. Change it (PATCH, or concordance entity set), or choose another id.`,
    );
  }
}

export class TravellerUnknown extends HubError {
  readonly code = 'traveller-unknown';
  constructor(
    readonly entityId: string,
    readonly travellerId: string,
  ) {
    super(`Entity ${entityId} has no traveller ${travellerId}.`);
  }
}

export class UsernameTaken extends HubError {
  readonly code = 'username-taken';
  constructor(
    readonly entityId: string,
    readonly travellerId: string,
    readonly takenBy: string,
  ) {
    super(
      `The username given for traveller ${travellerId} belongs to traveller ${takenBy} of entity ${entityId}. ` +
        'Choose another username, or write to that traveller.',
    );
  }
}

export class VersionConflict extends HubError {
  readonly code = 'version-conflict';
  constructor(
    readonly entityId: string,
    readonly travellerId: string,
  ) {
    super(`Traveller ${travellerId} of entity ${entityId} has changed since it was read. Read it again.`);
  }
}

export class DuplicateInBatch extends HubError {
  readonly code = 'duplicate-in-batch';
  constructor(readonly travellerId: string) {
    super(`Traveller ${travellerId} stands more than once in the same batch; the first one was taken.`);
  }
}

export class MigrationUnknown extends HubError {
  readonly code = 'migration-unknown';
  constructor(
    readonly entityId: string,
    readonly number: number,
    readonly travellerId?: string,
  ) {
    super(
      travellerId === undefined
        ? `Entity ${entityId} has no migration ${number}.`
        : `Migration ${number} of entity ${entityId} has no item for traveller ${travellerId}.`,
    );
  }
}

export class MigrationOpen extends HubError {
  readonly code = 'migration-open';
  constructor(readonly entityId: string) {
    super(`Entity ${entityId} has an open migration. Approve, reject or cancel it first.`);
  }
}

export class MigrationNotPlanning extends HubError {
  readonly code = 'migration-not-planning';
  constructor(
    readonly entityId: string,
    readonly number: number,
  ) {
    super(
      `Migration ${number} of entity ${entityId} is planned already; its items can no longer be replaced.`,
    );
  }
}

export class ReconciliationUnknown extends HubError {
  readonly code = 'reconciliation-unknown';
  constructor(
    readonly entityId: string,
    readonly number: number,
  ) {
    super(`Entity ${entityId} has no reconciliation ${number}; reports are kept for RECONCILIATION_DAYS.`);
  }
}

export class ReconciliationOpen extends HubError {
  readonly code = 'reconciliation-open';
  constructor(readonly entityId: string) {
    super(
      `A reconciliation of entity ${entityId} is under way. Wait for its end, or look at it: concordance reconciliation show ${entityId}`,
    );
  }
}

/** Another worker has gone on with it; what this one found is given up. */
export class ReconciliationMoved extends HubError {
  readonly code = 'reconciliation-moved';
  constructor(
    readonly entityId: string,
    readonly number: number,
  ) {
    super(`Reconciliation ${number} of entity ${entityId} was gone on with elsewhere, or is over.`);
  }
}

export class QuarantineUnknown extends HubError {
  readonly code = 'quarantine-unknown';
  constructor(readonly id: string) {
    super(`There is no quarantined record ${id}.`);
  }
}

export class ConflictUnknown extends HubError {
  readonly code = 'conflict-unknown';
  constructor(readonly id: string) {
    super(`There is no conflict ${id}.`);
  }
}

export class LocatorTaken extends HubError {
  readonly code = 'locator-taken';
  constructor(readonly entityId: string) {
    super(
      `Two travellers of entity ${entityId} would be bound to the same profile of the other system. ` +
        'Nothing was stored; reconcile the entity to see which ones.',
    );
  }
}

export class KeyMissing extends HubError {
  readonly code = 'key-missing';
  constructor(readonly keyId: string) {
    super(
      `Stored values need the key ${keyId}, which is not there. Put it back into ENCRYPTION_KEYS; ` +
        'after an offboarding with erasure it is gone for good.',
    );
  }
}

/** Offboarded with erasure: from then on nothing personal is stored for it, whoever still works on it. */
export class EntityErased extends HubError {
  readonly code = 'entity-erased';
  constructor(readonly entityId: string) {
    super(
      `The data of entity ${entityId} was erased, and nothing more is stored for it. ` +
        'If the company comes back, add it as another entity.',
    );
  }
}

export class SealBroken extends HubError {
  readonly code = 'seal-broken';
  constructor(
    readonly place: string,
    options?: ErrorOptions,
  ) {
    super(
      `A stored value at ${place} cannot be opened: it was altered, moved or cut. Restore it from a backup.`,
      options,
    );
  }
}

export class EncryptionKeysInvalid extends HubError {
  readonly code = 'encryption-keys-invalid';
}

export class BootstrapKeyUnusable extends HubError {
  readonly code = 'api-key-unusable';
  constructor(
    readonly path: string,
    options?: ErrorOptions,
  ) {
    super(
      `${path} cannot be read or made, or is empty. Correct its permissions, remove it if it is empty, or set API_KEY.`,
      options,
    );
  }
}

export class StoredDataInvalid extends HubError {
  readonly code = 'stored-data-invalid';
  constructor(readonly place: string) {
    super(
      `What is stored at ${place} has not the expected form. Was the database written by a newer version?`,
    );
  }
}

export function isHubError(error: unknown): error is HubError {
  return error instanceof HubError;
}
export const isAgencyUnknown = (error: unknown): error is AgencyUnknown => error instanceof AgencyUnknown;
export const isEntityUnknown = (error: unknown): error is EntityUnknown => error instanceof EntityUnknown;
export const isEntityConflict = (error: unknown): error is EntityConflict => error instanceof EntityConflict;
export const isTravellerUnknown = (error: unknown): error is TravellerUnknown =>
  error instanceof TravellerUnknown;
export const isUsernameTaken = (error: unknown): error is UsernameTaken => error instanceof UsernameTaken;
export const isVersionConflict = (error: unknown): error is VersionConflict =>
  error instanceof VersionConflict;
export const isDuplicateInBatch = (error: unknown): error is DuplicateInBatch =>
  error instanceof DuplicateInBatch;
export const isMigrationUnknown = (error: unknown): error is MigrationUnknown =>
  error instanceof MigrationUnknown;
export const isMigrationOpen = (error: unknown): error is MigrationOpen => error instanceof MigrationOpen;
export const isReconciliationOpen = (error: unknown): error is ReconciliationOpen =>
  error instanceof ReconciliationOpen;
export const isMigrationNotPlanning = (error: unknown): error is MigrationNotPlanning =>
  error instanceof MigrationNotPlanning;
export const isQuarantineUnknown = (error: unknown): error is QuarantineUnknown =>
  error instanceof QuarantineUnknown;
export const isConflictUnknown = (error: unknown): error is ConflictUnknown =>
  error instanceof ConflictUnknown;
export const isLocatorTaken = (error: unknown): error is LocatorTaken => error instanceof LocatorTaken;
export const isKeyMissing = (error: unknown): error is KeyMissing => error instanceof KeyMissing;
export const isEntityErased = (error: unknown): error is EntityErased => error instanceof EntityErased;
export const isSealBroken = (error: unknown): error is SealBroken => error instanceof SealBroken;
export const isEncryptionKeysInvalid = (error: unknown): error is EncryptionKeysInvalid =>
  error instanceof EncryptionKeysInvalid;
export const isBootstrapKeyUnusable = (error: unknown): error is BootstrapKeyUnusable =>
  error instanceof BootstrapKeyUnusable;
export const isStoredDataInvalid = (error: unknown): error is StoredDataInvalid =>
  error instanceof StoredDataInvalid;
