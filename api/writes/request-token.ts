import { type Entity, type RequestRecord } from '../../hub';
import { type Accepted } from '../commands';
import { type ApiContext } from '../deps';
import { isProblem } from '../problem';
import { TOKEN_THERE_WORDS } from '../../sync/model/request-token-words';
import { requireStage } from '../stage-rules';
import {
  EXPIRED_STATE,
  inMilliseconds,
  isOver,
  openedState,
  openWindowOf,
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
 * under the entity's key, so that the same token again is the same request and has no effect, also when it is
 * used up or Concur refused it: the entity's `waitingFor` says what is next. Only in a window that was opened
 * since may it be tried again: Concur takes a token more than once, and the first try may have failed for our
 * configuration.
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
  const { last, next } = await triesOf(store, `token-${hash.slice(0, ID_DIGITS)}`);
  // What a workflow has refused was not taken: it is as if it had never been handed in.
  if (last !== undefined && last.refusal === undefined) {
    if (!(await mayBeTriedAgain(context, entity, last, issuedAt))) return asBefore(last);
  }
  requireStage(entity, 'hand-in-token');
  const window = await windowFor(context, entity, issuedAt);
  if (window === undefined || isOver(window, clock.now())) {
    if (entity.stage === 'awaiting-request-token') await store.entities.setState(entityId, EXPIRED_STATE);
    throw tokenExpired(window);
  }
  return deliverToken(context, entity, { token, window, id: next, opens: issuedAt !== undefined });
}

function asBefore({ id, deliveredAt }: RequestRecord): Accepted {
  return { requestId: id, pending: deliveredAt === undefined };
}

/** The last time that this token was handed in, and the id of the next. */
async function triesOf(
  { requests }: ApiContext['store'],
  first: string,
): Promise<{ readonly last: RequestRecord | undefined; readonly next: string }> {
  let last: RequestRecord | undefined;
  for (let number = 1; ; number += 1) {
    const next = number === 1 ? first : `${first}-${number}`;
    const known = await requests.get(next);
    if (known === undefined) return { last, next };
    last = known;
  }
}

/** In another window than the one it was handed in for, as long as the vault still has it. */
async function mayBeTriedAgain(
  context: ApiContext,
  entity: Entity,
  { deliveredAt, payload }: RequestRecord,
  issuedAt: string | undefined,
): Promise<boolean> {
  if (deliveredAt === undefined || !WAITS_FOR_TOKEN.includes(entity.stage)) return false;
  const window = await windowFor(context, entity, issuedAt);
  if (window === undefined || isOver(window, context.clock.now())) return false;
  if (payload['issuedAt'] === window.issuedAt.getTime()) return false;
  const { credentialId } = payload;
  if (typeof credentialId !== 'string') return false;
  return (await context.store.credentials.takeRequestToken(entity.id, credentialId)) !== undefined;
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
  const instants = inMilliseconds(window);
  const { issuedAt, expiresAt } = window;
  const vaulted = await store.credentials.putRequestToken(entity.id, id, token, {
    issuedAt,
    expiresAt,
    now: clock.now(),
  });
  if (!vaulted.stored && (await store.credentials.takeRequestToken(entity.id, vaulted.id)) === undefined) {
    // Its request is forgotten, but the vault knows it by its HMAC: it was used up.
    return { requestId: vaulted.id, pending: false };
  }
  const open = { request: { kind: 'open-window' as const, ...instants } };
  const received = {
    request: { kind: 'token-received' as const, credentialId: vaulted.id, ...instants },
    id,
  };
  const needsWindow = opens || entity.stage !== 'awaiting-request-token';
  try {
    return await commands.sendAll(entity.id, needsWindow ? [open, received] : [received], () =>
      store.entities.setState(entity.id, {
        ...openedState(entity.id, window, clock.now()),
        waitingFor: TOKEN_THERE_WORDS,
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
 * The window the token belongs to: that of its own issue time, the open one, or, where none was expected so
 * far, one that starts now: the token has come early, and its hours are running. Undefined after the last
 * window has ended.
 */
async function windowFor(
  context: ApiContext,
  entity: Entity,
  issuedAt: string | undefined,
): Promise<Window | undefined> {
  if (issuedAt !== undefined) return windowOf(context, issuedAt);
  return (await isEarly(context, entity)) ? windowOf(context, undefined) : openWindowOf(context, entity);
}

async function isEarly({ store }: ApiContext, { id, stage }: Entity): Promise<boolean> {
  if (stage === 'needs-reauthorisation') return true;
  return stage === 'requested' && (await store.requests.latest(id, 'open-window')) === undefined;
}
