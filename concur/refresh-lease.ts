import { ConcurUnavailable } from './errors';
import { type Permit } from './oauth';
import { type StoredConnection, type TokenStore } from './tokens';

/** Who waits looks again soon at first, as a refresh mostly takes less than a second, then four times a second. */
const FIRST_POLL_MS = 50;
const LONGEST_POLL_MS = 250;

export interface RefreshLeaseOptions {
  readonly entityId: string;
  readonly tokenStore: TokenStore;
  readonly load: () => Promise<StoredConnection>;
  readonly now: () => Date;
  readonly sleep: (milliseconds: number) => Promise<void>;
  /** A fresh id; names the holder. */
  readonly newId: () => string;
  /** How long one process may take before others may try, milliseconds. */
  readonly leaseMs: number;
}

/**
 * Runs `work` while no other process does (docs/concur.md §1, rotation). Who has to wait looks after each wait
 * whether what is stored by now settles it.
 * @throws ConcurUnavailable `refresh-busy` when it takes too long
 */
export type UnderLease = <T>(
  settled: (stored: StoredConnection) => T | undefined,
  work: (permit: Permit) => Promise<T>,
) => Promise<T>;

export function createRefreshLease(options: RefreshLeaseOptions): UnderLease {
  const { entityId, tokenStore, leaseMs } = options;

  /** Right before a request, also after a pause of the whole process: a token that others have traded is not sent. */
  async function stillMine(holder: string): Promise<void> {
    if (!(await tokenStore.renewRefreshLease(entityId, holder, leaseMs))) throw refreshBusy();
  }

  return async (settled, work) => {
    const holder = options.newId();
    const giveUpAt = options.now().getTime() + leaseMs + LONGEST_POLL_MS;
    let pollMs = FIRST_POLL_MS;
    while (!(await tokenStore.acquireRefreshLease(entityId, holder, leaseMs))) {
      if (options.now().getTime() > giveUpAt) throw refreshBusy();
      await options.sleep(pollMs);
      pollMs = Math.min(LONGEST_POLL_MS, pollMs * 2);
      const done = settled(await options.load());
      if (done !== undefined) return done;
    }
    try {
      return await work(() => stillMine(holder));
    } finally {
      // What came of the work matters more than a lease that cannot be given back: it runs out by itself.
      await tokenStore.releaseRefreshLease(entityId, holder).catch(() => undefined);
    }
  };
}

/** Somebody else holds the lease, or has refreshed in our place. */
export function refreshBusy(): ConcurUnavailable {
  return new ConcurUnavailable('Another process is refreshing the tokens. It is tried again.', {
    code: 'refresh-busy',
    retryAfterMs: LONGEST_POLL_MS,
  });
}
