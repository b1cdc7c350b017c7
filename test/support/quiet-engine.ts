import { type ActivityDeps } from '../../activities';

const nothing = (): Promise<void> => Promise.resolve();

/** The Temporal side of activities that takes everything and does nothing; a test replaces what it looks at. */
export const QUIET_ENGINE: ActivityDeps['engine'] = {
  deliver: () => Promise.resolve({ status: 'delivered' }),
  wakePublisher: () => Promise.resolve(true),
  health: () => Promise.resolve({ temporal: true, worker: true }),
  startLoops: nothing,
  pauseLoops: nothing,
  stopLoops: nothing,
  stopMigration: nothing,
  restartPoll: nothing,
  startMigration: nothing,
  startReconciliation: nothing,
  startLifecycle: nothing,
};
