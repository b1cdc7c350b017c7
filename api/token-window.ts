import { type Entity, type EntityStateChange } from '../hub';
import { type ApiContext } from './deps';
import { invalidField, Problem } from './problem';

const MINUTE_MS = 60_000;
/** Clocks differ: an issue time that is ahead of ours by less counts as now. */
const CLOCK_TOLERANCE_MS = 5 * MINUTE_MS;

/** The time in which a request token may be handed in (docs/concur.md §1: it lives 12 h). */
export interface Window {
  readonly issuedAt: Date;
  readonly expiresAt: Date;
}

/**
 * The window of a token issued then, or now.
 * @throws Problem 422 for an issue time in the future, 409 when the token's life is over
 */
export function windowOf(
  { settings, clock }: Pick<ApiContext, 'settings' | 'clock'>,
  issuedAtText: string | undefined,
): Window {
  const now = clock.now();
  const given = issuedAtText === undefined ? now : new Date(issuedAtText);
  if (given.getTime() > now.getTime() + CLOCK_TOLERANCE_MS) {
    throw invalidField('issuedAt', 'in-the-future', 'must not lie in the future');
  }
  const issuedAt = given > now ? now : given;
  const expiresAt = new Date(issuedAt.getTime() + settings.REQUEST_TOKEN_LIFETIME_MINUTES * MINUTE_MS);
  return { issuedAt, expiresAt };
}

export function isOver(window: Window, now: Date): boolean {
  return window.expiresAt <= now;
}

/** @param window undefined: it was closed before, or never opened */
export function tokenExpired(window: Window | undefined): Problem {
  const when =
    window === undefined
      ? 'No window for a request token is open: it has ended, or was never opened.'
      : `The request token's time ended at ${window.expiresAt.toISOString()}.`;
  return new Problem(
    409,
    'request-token-expired',
    `${when} Open it again for a token that is still alive (concordance token expect <entity>), or ask Concur for a new one. Nothing was kept.`,
  );
}

/** The state of an entity whose window is open. The workflow projects the same as soon as it hears of it. */
export function openedState(window: Window): EntityStateChange {
  return {
    stage: 'awaiting-request-token',
    requestTokenIssuedAt: window.issuedAt,
    requestTokenExpiresAt: window.expiresAt,
    waitingFor: `Concur and the customer: the request token must be handed in by ${window.expiresAt.toISOString()}.`,
  };
}

/** After the end of the window: the case is open, no clock runs. */
export const EXPIRED_STATE: EntityStateChange = {
  stage: 'requested',
  requestTokenIssuedAt: null,
  requestTokenExpiresAt: null,
  waitingFor:
    'Whoever talks to Concur: the request token was not handed in in time. Ask for a new one, then open the window again.',
};

/**
 * Puts a projection back because the workflow refused, unless the workflow itself has projected meanwhile.
 * @param before the entity as it was
 */
export async function restoreWindow(
  { store }: Pick<ApiContext, 'store'>,
  before: Entity,
  projected: Window,
): Promise<void> {
  const now = await store.entities.get(before.id);
  const isOurs =
    now.stage === 'awaiting-request-token' &&
    now.requestTokenExpiresAt?.getTime() === projected.expiresAt.getTime();
  if (!isOurs) return;
  await store.entities.setState(before.id, {
    stage: before.stage,
    requestTokenIssuedAt: before.requestTokenIssuedAt ?? null,
    requestTokenExpiresAt: before.requestTokenExpiresAt ?? null,
    waitingFor: before.waitingFor ?? null,
  });
}
