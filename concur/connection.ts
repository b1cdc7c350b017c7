import { missingScopes } from '../profile';
import { ConcurUnavailable, NotAllowedOrigin, ReauthorisationRequired } from './errors';
import { type OAuth, type TokenAnswer } from './oauth';
import { type StoredConnection, type TokenGrant, type TokenStore } from './tokens';

/** A token is renewed this long before it expires, so that it outlives a call of 60 s. */
export const EXPIRY_MARGIN_MS = 120_000;
/** How long one process may take for a refresh before others may try. */
export const REFRESH_LEASE_MS = 180_000;
/**
 * A process asks the store for the token no more often than this. So what another process has exchanged or
 * taken away takes effect after this time at the latest; on a 401 or 403 at once.
 */
export const REMEMBERED_MS = 30_000;
const LEASE_POLL_MS = 250;
const COMMIT_ATTEMPTS = 5;
const COMMIT_RETRY_MS = 200;

export interface AccessToken {
  readonly value: string;
  /** Where it is to be used: the company's geolocation. */
  readonly origin: string;
}

/** What a grant says beside its tokens. */
export interface GrantSummary {
  readonly scopes: readonly string[];
  /** Of the application's scopes; what they cost stands in `SCOPES` of profile/scopes.ts. */
  readonly missingScopes: readonly string[];
  readonly refreshTokenExpiresAt?: Date;
  readonly geolocation?: string;
}

export interface ConnectionOptions {
  readonly entityId: string;
  readonly tokenStore: TokenStore;
  readonly oauth: OAuth;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** A fresh id; names the holder of a lease. */
  readonly newId: () => string;
}

/** One entity's connection to Concur. Failures are those of docs/concur.md §1. */
export interface Connection {
  /** A token that is good for some minutes still; refreshed where needed, once for all who wait. */
  accessToken(): Promise<AccessToken>;
  /** Another token than `stale`, which Concur has refused although it had not expired. */
  forceRefresh(stale: string): Promise<AccessToken>;
  /** Trades a request token for a connection and stores it. */
  exchange(requestToken: string): Promise<GrantSummary>;
  /** Refreshes although the token is still good: renews the six months of the refresh token. */
  renew(): Promise<GrantSummary | undefined>;
  /** Ends the connection on Concur's side, where Concur lets us. The tokens stay stored. */
  revoke(): Promise<'disconnected' | 'not-supported'>;
}

/** The refresh token is read where it is used and stays in no memory. */
type Remembered = Omit<StoredConnection, 'refreshToken'>;

export function createConnection(options: ConnectionOptions): Connection {
  const { entityId, tokenStore, oauth } = options;
  let inFlight: Promise<AccessToken> | undefined;
  let memory: { readonly stored: Remembered; readonly until: number } | undefined;

  function remembered(): Remembered | undefined {
    return memory !== undefined && options.now().getTime() < memory.until ? memory.stored : undefined;
  }

  /** A read that began before a commit of ours and ends after it does not bring the old token back. */
  function remember(stored: StoredConnection, asOf: Date): void {
    const known = remembered();
    if (known !== undefined && known.version > stored.version) return;
    const { refreshToken: _, ...kept } = stored;
    memory = { stored: kept, until: asOf.getTime() + REMEMBERED_MS };
  }

  async function load(): Promise<StoredConnection> {
    const asOf = options.now();
    const stored = await tokenStore.load(entityId);
    remember(stored, asOf);
    return stored;
  }

  async function tokenOtherThan(stale: string | undefined): Promise<AccessToken> {
    if (stale !== undefined || remembered() === undefined) await load();
    const token = usable(remembered(), stale);
    if (token !== undefined) return token;
    // Who joins a refresh that began without knowing of `stale` may get `stale` back, and tries once more.
    for (;;) {
      const joined = inFlight !== undefined;
      inFlight ??= refreshUnless((stored) => usable(stored, stale)).finally(() => {
        inFlight = undefined;
      });
      const refreshed = await inFlight;
      if (!joined || refreshed.value !== stale) return refreshed;
    }
  }

  function usable(stored: Remembered | undefined, stale: string | undefined): AccessToken | undefined {
    if (stored === undefined) return undefined;
    const { accessToken, accessTokenExpiresAt } = stored;
    if (accessToken === undefined || accessToken === stale || accessTokenExpiresAt === undefined)
      return undefined;
    const isGood = accessTokenExpiresAt.getTime() - options.now().getTime() > EXPIRY_MARGIN_MS;
    return isGood ? tokenAt(stored, accessToken) : undefined;
  }

  function tokenAt(stored: Remembered, value: string): AccessToken {
    return { value, origin: stored.geolocation ?? oauth.authOrigin };
  }

  /** Another process may refresh at the same time: who holds the lease looks again before it refreshes. */
  async function refreshUnless(
    settled: (stored: StoredConnection) => AccessToken | undefined,
  ): Promise<AccessToken> {
    return underLease(settled, async () => {
      const stored = await load();
      const token = settled(stored);
      if (token !== undefined) return token;
      const { committed, grant } = await commit(await oauth.refresh(refreshable(stored)));
      return tokenAt(committed, grant.accessToken);
    });
  }

  async function underLease<T>(
    settled: (stored: StoredConnection) => T | undefined,
    work: () => Promise<T>,
  ): Promise<T> {
    const holder = options.newId();
    const giveUpAt = options.now().getTime() + REFRESH_LEASE_MS;
    while (!(await acquire(holder))) {
      if (options.now().getTime() > giveUpAt) {
        throw new ConcurUnavailable(
          'Another process has been refreshing the tokens for too long. It is tried again.',
          {
            code: 'refresh-busy',
            retryAfterMs: LEASE_POLL_MS,
          },
        );
      }
      await options.sleep(LEASE_POLL_MS);
      const done = settled(await load());
      if (done !== undefined) return done;
    }
    let result: T;
    try {
      result = await work();
    } catch (error) {
      // What went wrong matters more than a lease that cannot be given back: it runs out by itself.
      await tokenStore.releaseRefreshLease(entityId, holder).catch(() => undefined);
      throw error;
    }
    await tokenStore.releaseRefreshLease(entityId, holder);
    return result;
  }

  function acquire(holder: string): Promise<boolean> {
    const now = options.now();
    return tokenStore.acquireRefreshLease(entityId, holder, now, new Date(now.getTime() + REFRESH_LEASE_MS));
  }

  /** Stored before anybody uses the access token: an old refresh token may be dead from now on. */
  async function commit(answer: TokenAnswer): Promise<{ committed: StoredConnection; grant: TokenGrant }> {
    const committed = await commitPatiently(answer.grant);
    remember(committed, options.now());
    if (answer.refusedGeolocation) {
      throw new NotAllowedOrigin(
        'Concur names a geolocation outside *.concursolutions.com; the tokens are kept but are not sent there. ' +
          'If it is meant to be, name its origin in CONCUR_ALLOWED_ORIGINS.',
        { code: 'geolocation-not-allowed' },
      );
    }
    return { committed, grant: answer.grant };
  }

  /** A grant that is not stored may be lost for good, so a store that is briefly away is waited for. */
  async function commitPatiently(grant: TokenGrant): Promise<StoredConnection> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await tokenStore.commitGrant(entityId, grant, options.now());
      } catch (error) {
        if (attempt === COMMIT_ATTEMPTS) throw error;
        await options.sleep(COMMIT_RETRY_MS * 2 ** attempt);
      }
    }
  }

  return {
    accessToken: () => tokenOtherThan(undefined),
    forceRefresh: (stale) => tokenOtherThan(stale),
    exchange: (requestToken) =>
      underLease<GrantSummary>(
        () => undefined,
        async () => {
          const { companyUuid } = await load();
          const { grant } = await commit(await oauth.exchangeRequestToken({ companyUuid, requestToken }));
          return summaryOf(grant);
        },
      ),
    async revoke() {
      const { value: accessToken, origin } = await tokenOtherThan(undefined);
      return oauth.disconnect({ accessToken, origin });
    },
    async renew() {
      const { version } = await load();
      const renewed: { summary?: GrantSummary } = {};
      await underLease(
        (stored) => (stored.version === version ? undefined : true),
        async () => {
          const stored = await load();
          // Somebody else has just refreshed, which renews the six months as well.
          if (stored.version !== version) return true;
          const { grant } = await commit(await oauth.refresh(refreshable(stored)));
          renewed.summary = summaryOf(grant);
          return true;
        },
      );
      return renewed.summary;
    },
  };
}

function refreshable(stored: StoredConnection): { refreshToken: string; geolocation?: string } {
  const { refreshToken, geolocation } = stored;
  if (refreshToken === undefined) {
    throw new ReauthorisationRequired(
      'The entity has no connection to Concur yet, or no longer. Ask the customer’s Concur contact for a ' +
        'request token and submit it.',
      { code: 'no-refresh-token' },
    );
  }
  return { refreshToken, ...(geolocation === undefined ? {} : { geolocation }) };
}

function summaryOf(grant: TokenGrant): GrantSummary {
  const { scopes, refreshTokenExpiresAt, geolocation } = grant;
  return {
    scopes,
    missingScopes: missingScopes(scopes),
    ...(refreshTokenExpiresAt === undefined ? {} : { refreshTokenExpiresAt }),
    ...(geolocation === undefined ? {} : { geolocation }),
  };
}
