import { ApplicationFailure } from '@temporalio/common';
import { type ActivityDeps, type ConcurAccess } from './deps';
import { translated } from './failures';

export interface Granted {
  /** Milliseconds since the epoch; absent where Concur does not say. */
  readonly refreshTokenExpiresAt?: number;
}

/** What keeps an entity's connection to Concur alive. Tokens stay in the vault; only instants leave. */
export interface TokenActivities {
  exchangeRequestToken(input: { entityId: string; credentialId: string }): Promise<Granted>;
  refreshTokens(input: { entityId: string }): Promise<Granted>;
  /** As stored, without asking Concur. */
  refreshTokenExpiry(input: { entityId: string }): Promise<Granted>;
}

export interface TokenDeps extends Pick<ActivityDeps, 'store' | 'clock'> {
  readonly concur: (entityId: string) => Pick<ConcurAccess, 'connection'>;
}

export function createTokenActivities(deps: TokenDeps): TokenActivities {
  const { store, clock } = deps;
  return {
    exchangeRequestToken: ({ entityId, credentialId }) =>
      translated(async () => {
        const vaulted = await store.credentials.takeRequestToken(entityId, credentialId);
        if (vaulted === undefined) {
          // An earlier attempt may have been through before its answer was lost.
          if (await store.credentials.hasRefreshToken(entityId)) return expiryOf(deps, entityId);
          throw ApplicationFailure.nonRetryable(
            'The request token is no longer in the vault. Submit it again.',
            'ReauthorisationRequired',
          );
        }
        if (vaulted.expiresAt.getTime() <= clock.now().getTime()) {
          await store.credentials.deleteRequestToken(entityId, credentialId);
          throw ApplicationFailure.nonRetryable(
            'The request token expired before it could be exchanged. Ask Concur for a new one.',
            'ReauthorisationRequired',
          );
        }
        await deps.concur(entityId).connection.exchange(vaulted.token);
        // What an earlier token was refused for is over.
        await store.entities.setState(entityId, { health: 'ok', healthReason: null });
        await store.credentials.deleteRequestToken(entityId, credentialId);
        return expiryOf(deps, entityId);
      }),

    refreshTokens: ({ entityId }) =>
      translated(async () => {
        await deps.concur(entityId).connection.renew();
        return expiryOf(deps, entityId);
      }),

    refreshTokenExpiry: ({ entityId }) => translated(() => expiryOf(deps, entityId)),
  };
}

async function expiryOf(deps: Pick<ActivityDeps, 'store'>, entityId: string): Promise<Granted> {
  const { refreshTokenExpiresAt } = await deps.store.entities.get(entityId);
  return refreshTokenExpiresAt === undefined
    ? {}
    : { refreshTokenExpiresAt: refreshTokenExpiresAt.getTime() };
}
