import { missingScopes } from '../profile';
import { isReauthorisationRequired, NotAllowedOrigin, ReauthorisationRequired } from './errors';
import { type OAuth, type Permit, type TokenAnswer } from './oauth';
import { createRefreshLease, refreshBusy } from './refresh-lease';
import { type StoredConnection, type TokenGrant, type TokenStore } from './tokens';

/** A token is renewed this long before it expires, so that it outlives a call of 60 s. */
export const EXPIRY_MARGIN_MS = 120_000;
/**
 * Beside the time-out of one token request, how long a process may take before others may refresh: it is spent
 * on storing the answer, see {@link COMMIT_PATIENCE_MS}.
 */
export const LEASE_MARGIN_MS = 120_000;
/**
 * A process asks the store for the token no more often than this. So what another process has exchanged or
 * taken away takes effect after this time at the latest; on a 401 or 403 at once.
 */
export const REMEMBERED_MS = 30_000;
/** A store that is away is waited for as long as nobody else may refresh: without the answer the connection is lost. */
export const COMMIT_PATIENCE_MS = 100_000;
const COMMIT_RETRY_MS = 200;
const LONGEST_COMMIT_RETRY_MS = 5_000;

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
  /** Of one token request, milliseconds: CONCUR_TIMEOUT_MS. */
  readonly timeoutMs: number;
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

interface Committed {
  readonly committed: StoredConnection;
  readonly grant: TokenGrant;
}

/** The refresh token is read where it is used and stays in no memory. */
type Remembered = Omit<StoredConnection, 'refreshToken'>;

export function createConnection(options: ConnectionOptions): Connection {
  const { entityId, tokenStore, oauth } = options;
  let inFlight: Promise<AccessToken> | undefined;
  let memory: { readonly stored: Remembered; readonly until: number } | undefined;

  /** A dead refresh token is not sent again by every call that still comes. */
  let refused: { readonly version: number; readonly error: Error; readonly until: number } | undefined;

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
    return underLease(settled, async (permit) => {
      const stored = await load();
      const token = settled(stored);
      if (token !== undefined) return token;
      const done = await refresh(stored, permit);
      if (done !== undefined) return tokenAt(done.committed, done.grant.accessToken);
      const theirs = settled(await load());
      if (theirs === undefined) throw refreshBusy();
      return theirs;
    });
  }

  /**
   * Trades the stored refresh token for the next one.
   * @returns undefined where somebody else has replaced it meanwhile, as after a pause that outlasted the lease:
   * what is stored then counts, and what Concur says about the old one does not
   */
  async function refresh(stored: StoredConnection, permit: Permit): Promise<Committed | undefined> {
    if (refused?.version === stored.version && options.now().getTime() < refused.until) throw refused.error;
    let answer: TokenAnswer;
    try {
      answer = await oauth.refresh(refreshable(stored), permit);
    } catch (error) {
      // Where the store cannot be asked, Concur's own words are the better ones.
      const { version } = await load().catch(() => stored);
      if (version !== stored.version) return undefined;
      if (isReauthorisationRequired(error)) {
        refused = { version, error, until: options.now().getTime() + REMEMBERED_MS };
      }
      throw error;
    }
    return commit(answer, stored.version);
  }

  /**
   * Stored before anybody uses the access token: an old refresh token may be dead from now on.
   * @param madeFrom version whose refresh token was traded; absent for an exchange, which always counts
   */
  async function commit(answer: TokenAnswer, madeFrom?: number): Promise<Committed | undefined> {
    const committed = await commitPatiently(answer.grant, madeFrom);
    if (committed === undefined) return undefined;
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

  /** A grant that is not stored may be lost for good, so a store that is away is waited for. */
  async function commitPatiently(
    grant: TokenGrant,
    madeFrom: number | undefined,
  ): Promise<StoredConnection | undefined> {
    let pause = COMMIT_RETRY_MS;
    for (let waited = 0; ; waited += pause, pause = Math.min(LONGEST_COMMIT_RETRY_MS, pause * 2)) {
      try {
        return await tokenStore.commitGrant(entityId, grant, madeFrom);
      } catch (error) {
        if (waited >= COMMIT_PATIENCE_MS) throw error;
        await options.sleep(pause);
      }
    }
  }

  const underLease = createRefreshLease({
    ...options,
    load,
    leaseMs: options.timeoutMs + LEASE_MARGIN_MS,
  });

  return {
    accessToken: () => tokenOtherThan(undefined),
    forceRefresh: (stale) => tokenOtherThan(stale),
    exchange: (requestToken) =>
      underLease<GrantSummary>(
        () => undefined,
        async (permit) => {
          const { companyUuid } = await load();
          const answer = await oauth.exchangeRequestToken({ companyUuid, requestToken }, permit);
          await commit(answer);
          return summaryOf(answer.grant);
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
        async (permit) => {
          const stored = await load();
          // Somebody else has just refreshed, which renews the six months as well.
          if (stored.version !== version) return true;
          const done = await refresh(stored, permit);
          if (done !== undefined) renewed.summary = summaryOf(done.grant);
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
