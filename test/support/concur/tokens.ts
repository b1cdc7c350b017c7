import { type StoredConnection, type TokenGrant, type TokenStore } from '../../../concur/tokens';

/** A vault in memory that writes down what happens to it, shared by all "processes" of a test. */
export class TokenStoreInMemory implements TokenStore {
  readonly events: string[] = [];
  /** Commits that fail before one succeeds. */
  failingCommits = 0;
  loads = 0;
  private held: Promise<void> | undefined;
  private lease: { readonly holder: string; hasRunOut: boolean } | undefined;

  constructor(public stored: StoredConnection) {}

  async load(): Promise<StoredConnection> {
    this.loads += 1;
    const { stored, held } = this;
    this.held = undefined;
    await held;
    return stored;
  }

  /** The next load answers with what is stored when it begins, but only once it is released. */
  holdNextLoad(): { release(): void } {
    let release = (): void => undefined;
    this.held = new Promise((resolve) => {
      release = resolve;
    });
    return { release: () => release() };
  }

  acquireRefreshLease(_entityId: string, holder: string): Promise<boolean> {
    const isFree = this.lease === undefined || this.lease.hasRunOut;
    if (isFree) this.lease = { holder, hasRunOut: false };
    this.events.push(isFree ? 'leased' : 'waiting');
    return Promise.resolve(isFree);
  }

  renewRefreshLease(_entityId: string, holder: string): Promise<boolean> {
    const isMine = this.lease?.holder === holder;
    if (isMine) this.lease = { holder, hasRunOut: false };
    return Promise.resolve(isMine);
  }

  /** As if the holder had hung for longer than its lease. */
  letLeaseRunOut(): void {
    if (this.lease !== undefined) this.lease.hasRunOut = true;
  }

  releaseRefreshLease(_entityId: string, holder: string): Promise<void> {
    if (this.lease?.holder === holder) this.lease = undefined;
    this.events.push('released');
    return Promise.resolve();
  }

  commitGrant(
    _entityId: string,
    grant: TokenGrant,
    madeFrom?: number,
  ): Promise<StoredConnection | undefined> {
    if (this.failingCommits > 0) {
      this.failingCommits -= 1;
      return Promise.reject(new Error('the store is away'));
    }
    if (madeFrom !== undefined && madeFrom !== this.stored.version) return Promise.resolve(undefined);
    const { accessToken, accessTokenExpiresAt, refreshToken, geolocation } = grant;
    this.stored = {
      ...this.stored,
      accessToken,
      accessTokenExpiresAt,
      ...(refreshToken === undefined ? {} : { refreshToken }),
      ...(geolocation === undefined ? {} : { geolocation }),
      version: this.stored.version + 1,
    };
    this.events.push(`committed ${accessToken}`);
    return Promise.resolve(this.stored);
  }
}

export const COMPANY_UUID = '00000000-0000-4000-8000-000000000001';
export const HOME = 'https://us2.api.concursolutions.com';
export const ELSEWHERE = 'https://eu2.api.concursolutions.com';
export const ENTRY = 'https://glz.api.concursolutions.com';

/** A connection whose access token has expired, unless told otherwise. */
export function aConnection(changes: Partial<StoredConnection> = {}): StoredConnection {
  return {
    companyUuid: COMPANY_UUID,
    geolocation: HOME,
    refreshToken: 'refresh-token-1',
    accessToken: 'access-token-old',
    accessTokenExpiresAt: new Date('2026-08-01T11:00:00Z'),
    version: 1,
    ...changes,
  };
}
