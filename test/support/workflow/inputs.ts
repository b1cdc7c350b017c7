import {
  type LifecycleInput,
  type LifecycleState,
  type MigrationInput,
  type PollInput,
} from '../../../workflows/messages';

/** The entity that scenes are about. */
export const ENTITY = 'acme';

export function anEntityLifecycle(state: Partial<LifecycleState> = {}): LifecycleInput {
  return {
    entityId: ENTITY,
    reminderMinutes: [240, 60],
    refreshIntervalMinutes: 1440,
    state: { stage: 'active', migrated: true, paused: false, ...state },
  };
}

export function aPoll(minutes: readonly number[] = [5, 20, 35, 50]): PollInput {
  return { entityId: ENTITY, minutes, spreadSeconds: 0 };
}

export function aMigration(strategy: MigrationInput['strategy'] = 'publish'): MigrationInput {
  return { entityId: ENTITY, number: 1, strategy };
}
