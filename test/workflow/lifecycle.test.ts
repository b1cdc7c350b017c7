import { type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import {
  type LifecycleInput,
  migrationFinished,
  openWindow,
  setStrategy,
  tokenReceived,
} from '../../workflows/messages';
import { openTestBed, withWorker, type WorkflowTestBed } from '../support/workflow/environment';
import { FakeActivities } from '../support/workflow/fake-activities';

const HOUR = 60 * 60_000;
const LIFETIME = 12 * HOUR;
const MINUTE = 60_000;

let bed: WorkflowTestBed;
beforeAll(async () => {
  bed = await openTestBed();
});
afterAll(() => bed.close());

type Lifecycle = (input: LifecycleInput) => Promise<void>;

interface Scene {
  readonly handle: WorkflowHandle<Lifecycle>;
  readonly fakes: FakeActivities;
  now(): Promise<number>;
  skip(ms: number): Promise<void>;
  stage(): string | undefined;
  /** Opens a window that begins now and returns its end. */
  open(): Promise<number>;
  submit(credentialId: string, expiresAt: number): Promise<void>;
}

let scenes = 0;

async function scene(
  play: (scene: Scene) => Promise<void>,
  fakes = newFakes(),
  options: { readonly long?: boolean } = {},
): Promise<void> {
  const run = async (taskQueue: string) => {
    scenes += 1;
    const handle = await bed.env.client.workflow.start<Lifecycle>('entityLifecycle', {
      taskQueue,
      workflowId: `entity-scene-${process.pid}-${scenes}`,
      args: [
        {
          entityId: `scene-${scenes}`,
          reminderMinutes: [240, 60],
          refreshIntervalMinutes: 1440,
          state: { stage: 'requested', migrated: false, paused: false, strategy: 'publish' },
        },
      ],
    });
    const now = () => bed.env.currentTimeMs();
    try {
      await play({
        handle,
        fakes,
        now,
        skip: (ms) => bed.env.sleep(ms),
        // The projection is what people see; a query can get lost on the test server while a task is running.
        stage: () => fakes.stages.at(-1)?.stage,
        async open() {
          const issuedAt = await now();
          await handle.executeUpdate(openWindow, { args: [{ issuedAt, expiresAt: issuedAt + LIFETIME }] });
          return issuedAt + LIFETIME;
        },
        submit: (credentialId, expiresAt) =>
          handle.executeUpdate(tokenReceived, {
            args: [{ credentialId, issuedAt: expiresAt - LIFETIME, expiresAt }],
          }),
      });
    } finally {
      await handle.terminate('end of the scene');
    }
  };
  await withWorker(bed, fakes, run, options);
}

const newFakes = () => new FakeActivities(() => bed.env.currentTimeMs());

async function refusalOf(update: Promise<unknown>): Promise<ApplicationFailure> {
  try {
    await update;
  } catch (error) {
    if (error instanceof WorkflowUpdateFailedError && error.cause instanceof ApplicationFailure)
      return error.cause;
    throw error;
  }
  throw new Error('the update was accepted');
}

async function eventually(condition: () => Promise<boolean> | boolean): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (await condition()) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error('the condition did not come true');
}

test('a request token handed in at 11 h 59 min is exchanged', () =>
  scene(async ({ open, submit, skip, fakes, stage }) => {
    const end = await open();
    await skip(LIFETIME - MINUTE);
    await submit('credential-1', end);
    await eventually(() => stage() === 'migrating');
    expect(fakes.calls).toContain('exchangeRequestToken');
  }));

test('a request token handed in at 12 h 01 min is refused with its reason, and new windows open any number of times', () =>
  scene(async ({ open, submit, skip, fakes, stage }) => {
    for (let round = 1; round <= 3; round += 1) {
      const end = await open();
      await skip(LIFETIME + MINUTE);
      const refusal = await refusalOf(submit(`late-${round}`, end));
      expect(refusal.type).toBe('request-token-expired');
      expect(refusal.message).toMatch(/expired at .* UTC\. Ask Concur for a new one and open a new window/);
      await eventually(() => stage() === 'requested');
    }
    expect(fakes.calls).not.toContain('exchangeRequestToken');
    const end = await open();
    await submit('in-time', end);
    await eventually(() => stage() === 'migrating');
  }));

test('people are reminded four hours and one hour before the end, then told that it is over', () =>
  scene(async ({ open, skip, fakes }) => {
    await open();
    await skip(LIFETIME + MINUTE);
    await eventually(() => fakes.events.length >= 3);
    expect(fakes.kinds).toEqual([
      'request-token-reminder',
      'request-token-reminder',
      'request-token-expired',
    ]);
    expect(fakes.events.map(({ message }) => /in (\d+) minutes/.exec(message)?.[1])).toEqual([
      '240',
      '60',
      undefined,
    ]);
  }));

test('the same token handed in twice is exchanged once', () =>
  scene(async ({ open, submit, fakes, stage }) => {
    const end = await open();
    await submit('credential-1', end);
    await submit('credential-1', end).catch((error: unknown) => {
      if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    });
    await eventually(() => stage() === 'migrating');
    expect(fakes.calls.filter((call) => call === 'exchangeRequestToken')).toHaveLength(1);
  }));

test('a token that Concur refuses opens the way for a new one and says so', () => {
  const fakes = newFakes();
  let attempts = 0;
  fakes.exchange = () => {
    attempts += 1;
    if (attempts > 1) return Promise.resolve({});
    throw ApplicationFailure.nonRetryable('Concur refused the request token.', 'ReauthorisationRequired');
  };
  return scene(async ({ open, submit, stage }) => {
    await submit('bad', await open());
    await eventually(() => fakes.kinds.includes('exchange-failed'));
    await eventually(() => stage() === 'requested');
    await submit('good', await open());
    await eventually(() => stage() === 'migrating');
  }, fakes);
});

test(
  'after the first migration the loops start, and one refresh a day keeps the connection for half a year',
  () =>
    scene(
      async ({ handle, open, submit, skip, fakes, stage }) => {
        await submit('credential-1', await open());
        await eventually(() => fakes.calls.includes('openMigration'));
        await handle.signal(migrationFinished, { number: 1, state: 'completed' });
        await eventually(() => stage() === 'active');
        await skip(183 * 24 * HOUR);
        const refreshes = fakes.calls.filter((call) => call === 'refreshTokens').length;
        expect(refreshes).toBeGreaterThanOrEqual(182);
        expect(refreshes).toBeLessThanOrEqual(184);
        expect(fakes.calls).toContain('startLoops');
      },
      newFakes(),
      { long: true },
    ),
  240_000,
);

test('a refresh that Concur refuses for good parks the loops and asks for a new token exactly once', () => {
  const fakes = newFakes();
  fakes.refresh = () => {
    throw ApplicationFailure.nonRetryable('The refresh token is no longer good.', 'ReauthorisationRequired');
  };
  return scene(async ({ handle, open, submit, skip, stage }) => {
    await submit('credential-1', await open());
    await eventually(() => fakes.calls.includes('openMigration'));
    await handle.signal(migrationFinished, { number: 1, state: 'completed' });
    await eventually(() => stage() === 'active');
    await skip(10 * 24 * HOUR);
    await eventually(() => stage() === 'needs-reauthorisation');
    expect(fakes.kinds.filter((kind) => kind === 'needs-reauthorisation')).toHaveLength(1);
    expect(fakes.calls.filter((call) => call === 'refreshTokens')).toHaveLength(1);
    await submit('credential-2', await open());
    await eventually(() => stage() === 'active');
  }, fakes);
});

test('a strategy cannot be changed once the first migration is completed', () =>
  scene(async ({ handle, open, submit, fakes, stage }) => {
    await submit('credential-1', await open());
    await eventually(() => fakes.calls.includes('openMigration'));
    await handle.signal(migrationFinished, { number: 1, state: 'completed' });
    await eventually(() => stage() === 'active');
    const refusal = await refusalOf(handle.executeUpdate(setStrategy, { args: ['merge'] }));
    expect(refusal.type).toBe('wrong-stage');
  }));
