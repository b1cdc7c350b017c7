import { type Migration } from '../api-types';
import { CliError } from '../errors';
import { type Progress } from '../progress';
import { type Session } from '../session';
import { waitFor } from '../wait';
import { isOver, workOf } from './migration-view';

const PLAN_WAIT = { everyMs: 250, limitMs: 3_600_000 } as const;
/** A mass publish of a large company takes hours; whoever does not want to wait says --no-wait. */
const WORK_WAIT = { everyMs: 250, limitMs: 24 * 3_600_000 } as const;

/** The migration once its plan is complete. */
export async function planned(session: Session, id: string, number: number): Promise<Migration> {
  const message = `Migration ${number} of ${id} is still being planned: concordance migration show ${id} ${number}`;
  session.note('Planning: each traveller is compared with Concur, nothing is written …');
  const migration = await waitFor(session.context.clock, { ...PLAN_WAIT, message }, async () => {
    const now = await session.api.migration(id, number);
    return now.state === 'planning' ? undefined : now;
  });
  return withoutFailure(id, migration);
}

/** The migration once `until` holds, with a bar while travellers are published. */
export async function executed(
  session: Session,
  id: string,
  number: number,
  until: (migration: Migration) => boolean,
): Promise<Migration> {
  const message = `Migration ${number} of ${id} goes on by itself: concordance migration show ${id} ${number}`;
  let bar: Progress | undefined;
  let verifying = false;
  try {
    const migration = await waitFor(session.context.clock, { ...WORK_WAIT, message }, async () => {
      const now = await session.api.migration(id, number);
      const { done, total } = workOf(now.counts);
      if (bar === undefined && now.state !== 'awaiting-approval' && total > 0)
        bar = session.progress('Publishing', total);
      bar?.update(done, total);
      if (now.state === 'verifying' && !verifying) {
        verifying = true;
        bar?.finish();
        session.note('Verifying: every profile is read back and compared …');
      }
      return until(now) ? now : undefined;
    });
    return withoutFailure(id, migration);
  } finally {
    if (!verifying) bar?.finish();
  }
}

/** Where an approval ends: for good, or at the second approval. */
export function isSettled(migration: Migration): boolean {
  return isOver(migration) || migration.state === 'awaiting-final-approval';
}

function withoutFailure(id: string, migration: Migration): Migration {
  if (migration.state !== 'failed') return migration;
  const why = migration.error ?? 'the log of the worker says why';
  throw new CliError(
    'migration-failed',
    `Migration ${migration.number} of ${id} failed: ${why}. What is done stays done; plan a new one when the cause is gone.`,
  );
}
