/** Tokens of one entity's connection as they are stored between calls. */
export interface StoredConnection {
  readonly companyUuid: string;
  /** Origin that every call but the exchange goes to. */
  readonly geolocation?: string;
  readonly refreshToken?: string;
  readonly accessToken?: string;
  readonly accessTokenExpiresAt?: Date;
  /** Rises with every commit: who waited for a lease sees whether somebody else refreshed meanwhile. */
  readonly version: number;
}

/** What an answer of the token endpoint changes; stored in one step before the access token is used. */
export interface TokenGrant {
  readonly accessToken: string;
  readonly accessTokenExpiresAt: Date;
  readonly refreshToken?: string;
  readonly refreshTokenExpiresAt?: Date;
  readonly geolocation?: string;
  readonly scopes: readonly string[];
}

/** Where a connection's tokens live; implemented by the hub's vault. */
export interface TokenStore {
  load(entityId: string): Promise<StoredConnection>;
  /**
   * True when `holder` holds the entity's refresh lease for `forMs` milliseconds from now on, by the store's own
   * clock: those of two processes may differ by more than a lease.
   */
  acquireRefreshLease(entityId: string, holder: string, forMs: number): Promise<boolean>;
  /** Prolongs the lease; false where somebody else has held it since, even if it is free by now. */
  renewRefreshLease(entityId: string, holder: string, forMs: number): Promise<boolean>;
  releaseRefreshLease(entityId: string, holder: string): Promise<void>;
  /**
   * Stores all values of the grant at once; a value the grant lacks stays as it is.
   * @param madeFrom version whose refresh token was traded for the grant; absent: the grant is of a new connection
   * @returns undefined where another version is stored by now; the grant is then not stored
   */
  commitGrant(entityId: string, grant: TokenGrant, madeFrom?: number): Promise<StoredConnection | undefined>;
}
