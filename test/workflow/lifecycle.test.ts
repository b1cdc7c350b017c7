import { WorkflowUpdateFailedError } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import {
  authorisationLost,
  changeSettings,
  lifecycleState,
  migrationFinished,
  offboardEntity,
  openWindow,
  pauseEntity,
  resumeEntity,
  tokenReceived,
} from '../../workflows/messages';
import { anEntityLifecycle } from '../support/workflow/inputs';
import { playScene, refusalOf, type SceneOptions } from '../support/workflow/environment';
import { FakeActivities } from '../support/workflow/fake-activities';
import { waitUntil } from '../support/wait-until';
import { type SupportDay } from '../../sync/model/support-hours';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const LIFETIME = 12 * HOUR;
const SCENE_MS = 90_000;

jest.setTimeout(SCENE_MS);

async function lifecycleScene(
  play: (scene: Awaited<ReturnType<typeof begin>>) => Promise<void>,
  fakes = new FakeActivities(),
  options: SceneOptions = {},
): Promise<void> {
  await playScene(fakes, async (scene) => play(await begin(scene, fakes)), options);
}

type PlayedScene = Parameters<Parameters<typeof playScene>[1]>[0];

async function begin({ start, now, skip }: PlayedScene, fakes: FakeActivities) {
  const input = anEntityLifecycle({ stage: 'requested', migrated: false, strategy: 'publish' });
  const handle = await start('entityLifecycle', `entity-${input.entityId}`, input);
  const submit = (credentialId: string, expiresAt: number) =>
    handle.executeUpdate(tokenReceived, {
      args: [{ credentialId, issuedAt: expiresAt - LIFETIME, expiresAt }],
    });
  const stageIs = (stage: string) => waitUntil(`stage ${stage}`, () => fakes.stage === stage);
  /** Opens a window that begins now and returns its end. */
  async function open(): Promise<number> {
    const issuedAt = await now();
    const expiresAt = issuedAt + LIFETIME;
    await handle.executeUpdate(openWindow, {
      args: [{ issuedAt, expiresAt, support: supportAt(expiresAt) }],
    });
    return expiresAt;
  }
  async function becomeActive(): Promise<void> {
    await submit('credential-1', await open());
    await waitUntil('a migration is opened', () => fakes.calls.includes('openMigration'));
    await handle.signal(migrationFinished, { number: 1, state: 'completed' });
    await stageIs('active');
    await waitUntil('the loops are started', () => fakes.calls.includes('startLoops'));
  }
  return { handle, fakes, now, skip, submit, stageIs, open, becomeActive };
}

/** Hours that end two hours before the deadline. */
function supportAt(deadline: number): SupportDay {
  const until = deadline - 2 * HOUR;
  return { hours: '06:00–15:00 Europe/Zurich', from: until - 9 * HOUR, until, lastChance: until };
}

function needingAuthorisation(message: string): never {
  throw ApplicationFailure.nonRetryable(message, 'ReauthorisationRequired');
}

test('a request token handed in at 11 h 59 min is exchanged', () =>
  lifecycleScene(async ({ open, submit, skip, fakes, stageIs }) => {
    const end = await open();
    await skip(LIFETIME - MINUTE);
    await submit('credential-1', end);
    await stageIs('migrating');
    expect(fakes.count('exchangeRequestToken')).toBe(1);
  }));

test('a request token handed in at 12 h 01 min is refused with its reason, and new windows open any number of times', () =>
  lifecycleScene(async ({ open, submit, skip, fakes, stageIs }) => {
    for (let round = 1; round <= 3; round += 1) {
      const end = await open();
      await stageIs('awaiting-request-token');
      await skip(LIFETIME + MINUTE);
      const refusal = await refusalOf(submit(`late-${round}`, end));
      expect(refusal.type).toBe('request-token-expired');
      expect(refusal.message).toMatch(/expired at .* UTC\. Ask Concur for a new one and open a new window/);
      await stageIs('requested');
    }
    expect(fakes.count('exchangeRequestToken')).toBe(0);
    await submit('in-time', await open());
    await stageIs('migrating');
    expect(fakes.count('exchangeRequestToken')).toBe(1);
  }));

test('a window that opens while the stage before it is still being shown is shown too', () => {
  const fakes = new FakeActivities();
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  fakes.project = ({ stage }) => (stage === 'requested' ? held : Promise.resolve());
  return lifecycleScene(async ({ open, stageIs }) => {
    await waitUntil('the first stage is being shown', () => fakes.stage === 'requested');
    const end = await open();
    release();
    await stageIs('awaiting-request-token');
    expect(fakes.stages.at(-1)?.window?.expiresAt).toBe(end);
  }, fakes);
});

test('people are reminded four hours and one hour before the end, then told that it is over', () =>
  lifecycleScene(async ({ open, skip, fakes }) => {
    const end = await open();
    await skip(LIFETIME + MINUTE);
    await waitUntil('three events', () => fakes.events.length >= 3);
    expect(fakes.kinds).toEqual([
      'request-token-reminder',
      'request-token-reminder',
      'request-token-expired',
    ]);
    const ids = fakes.events.map(({ id }) => id);
    expect(ids).toEqual([...ids].sort());
    const [first, second, last] = fakes.events;
    expect(first?.message).toMatch(/in 240 minutes: submit it by .*; last chance within receiving hours: /);
    expect(second?.message).toMatch(/in 60 minutes: submit it by .*; the last chance .* was .* agree with/);
    expect(last?.message).toContain('support receives tokens 06:00–15:00 Europe/Zurich');
    const minutesLeft = [first, second, last].map((event) =>
      Math.abs(Math.round((end - (event?.at ?? 0)) / MINUTE)),
    );
    expect(minutesLeft).toEqual([240, 60, 0]);
  }));

test('before the token it is said whose turn it is, and the step that somebody notes changes it', () =>
  lifecycleScene(async ({ handle, open, fakes, becomeActive, stageIs }) => {
    const note = (preparation: 'approval' | 'case' | 'token' | null) =>
      handle.executeUpdate(changeSettings, { args: [{ preparation }] });
    const turnIs = (words: RegExp) => waitUntil(String(words), () => words.test(fakes.waitingFor ?? ''));
    await turnIs(/^Customer: .* Then Concur: .* Then support: open the window/);
    await note('approval');
    await turnIs(/^Customer \(step 1 of 4\)/);
    await note('token');
    await turnIs(/^Concur \(step 3 of 4\)/);
    await open();
    await turnIs(/^Support: submit the request token .* by .* UTC; support receives tokens 06:00–15:00/);
    expect((await refusalOf(note('case'))).type).toBe('wrong-stage');
    await becomeActive();
    await handle.signal(authorisationLost, { reason: 'Concur asks for a new authorisation.' });
    await stageIs('needs-reauthorisation');
    await turnIs(/^Support: ask Concur for a new request token and submit it/);
    await note('case');
    await turnIs(/^Customer \(step 2 of 4\)/);
    await note(null);
    await turnIs(/^Support: ask Concur for a new request token and submit it/);
    expect(fakes.kinds.filter((kind) => kind === 'needs-reauthorisation')).toHaveLength(1);
    expect(fakes.count('pauseLoops')).toBe(1);
  }));

test('a strategy that is changed before the exchange is the one that is carried out', () =>
  lifecycleScene(async ({ handle, submit, open, fakes }) => {
    await handle.executeUpdate(changeSettings, { args: [{ strategy: null }] });
    await submit('credential-1', await open());
    await waitUntil('one is asked for', () => /choose a migration strategy/.test(fakes.waitingFor ?? ''));
    await handle.executeUpdate(changeSettings, { args: [{ strategy: 'merge' }] });
    await waitUntil('a migration is opened', () => fakes.calls.includes('openMigration'));
    expect((await handle.query(lifecycleState)).strategy).toBe('merge');
    await waitUntil('it is known', async () => (await handle.query(lifecycleState)).migration === 1);
    const refusal = await refusalOf(handle.executeUpdate(changeSettings, { args: [{ strategy: 'none' }] }));
    expect(refusal.message).toContain('Migration 1 is open');
  }));

test('the same token handed in twice is exchanged once', () =>
  lifecycleScene(async ({ open, submit, fakes, stageIs }) => {
    const end = await open();
    await submit('credential-1', end);
    await submit('credential-1', end).catch((error: unknown) => {
      // Refused when the exchange is already through; accepted and without effect before.
      if (!(error instanceof WorkflowUpdateFailedError)) throw error;
    });
    await stageIs('migrating');
    expect(fakes.count('exchangeRequestToken')).toBe(1);
  }));

test('a migration that is rejected before its number is known is not waited for', () => {
  const fakes = new FakeActivities();
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  fakes.openMigration = () => (fakes.count('openMigration') > 1 ? Promise.resolve() : held);
  return lifecycleScene(async ({ handle, open, submit, stageIs }) => {
    await submit('credential-1', await open());
    await waitUntil('a migration is opened', () => fakes.calls.includes('openMigration'));
    await handle.signal(migrationFinished, { number: 1, state: 'rejected' });
    release();
    await waitUntil('support is asked', () => /migration 1 was rejected/.test(fakes.waitingFor ?? ''));
    await handle.executeUpdate(changeSettings, { args: [{ strategy: 'merge' }] });
    await waitUntil('another migration is opened', () => fakes.count('openMigration') === 2);
    await stageIs('migrating');
  }, fakes);
});

test('a token that Concur refuses opens the way for a new one and says so', () => {
  const fakes = new FakeActivities();
  fakes.exchange = () =>
    fakes.count('exchangeRequestToken') > 1
      ? Promise.resolve({})
      : needingAuthorisation('Concur refused the request token.');
  return lifecycleScene(async ({ open, submit, stageIs }) => {
    const window = await open();
    await submit('bad', window);
    await waitUntil('people are told', () => fakes.kinds.includes('exchange-failed'));
    await stageIs('awaiting-request-token');
    expect(fakes.stages.at(-1)?.problem).toBe('Concur refused the request token.');
    expect(fakes.waitingFor).toMatch(/^Support: the request token was not taken/);
    await submit('good', window);
    await stageIs('migrating');
  }, fakes);
});

test('after the first migration the loops start, and one refresh a day keeps the connection for half a year', () => {
  const days = 183;
  const fakes = new FakeActivities();
  const refreshedAt: number[] = [];
  fakes.refresh = async () => {
    refreshedAt.push(await fakes.now());
    return {};
  };
  return lifecycleScene(
    async ({ becomeActive, skip, now }) => {
      await becomeActive();
      const start = await now();
      await skip(days * DAY + HOUR);
      await waitUntil('the refreshes', () => refreshedAt.length >= days);
      expect(refreshedAt).toHaveLength(days);
      const daysBetween = [start, ...refreshedAt].map((at) => Math.round((at - start) / DAY));
      expect(daysBetween).toEqual(daysBetween.map((_day, index) => index));
      expect(fakes.stage).toBe('active');
    },
    fakes,
    { cached: true, deadlineMs: 170_000 },
  );
}, 180_000);

test('a refresh token that is not prolonged is told of 30, 7 and 1 days before its end, then a new one is asked for', () => {
  const fakes = new FakeActivities();
  let expiresAt = 0;
  fakes.exchange = async () => {
    expiresAt = (await fakes.now()) + 40 * DAY - HOUR;
    return { refreshTokenExpiresAt: expiresAt };
  };
  fakes.refresh = () => Promise.resolve({ refreshTokenExpiresAt: expiresAt });
  return lifecycleScene(
    async ({ becomeActive, skip, stageIs }) => {
      await becomeActive();
      await skip(41 * DAY + HOUR);
      await stageIs('needs-reauthorisation');
      const told = fakes.events.filter(({ kind }) => kind === 'refresh-token-expires');
      expect(told.map(({ message }) => /within (\d+) day/.exec(message)?.[1])).toEqual(['30', '7', '1']);
      expect(told.map(({ at }) => Math.round((expiresAt - at) / DAY))).toEqual([30, 7, 1]);
      expect(fakes.stages.at(-1)?.problem).toContain('without having been renewed');
    },
    fakes,
    { cached: true, deadlineMs: 110_000 },
  );
}, 120_000);

test('a refresh that Concur refuses for good parks the loops and asks for a new token exactly once', () => {
  const fakes = new FakeActivities();
  fakes.refresh = () => needingAuthorisation('The refresh token is no longer good.');
  return lifecycleScene(async ({ becomeActive, open, submit, skip, stageIs }) => {
    await becomeActive();
    await skip(10 * DAY + HOUR);
    await stageIs('needs-reauthorisation');
    await waitUntil('people are asked', () => fakes.kinds.includes('needs-reauthorisation'));
    expect(fakes.kinds.filter((kind) => kind === 'needs-reauthorisation')).toHaveLength(1);
    expect(fakes.count('refreshTokens')).toBe(1);
    expect(fakes.count('pauseLoops')).toBe(1);
    await submit('credential-2', await open());
    await stageIs('active');
    await waitUntil('the loops are resumed', () => fakes.count('startLoops') === 2);
    expect(fakes.count('openMigration')).toBe(1);
  }, fakes);
});

test('a paused entity is kept alive, and goes on when it is resumed', () =>
  lifecycleScene(async ({ handle, becomeActive, skip, fakes, stageIs }) => {
    await becomeActive();
    await handle.executeUpdate(pauseEntity);
    await stageIs('paused');
    await skip(3 * DAY + HOUR);
    await waitUntil('a refresh a day', () => fakes.count('refreshTokens') === 3);
    expect(fakes.stage).toBe('paused');
    expect(fakes.count('startLoops')).toBe(1);
    await handle.executeUpdate(resumeEntity);
    await stageIs('active');
    await waitUntil('the loops are resumed', () => fakes.count('startLoops') === 2);
  }));

test('an offboarding ends the loops, takes down the connection and ends the workflow', () =>
  lifecycleScene(async ({ handle, becomeActive, fakes }) => {
    await becomeActive();
    await handle.executeUpdate(offboardEntity, { args: [{ erase: true }] });
    await handle.result();
    expect(fakes.calls.slice(-2)).toEqual(['stopLoops', 'disconnect']);
    expect(fakes.stage).toBe('offboarded');
    expect(fakes.events.at(-1)?.message).toContain('all data was erased');
  }));

test('a strategy cannot be changed once the first migration is completed', () =>
  lifecycleScene(async ({ handle, becomeActive }) => {
    await becomeActive();
    const refusal = await refusalOf(handle.executeUpdate(changeSettings, { args: [{ strategy: 'merge' }] }));
    expect(refusal.type).toBe('wrong-stage');
  }));
