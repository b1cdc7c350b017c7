import { type At } from './paging';

/** What `concur/tokens.ts` calls a StoredConnection. */
export interface VaultedConnection {
  readonly companyUuid: string;
  readonly geolocation?: string;
  readonly refreshToken?: string;
  readonly accessToken?: string;
  readonly accessTokenExpiresAt?: Date;
  readonly version: number;
}

/** What `concur/tokens.ts` calls a TokenGrant. */
export interface VaultedGrant {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: Date;
  readonly refreshToken?: string;
  readonly refreshTokenExpiresAt?: Date;
  readonly geolocation?: string;
  readonly scopes: readonly string[];
}

export interface RequestToken {
  readonly token: string;
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/** The vault: tokens are sealed under the entity's key and stand nowhere else. */
export interface Credentials {
  /** @throws EntityUnknown, EntityErased, KeyMissing */
  load(entityId: string): Promise<VaultedConnection>;
  /** By the database's clock, `forMs` milliseconds from now: the clocks of two processes may differ. */
  acquireRefreshLease(entityId: string, holder: string, forMs: number): Promise<boolean>;
  /** False where somebody else has held the lease since, even if it is free by now. */
  renewRefreshLease(entityId: string, holder: string, forMs: number): Promise<boolean>;
  releaseRefreshLease(entityId: string, holder: string): Promise<void>;
  /**
   * @param madeFrom version that the grant replaces; absent: whichever is stored
   * @returns undefined where another version is stored by now: nothing was changed
   */
  commitGrant(
    entityId: string,
    grant: VaultedGrant,
    madeFrom?: number,
  ): Promise<VaultedConnection | undefined>;
  hasRefreshToken(entityId: string): Promise<boolean>;
  /**
   * Vaults a request token under an id of the caller's. A token that was handed in before, even one that was
   * used up since, is not stored again: `stored` is false and `id` names the first one.
   */
  putRequestToken(
    entityId: string,
    id: string,
    token: string,
    at: At & { readonly issuedAt: Date; readonly expiresAt: Date },
  ): Promise<{ readonly stored: boolean; readonly id: string }>;
  /** The token in plain, still vaulted (an exchange may be tried again); undefined once deleted. */
  takeRequestToken(entityId: string, id: string): Promise<RequestToken | undefined>;
  /** Deletes the token; only its HMAC stays, to recognise it. */
  deleteRequestToken(entityId: string, id: string): Promise<void>;
  /** As if it had never been handed in: for a token that was not accepted and may come again. */
  forgetRequestToken(entityId: string, id: string): Promise<void>;
  /** Deletes all tokens of the entity. */
  shred(entityId: string): Promise<void>;
}
