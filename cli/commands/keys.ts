import { type Command } from 'commander';
import { type KeyRotation } from '../api-types';
import { addCommand, addGroup, type App, type Outcome } from '../command';
import { EXIT } from '../errors';
import { type Session } from '../session';
import { some } from '../text';

export function addKeyCommands(app: App, program: Command): void {
  const group = addGroup(program, 'keys', 'The keys that seal what is stored', ['keys rotate']);
  addCommand(app, group, {
    usage: 'rotate',
    summary: 'Wrap the data keys of all entities with the first key of ENCRYPTION_KEYS',
    examples: ['keys rotate'],
    more:
      'First put a new key in front of the others and restart every worker and API. It may be ended and run\n' +
      'again at any time. Exit code 3: some data keys are still under an older key.',
    run: rotate,
  });
}

/** The API does so many at a time; another request goes on where the last one ended. */
async function rotate(session: Session): Promise<Outcome> {
  let step = await session.api.rotateKeys();
  let rotated = step.rotated;
  if (step.remaining > 0 && step.rotated > 0) {
    const progress = session.progress('Data keys', rotated + step.remaining);
    try {
      while (step.remaining > 0 && step.rotated > 0) {
        progress.update(rotated);
        step = await session.api.rotateKeys();
        rotated += step.rotated;
      }
      progress.update(rotated);
    } finally {
      progress.finish();
    }
  }
  const result = { ...step, rotated };
  return {
    data: result,
    show: () => show(session, result),
    exit: result.remaining > 0 ? EXIT.attention : EXIT.done,
  };
}

function show({ output }: Session, { rotated, remaining, activeKeyId, unreadable }: KeyRotation): void {
  output.line(`${some(rotated, 'data key')} wrapped with the key ${activeKeyId}.`);
  if (remaining === 0) {
    output.line(
      'None is left under an older key: for the database the older keys can be taken out of the ring.',
    );
    output.line('Histories in Temporal may need them until their retention ends.');
    return;
  }
  output.line(
    `${some(remaining, 'data key')} left under an older key: keep the older keys, and run it again.`,
  );
  if (unreadable !== undefined && unreadable !== null && unreadable.length > 0) {
    output.line(`The key that wraps them is not in ENCRYPTION_KEYS: ${unreadable.join(', ')}`);
  }
}
