import { type Entity } from '../../hub';
import { type Accepted } from '../commands';
import { type ApiContext } from '../deps';
import { Problem } from '../problem';
import { requireStage } from '../stage-rules';
import {
  EXPIRED_STATE,
  isOver,
  openedState,
  tokenExpired,
  type Window,
  windowOf,
  windowStateOf,
} from '../token-window';

/** Hex digits of the HMAC that make an id: 160 bits. */
const ID_DIGITS = 40;

interface HandedIn {
  readonly token: string;
  readonly issuedAt?: string;
}

/**
 * Vaults the token, then tells the lifecycle its credential id. The id is an HMAC of the token under the
 * entity's key, so that the same token again is the same request and has no effect.
 * @throws Problem 409 when it comes too late; nothing is kept then
 */
export async function handInToken(
  context: ApiContext,
  entityId: string,
  { token, issuedAt }: HandedIn,
): Promise<Accepted> {
  const { store, clock } = context;
  const entity = await store.entities.get(entityId);
  const hash = await store.sync.hash(entityId, `request token handed in: ${token}`);
  const id = `token-${hash.slice(0, ID_DIGITS)}`;
  const known = await store.requests.get(id);
  if (known !== undefined) {
    await refuseUsedToken(context, entity, id, known.deliveredAt !== undefined);
    return { requestId: id, pending: known.deliveredAt === undefined };
  }

  requireStage(entity, 'hand-in-token');
  const window = windowFor(context, entity, issuedAt);
  if (isOver(window, clock.now())) {
    if (entity.stage === 'awaiting-request-token') await store.entities.setState(entityId, EXPIRED_STATE);
    throw tokenExpired(window);
  }
  const opens = entity.stage !== 'awaiting-request-token' || issuedAt !== undefined;
  await store.credentials.putRequestToken(entityId, id, token, { ...window, now: clock.now() });
  await store.entities.setState(entityId, {
    ...(opens ? openedState(window) : {}),
    waitingFor: 'Concordance: the request token is there and is exchanged next.',
  });
  try {
    if (opens) await context.commands.send(entityId, { kind: 'open-window', ...instants(window) });
    return await context.commands.send(
      entityId,
      { kind: 'token-received', credentialId: id, ...instants(window) },
      id,
    );
  } catch (error) {
    await store.credentials.forgetRequestToken(entityId, id);
    await store.entities.setState(entityId, windowStateOf(entity));
    throw error;
  }
}

function instants(window: Window): { issuedAt: number; expiresAt: number } {
  return { issuedAt: window.issuedAt.getTime(), expiresAt: window.expiresAt.getTime() };
}

/**
 * The window the token belongs to: that of its own issue time, the open one, or, where a connection must be
 * renewed and nobody opened a window, one that starts now.
 */
function windowFor(context: ApiContext, entity: Entity, issuedAt: string | undefined): Window {
  if (issuedAt !== undefined) return windowOf(context, issuedAt);
  if (entity.stage === 'needs-reauthorisation') return windowOf(context, undefined);
  const { requestTokenIssuedAt, requestTokenExpiresAt } = entity;
  if (requestTokenIssuedAt === undefined || requestTokenExpiresAt === undefined) {
    throw new Problem(
      409,
      'wrong-stage',
      'No window is open for a request token. Open it first, or say when the token was issued.',
      { stage: entity.stage },
    );
  }
  return { issuedAt: requestTokenIssuedAt, expiresAt: requestTokenExpiresAt };
}

/**
 * A token that is gone from the vault while the entity still waits for one led nowhere. To answer 202 would
 * let somebody wait twelve hours for nothing.
 */
async function refuseUsedToken(
  { store }: ApiContext,
  entity: Entity,
  id: string,
  delivered: boolean,
): Promise<void> {
  if (!delivered || !['requested', 'awaiting-request-token', 'needs-reauthorisation'].includes(entity.stage)) {
    return;
  }
  if ((await store.credentials.takeRequestToken(entity.id, id)) !== undefined) return;
  throw new Problem(
    409,
    'request-token-used',
    'This request token was handed in before and did not lead to a connection. Ask Concur for a new one.',
  );
}
