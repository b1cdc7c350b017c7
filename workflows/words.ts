import { type Stage } from '../hub/types';
import { deadlineWords, preparationWords, windowWords } from '../sync/model/request-token-words';
import { type LifecycleState } from './messages';

/** An instant as people read it; seconds are enough. */
export function instant(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const NEXT_STEP: Readonly<Record<Exclude<Stage, 'requested' | 'awaiting-request-token'>, string>> = {
  exchanging: 'Nobody: the request token is being exchanged.',
  migrating: 'Support: choose a migration strategy.',
  active: 'Nobody: both directions run.',
  paused: 'Support: resume when ready. The connection is kept alive meanwhile.',
  'needs-reauthorisation':
    'Support: ask Concur for a new request token and submit it. Changes wait meanwhile.',
  offboarding: 'Nobody: the connection is being taken down.',
  offboarded: 'Nobody.',
};

/** In words: whose turn it is in this stage. */
export function nextStep(entityId: string, state: LifecycleState, now: number): string {
  const { stage, strategy, preparation, window } = state;
  if (stage === 'migrating' && strategy !== undefined) return 'Nobody: the migration is being planned.';
  if (stage === 'awaiting-request-token' && window !== undefined) return windowWords(entityId, window, now);
  if (stage === 'requested' || stage === 'awaiting-request-token')
    return preparationWords(entityId, preparation);
  if (stage === 'needs-reauthorisation' && preparation !== undefined)
    return preparationWords(entityId, preparation);
  return NEXT_STEP[stage];
}

/** What the Temporal UI shows of an entity, in Markdown that a support person can read. */
export function lifecycleDetails(entityId: string, state: LifecycleState, now: number): string {
  const lines = [
    `**${entityId}** is **${state.stage}**`,
    '',
    `- Waiting for: ${state.waitingFor ?? nextStep(entityId, state, now)}`,
    `- Strategy: ${state.strategy ?? 'not chosen yet'}`,
  ];
  if (state.window !== undefined) {
    const isAwaited = state.stage === 'awaiting-request-token';
    const until = `valid until ${instant(state.window.expiresAt)}`;
    lines.push(`- Request token: ${isAwaited ? `submit it ${deadlineWords(state.window, now)}` : until}`);
  }
  if (state.refreshTokenExpiresAt !== undefined) {
    const renewed = state.nextRefreshAt === undefined ? '' : ', renewed long before';
    lines.push(`- Refresh token: valid until ${instant(state.refreshTokenExpiresAt)}${renewed}`);
  }
  if (state.nextRefreshAt !== undefined) lines.push(`- Next renewal: ${instant(state.nextRefreshAt)}`);
  if (state.stopped !== undefined) lines.push('- **Both directions stand still**: changes wait in the hub');
  for (const { scope, loss } of state.scopeLosses ?? [])
    lines.push(`- Scope not granted: ${scope} (${loss})`);
  if (state.migration !== undefined) lines.push(`- Migration: number ${state.migration}`);
  if (state.problem !== undefined) lines.push('', `> ${state.problem}`);
  return lines.join('\n');
}
