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
  acquireRefreshLease(entityId: string, holder: string, now: Date, until: Date): Promise<boolean>;
  releaseRefreshLease(entityId: string, holder: string): Promise<void>;
  commitGrant(entityId: string, grant: VaultedGrant, at: Date): Promise<VaultedConnection>;
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
