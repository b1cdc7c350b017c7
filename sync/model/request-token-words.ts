import { type Preparation } from '../../hub/types';
import { type SupportDay } from './support-hours';

/** The life of a request token; instants in milliseconds since the epoch. */
interface TokenLife {
  readonly issuedAt: number;
  readonly expiresAt: number;
  readonly support?: SupportDay | undefined;
}

/** When nothing came of a token. */
export const NEW_TOKEN_WORDS = 'Support: ask Concur for a new request token, then open a new window.';

/** While a token is there and its exchange has yet to begin. */
export const TOKEN_THERE_WORDS = 'Nobody: the request token is there and is exchanged next.';

/** Whose turn it is while the window is open. */
export function windowWords(entityId: string, token: TokenLife, now: number): string {
  return `Support: submit the request token as soon as Concur has issued it, ${deadlineWords(token, now)}. Command: concordance token submit ${entityId}`;
}

/**
 * Whose turn it is before there is a request token (docs/concur.md §8): four steps, the last of which is the
 * window.
 * @param preparation the step that is under way, where somebody has said so
 */
export function preparationWords(entityId: string, preparation: Preparation | undefined): string {
  switch (preparation) {
    case 'approval':
      return `Customer (step 1 of 4): have the request for a token approved by the contact at Concur. When that is done: concordance entity set ${entityId} preparation=case`;
    case 'case':
      return `Customer (step 2 of 4): open the case "API token request" with Concur; concordance entity case ${entityId} prints it. When that is done: concordance entity set ${entityId} preparation=token`;
    case 'token':
      return `Concur (step 3 of 4): approve the case "API token request" and issue the request token. Then support (step 4): open the window and submit the token (concordance token expect ${entityId}, concordance token submit ${entityId}).`;
    case undefined:
      return `Customer: have the request for a token approved by the contact at Concur, then open the case "API token request" (concordance entity case ${entityId} prints it). Then Concur: approve the case and issue the request token. Then support: open the window and submit the token (concordance token expect ${entityId}). Which step is under way can be noted: concordance entity set ${entityId} preparation=approval, case or token`;
  }
}

/** Until when a request token can be handed in, and when support receives it. */
export function deadlineWords({ issuedAt, expiresAt, support }: TokenLife, now: number): string {
  const by = `by ${minuteText(expiresAt)}`;
  if (support === undefined) return by;
  const hours = `support receives tokens ${support.hours} (${spanText(support, expiresAt)})`;
  return [by, hours, ...chanceWords(support, issuedAt, now)].join('; ');
}

function chanceWords({ lastChance }: SupportDay, issuedAt: number, now: number): string[] {
  if (lastChance === undefined) return [];
  if (lastChance <= issuedAt)
    return ['none of its time lies within receiving hours, so agree with support on when to hand it in'];
  const at = minuteText(lastChance);
  return lastChance > now
    ? [`last chance within receiving hours: ${at}`]
    : [`the last chance within receiving hours was ${at}, so agree with support on when to hand it in`];
}

function spanText({ from, until }: SupportDay, deadline: number): string {
  const isThatDay = [from, until].every((instant) => dateText(instant) === dateText(deadline));
  if (!isThatDay) return `${dateText(from)} ${timeText(from)} to ${minuteText(until)}`;
  return `${timeText(from)}–${timeText(until)} UTC that day`;
}

/** Cut off, not rounded: a deadline is never said to be later than it is. */
function minuteText(instant: number): string {
  return `${dateText(instant)} ${timeText(instant)} UTC`;
}

function dateText(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}

function timeText(instant: number): string {
  return new Date(instant).toISOString().slice(11, 16);
}
