import { type Stage } from '../hub/types';
import { type LifecycleState } from './messages';

/** An instant as people read it; seconds are enough. */
export function instant(time: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

const NEXT_STEP: Readonly<Record<Stage, string>> = {
  requested:
    'Concur: answer the case "API token request". Then support: open the window and submit the token.',
  'awaiting-request-token':
    'Support: submit the request token that Concur has issued, before its window ends.',
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
export function nextStep({ stage, strategy }: Pick<LifecycleState, 'stage' | 'strategy'>): string {
  if (stage === 'migrating' && strategy !== undefined) return 'Nobody: the migration is being planned.';
  return NEXT_STEP[stage];
}

/** What the Temporal UI shows of an entity, in Markdown that a support person can read. */
export function lifecycleDetails(entityId: string, state: LifecycleState): string {
  const lines = [
    `**${entityId}** is **${state.stage}**`,
    '',
    `- Waiting for: ${state.waitingFor ?? nextStep(state)}`,
    `- Strategy: ${state.strategy ?? 'not chosen yet'}`,
  ];
  if (state.window !== undefined) {
    lines.push(`- Request token: valid until ${instant(state.window.expiresAt)}`);
  }
  if (state.refreshTokenExpiresAt !== undefined) {
    lines.push(`- Refresh token: valid until ${instant(state.refreshTokenExpiresAt)}, renewed long before`);
  }
  if (state.nextRefreshAt !== undefined) lines.push(`- Next renewal: ${instant(state.nextRefreshAt)}`);
  if (state.stopped !== undefined) lines.push('- **Both directions stand still**: changes wait in the hub');
  for (const { scope, loss } of state.scopeLosses ?? [])
    lines.push(`- Scope not granted: ${scope} (${loss})`);
  if (state.migration !== undefined) lines.push(`- Migration: number ${state.migration}`);
  if (state.problem !== undefined) lines.push('', `> ${state.problem}`);
  return lines.join('\n');
}
