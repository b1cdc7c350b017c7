import { type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import {
  approveMigration,
  cancelMigration,
  type MigrationInput,
  rejectMigration,
  workflowIds,
} from '../../workflows/messages';
import { playScene, refusalOf, type Scene } from '../support/workflow/environment';
import { FakeActivities } from '../support/workflow/fake-activities';
import { aMigration, anEntityLifecycle, ENTITY } from '../support/workflow/inputs';
import { waitUntil } from '../support/wait-until';

jest.setTimeout(90_000);

interface Migrating extends Scene {
  readonly lifecycle: WorkflowHandle;
  readonly migration: WorkflowHandle;
  approve(digest: string): Promise<unknown>;
  planned(): Promise<void>;
}

/** The lifecycle of an entity in its first migration, and that migration. */
function migrating(
  fakes: FakeActivities,
  play: (scene: Migrating) => Promise<void>,
  strategy: MigrationInput['strategy'] = 'publish',
): Promise<void> {
  return playScene(fakes, async (scene) => {
    const state = { stage: 'migrating', migrated: false, strategy, migration: 1 } as const;
    const lifecycle = await scene.start(
      'entityLifecycle',
      workflowIds.lifecycle(ENTITY),
      anEntityLifecycle(state),
    );
    const id = workflowIds.migration(ENTITY, 1);
    const migration = await scene.start('migrateTravellers', id, aMigration(strategy));
    await play({
      ...scene,
      lifecycle,
      migration,
      approve: (digest) => migration.executeUpdate(approveMigration, { args: [{ digest }] }),
      planned: () => waitUntil('the plan is closed', () => fakes.calls.includes('finishPlan')),
    });
  });
}

const migrationCalls = (fakes: FakeActivities) =>
  fakes.calls.filter((call) => /Plan|Chunk|Execution|Verification|Migration/.test(call));

test('a plan is approved by its digest, executed until nothing is open, verified and reported', () => {
  const fakes = new FakeActivities();
  return migrating(fakes, async ({ migration, approve, planned }) => {
    await planned();
    const refusal = await refusalOf(approve('digest-of-yesterday'));
    expect(refusal.type).toBe('plan-changed');
    expect(fakes.calls).not.toContain('beginExecution');
    await approve('digest-1');
    await migration.result();
    expect(fakes.migration.planned).toEqual([undefined, '25', '50']);
    expect(migrationCalls(fakes)).toEqual([
      ...['planChunk', 'planChunk', 'planChunk', 'finishPlan'],
      ...['beginExecution', 'executeChunk', 'executeChunk', 'executeChunk'],
      ...['beginVerification', 'verifyChunk', 'verifyChunk', 'verifyChunk', 'completeMigration'],
    ]);
    await waitUntil('the entity is active', () => fakes.stage === 'active');
    await waitUntil('the loops start', () => fakes.calls.includes('startLoops'));
  });
});

test('nothing is written before the approval, however long that takes', () => {
  const fakes = new FakeActivities();
  return migrating(fakes, async ({ planned, skip }) => {
    await planned();
    await skip(90 * 86_400_000);
    expect(fakes.calls).not.toContain('beginExecution');
    expect(fakes.migration.closed).toBeUndefined();
  });
});

test('a rejected plan writes nothing, and the entity waits for another one', () => {
  const fakes = new FakeActivities();
  return migrating(fakes, async ({ migration, planned, approve }) => {
    await planned();
    // The digest is known to the workflow a moment after the activity; only then is there anything to decide.
    await waitUntil('it is rejected', () => accepted(migration.executeUpdate(rejectMigration)));
    await migration.result();
    expect(fakes.migration.closed).toBe('rejected');
    expect(fakes.calls).not.toContain('beginExecution');
    await waitUntil('support is asked', () => /migration 1 was rejected/.test(fakes.waitingFor ?? ''));
    expect(fakes.stage).toBe('migrating');
    await expect(approve('digest-1')).rejects.toThrow();
  });
});

async function accepted(update: Promise<unknown>): Promise<boolean> {
  try {
    await update;
    return true;
  } catch {
    return false;
  }
}

test('a cancellation takes effect between two chunks, and what is done stays done', () => {
  const fakes = new FakeActivities();
  return migrating(fakes, async ({ migration, planned, approve }) => {
    fakes.migration.duringChunk = async (done) => {
      if (done > 0) await migration.executeUpdate(cancelMigration);
    };
    await planned();
    await approve('digest-1');
    await migration.result();
    expect(fakes.migration.closed).toBe('cancelled');
    expect(fakes.count('executeChunk')).toBe(2);
    expect(fakes.calls).not.toContain('beginVerification');
    await waitUntil('support is asked', () => /migration 1 was cancelled/.test(fakes.waitingFor ?? ''));
  });
});

test('strategy "none" reads everything once, asks nobody and writes nothing', () => {
  const fakes = new FakeActivities();
  return migrating(
    fakes,
    async ({ migration }) => {
      await migration.result();
      expect(fakes.pulls.map(({ input }) => input)).toEqual([{ entityId: ENTITY }]);
      expect(migrationCalls(fakes)).toEqual(['completeMigration']);
      await waitUntil('the entity is active', () => fakes.stage === 'active');
    },
    'none',
  );
});

test('trouble with Concur stops nothing: the chunk is tried again after a while', () => {
  const fakes = new FakeActivities();
  let refusals = 2;
  fakes.migration.duringChunk = () => {
    if (refusals-- > 0)
      throw ApplicationFailure.nonRetryable('Concur is out of service.', 'ConcurUnavailable');
    return Promise.resolve();
  };
  return migrating(fakes, async ({ migration, planned, approve }) => {
    await planned();
    await approve('digest-1');
    await migration.result();
    expect(fakes.count('executeChunk')).toBe(5);
    expect(fakes.migration.closed).toBe('completed');
  });
});

test('a migration completes also where no lifecycle listens', () => {
  const fakes = new FakeActivities();
  return playScene(fakes, async ({ start }) => {
    const migration = await start('migrateTravellers', workflowIds.migration(ENTITY, 1), aMigration('none'));
    await expect(migration.result()).resolves.toBeUndefined();
  });
});
