import { type Entity, type RequestRecord } from '../../hub';
import { type Accepted } from '../commands';
import { type ApiContext } from '../deps';
import { isProblem, Problem } from '../problem';
import { requireStage } from '../stage-rules';
import {
  EXPIRED_STATE,
  isOver,
  openedState,
  restoreWindow,
  tokenExpired,
  type Window,
  windowOf,
} from '../token-window';

/** Hex digits of the HMAC that make an id: 160 bits. */
const ID_DIGITS = 40;
const WAITS_FOR_TOKEN: readonly Entity['stage'][] = [
  'requested',
  'awaiting-request-token',
  'needs-reauthorisation',
];

export interface HandedIn {
  readonly token: string;
  readonly issuedAt?: string;
}

/**
 * Vaults the token, then tells the lifecycle its credential id. The request's id is an HMAC of the token
 * under the entity's key, so that the same token again is the same request and has no effect. Only in a
 * window that was opened since may it be tried again: Concur takes a token more than once, and the first
 * try may have failed for our configuration.
 * @throws Problem 409 when it comes too late; nothing is kept then
 */
export async function handInToken(
  context: ApiContext,
  entityId: string,
  { token, issuedAt }: HandedIn,
): Promise<Accepted> {
  const { store, clock } = context;
  const entity = await store.entities.get(entityId);
  const first = `token-${(await store.sync.hash(entityId, `request token handed in: ${token}`)).slice(0, ID_DIGITS)}`;
  const known = await store.requests.get(first);
  const waits = WAITS_FOR_TOKEN.includes(entity.stage);
  if (known !== undefined && (known.deliveredAt === undefined || !waits)) return asBefore(known);

  requireStage(entity, 'hand-in-token');
  const window = windowFor(context, entity, issuedAt);
  if (window === undefined || isOver(window, clock.now())) {
    if (entity.stage === 'awaiting-request-token') await store.entities.setState(entityId, EXPIRED_STATE);
    throw tokenExpired(window);
  }
  const id = known === undefined ? first : await idOfRetry(context, entityId, known, window);
  const again = await store.requests.get(id);
  if (again !== undefined) return asBefore(again);
  return deliverToken(context, entity, { token, window, id, opens: issuedAt !== undefined });
}

function asBefore({ id, deliveredAt }: RequestRecord): Accepted {
  return { requestId: id, pending: deliveredAt === undefined };
}

/** The same request within its window, another one in a later window. */
async function idOfRetry(
  { store }: ApiContext,
  entityId: string,
  known: RequestRecord,
  window: Window,
): Promise<string> {
  const issuedAt = window.issuedAt.getTime();
  if (known.payload['issuedAt'] !== issuedAt) return `${known.id}-${issuedAt}`;
  await requireVaulted(store, entityId, known.id);
  return known.id;
}

/** @throws Problem 409 when the token is gone although the entity still waits for one */
async function requireVaulted(store: ApiContext['store'], entityId: string, id: string): Promise<void> {
  if ((await store.credentials.takeRequestToken(entityId, id)) !== undefined) return;
  throw new Problem(
    409,
    'request-token-used',
    'This request token was handed in before and did not lead to a connection. Ask Concur for a new one.',
  );
}

interface Handover {
  readonly token: string;
  readonly window: Window;
  readonly id: string;
  /** The caller named a window of its own. */
  readonly opens: boolean;
}

async function deliverToken(
  context: ApiContext,
  entity: Entity,
  { token, window, id, opens }: Handover,
): Promise<Accepted> {
  const { store, commands, clock } = context;
  const instants = { issuedAt: window.issuedAt.getTime(), expiresAt: window.expiresAt.getTime() };
  const vaulted = await store.credentials.putRequestToken(entity.id, id, token, {
    ...window,
    now: clock.now(),
  });
  if (!vaulted.stored) await requireVaulted(store, entity.id, vaulted.id);
  const open = { request: { kind: 'open-window' as const, ...instants } };
  const received = {
    request: { kind: 'token-received' as const, credentialId: vaulted.id, ...instants },
    id,
  };
  const needsWindow = opens || entity.stage !== 'awaiting-request-token';
  try {
    return await commands.sendAll(entity.id, needsWindow ? [open, received] : [received], () =>
      store.entities.setState(entity.id, {
        ...openedState(window),
        waitingFor: 'Concordance: the request token is there and is exchanged next.',
      }),
    );
  } catch (error) {
    // Only a refusal is final; after any other failure the stored request is still delivered.
    if (isProblem(error) && vaulted.stored) await store.credentials.forgetRequestToken(entity.id, vaulted.id);
    await restoreWindow(context, entity, window);
    throw error;
  }
}

/**
 * The window the token belongs to: that of its own issue time, the open one, or, where a connection must be
 * renewed and nobody opened a window, one that starts now. Undefined when none is open.
 */
function windowFor(context: ApiContext, entity: Entity, issuedAt: string | undefined): Window | undefined {
  if (issuedAt !== undefined) return windowOf(context, issuedAt);
  if (entity.stage === 'needs-reauthorisation') return windowOf(context, undefined);
  const { requestTokenIssuedAt, requestTokenExpiresAt } = entity;
  if (requestTokenIssuedAt === undefined || requestTokenExpiresAt === undefined) return undefined;
  return { issuedAt: requestTokenIssuedAt, expiresAt: requestTokenExpiresAt };
}
