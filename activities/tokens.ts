import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { type ScopeLoss, scopeLosses } from '../profile';
import { type HubStore } from '../hub';
import { type Entity } from '../hub/types';
import { type ActivityDeps, type ConcurAccess } from './deps';
import { translated } from './failures';

export interface Granted {
  /** Milliseconds since the epoch; absent where Concur does not say. */
  readonly refreshTokenExpiresAt?: number;
  /** Scopes that the entity lacks and what they cost; absent where Concur does not say what it granted. */
  readonly scopeLosses?: readonly ScopeLoss[];
}

/** An answer that no document of SAP's names is asked for so often, then people are shown it. */
export const MOST_UNEXPECTED = 8;

/** What keeps an entity's connection to Concur alive. Tokens stay in the vault; only instants leave. */
export interface TokenActivities {
  exchangeRequestToken(input: { entityId: string; credentialId: string }): Promise<Granted>;
  refreshTokens(input: { entityId: string }): Promise<Granted>;
  /** As stored, without asking Concur. */
  refreshTokenExpiry(input: { entityId: string }): Promise<Granted>;
}

/** What these activities touch of everything. */
export interface TokenDeps extends Pick<ActivityDeps, 'clock'> {
  readonly store: {
    readonly credentials: Pick<
      HubStore['credentials'],
      'takeRequestToken' | 'hasRefreshToken' | 'deleteRequestToken'
    >;
    readonly entities: {
      setState(entityId: string, change: { health: 'ok'; healthReason: null }): Promise<unknown>;
      get(entityId: string): Promise<Pick<Entity, 'health' | 'refreshTokenExpiresAt' | 'scopes'>>;
    };
  };
  readonly concur: (entityId: string) => Pick<ConcurAccess, 'connection'>;
}

export function createTokenActivities(deps: TokenDeps): TokenActivities {
  const { store, clock } = deps;
  return {
    exchangeRequestToken: ({ entityId, credentialId }) =>
      fewTimes(async () => {
        const vaulted = await store.credentials.takeRequestToken(entityId, credentialId);
        if (vaulted === undefined) {
          // An earlier attempt may have been through before its answer was lost.
          if (await store.credentials.hasRefreshToken(entityId)) return grantedTo(deps, entityId);
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
        return grantedTo(deps, entityId);
      }),

    refreshTokens: ({ entityId }) =>
      fewTimes(async () => {
        await deps.concur(entityId).connection.renew();
        const { health } = await store.entities.get(entityId);
        // What the renewal failed for before is over; what the next poll finds, it says.
        if (health === 'failing')
          await store.entities.setState(entityId, { health: 'ok', healthReason: null });
        return grantedTo(deps, entityId);
      }),

    refreshTokenExpiry: ({ entityId }) => translated(() => grantedTo(deps, entityId)),
  };
}

async function grantedTo(deps: TokenDeps, entityId: string): Promise<Granted> {
  const { refreshTokenExpiresAt, scopes } = await deps.store.entities.get(entityId);
  return {
    ...(refreshTokenExpiresAt === undefined
      ? {}
      : { refreshTokenExpiresAt: refreshTokenExpiresAt.getTime() }),
    ...(scopes.length === 0 ? {} : { scopeLosses: scopeLosses(scopes) }),
  };
}

async function fewTimes<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await translated(work);
  } catch (error) {
    if (!(error instanceof ApplicationFailure) || error.type !== 'UnexpectedAnswer') throw error;
    if (Context.current().info.attempt < MOST_UNEXPECTED) throw error;
    throw ApplicationFailure.nonRetryable(error.message, error.type, ...(error.details ?? []));
  }
}
