import { type Stage } from '../../hub/types';

/** Stages of an entity that does not leave. */
export const STAYING = [
  'requested',
  'awaiting-request-token',
  'exchanging',
  'migrating',
  'active',
  'paused',
  'needs-reauthorisation',
] as const satisfies readonly Stage[];

/**
 * In which stages the lifecycle takes a command. The API asks SQL before it stores one, and the workflow has
 * the last word, because SQL may lag behind it: both by this table.
 */
export const LIFECYCLE_STAGES = {
  'open-window': ['requested', 'awaiting-request-token', 'needs-reauthorisation'],
  'hand-in-token': ['requested', 'awaiting-request-token', 'needs-reauthorisation'],
  // Otherwise there is a token, or a window for one.
  'note-preparation': ['requested', 'needs-reauthorisation'],
  // It says how the first migration goes.
  'change-strategy': ['requested', 'awaiting-request-token', 'exchanging', 'migrating'],
  pause: ['active', 'paused'],
  // What stands still for another reason than a lost token waits for somebody to correct it and resume.
  resume: ['paused', 'exchanging', 'active', 'needs-reauthorisation'],
  offboard: STAYING,
} as const satisfies Readonly<Record<string, readonly Stage[]>>;

export type LifecycleCommand = keyof typeof LIFECYCLE_STAGES;

export function takesCommand(stage: Stage, command: LifecycleCommand): boolean {
  const allowed: readonly Stage[] = LIFECYCLE_STAGES[command];
  return allowed.includes(stage);
}
