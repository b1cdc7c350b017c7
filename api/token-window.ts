import { type Entity, type EntityStateChange } from '../hub';
import { deadlineWords, NEW_TOKEN_WORDS, windowWords } from '../sync/model/request-token-words';
import { type SupportDay, supportDayOf } from '../sync/model/support-hours';
import { type ApiContext } from './deps';
import { invalidField, Problem } from './problem';

const MINUTE_MS = 60_000;
/** Clocks differ: an issue time that is ahead of ours by less counts as now. */
const CLOCK_TOLERANCE_MS = 5 * MINUTE_MS;

/** The time in which a request token may be handed in (docs/concur.md §1: it lives 12 h). */
export interface Window {
  readonly issuedAt: Date;
  readonly expiresAt: Date;
  /** Support's hours around its end. */
  readonly support: SupportDay;
}

type WindowDeps = Pick<ApiContext, 'settings' | 'clock'>;

/**
 * The window of a token issued then, or now.
 * @throws Problem 422 for an issue time in the future, 409 when the token's life is over
 */
export function windowOf({ settings, clock }: WindowDeps, issuedAtText: string | undefined): Window {
  const now = clock.now();
  const given = issuedAtText === undefined ? now : new Date(issuedAtText);
  if (given.getTime() > now.getTime() + CLOCK_TOLERANCE_MS) {
    throw invalidField('issuedAt', 'in-the-future', 'must not lie in the future');
  }
  const issuedAt = given > now ? now : given;
  const expiresAt = new Date(issuedAt.getTime() + settings.REQUEST_TOKEN_LIFETIME_MINUTES * MINUTE_MS);
  return withSupport(settings, { issuedAt, expiresAt });
}

/** The window that is open, as SQL says. */
export function openWindowOf(
  { settings }: Pick<ApiContext, 'settings'>,
  { requestTokenIssuedAt, requestTokenExpiresAt }: Entity,
): Window | undefined {
  if (requestTokenIssuedAt === undefined || requestTokenExpiresAt === undefined) return undefined;
  return withSupport(settings, { issuedAt: requestTokenIssuedAt, expiresAt: requestTokenExpiresAt });
}

function withSupport(settings: ApiContext['settings'], life: Omit<Window, 'support'>): Window {
  return { ...life, support: supportDayOf(settings.SUPPORT_HOURS, life.expiresAt.getTime()) };
}

/** Instants in milliseconds, as commands to the workflow carry them. */
export function inMilliseconds({ issuedAt, expiresAt, support }: Window) {
  return { issuedAt: issuedAt.getTime(), expiresAt: expiresAt.getTime(), support };
}

/** Of the window that an entity has open. */
export function openDeadlineOf(context: WindowDeps, entity: Entity): string | null {
  const window = openWindowOf(context, entity);
  return window === undefined ? null : deadlineOf(window, context.clock.now());
}

/** In words: until when the token can be handed in, and when support receives it. */
export function deadlineOf(window: Window, now: Date): string {
  return deadlineWords(inMilliseconds(window), now.getTime());
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
export function openedState(entityId: string, window: Window, now: Date): EntityStateChange {
  return {
    stage: 'awaiting-request-token',
    preparation: null,
    requestTokenIssuedAt: window.issuedAt,
    requestTokenExpiresAt: window.expiresAt,
    waitingFor: windowWords(entityId, inMilliseconds(window), now.getTime()),
  };
}

/** After the end of the window: the case is open, no clock runs. */
export const EXPIRED_STATE: EntityStateChange = {
  stage: 'requested',
  requestTokenIssuedAt: null,
  requestTokenExpiresAt: null,
  waitingFor: NEW_TOKEN_WORDS,
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
    preparation: before.preparation ?? null,
    requestTokenIssuedAt: before.requestTokenIssuedAt ?? null,
    requestTokenExpiresAt: before.requestTokenExpiresAt ?? null,
    waitingFor: before.waitingFor ?? null,
  });
}
