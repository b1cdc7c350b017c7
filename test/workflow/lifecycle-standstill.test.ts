import { toApplicationFailure } from '../../activities/failures';
import { classifyTokenError } from '../../concur';
import { pollState, publishState, resumeEntity, workflowIds } from '../../workflows/messages';
import { waitUntil } from '../support/wait-until';
import { playScene, refusalOf, type Scene } from '../support/workflow/environment';
import { FakeActivities } from '../support/workflow/fake-activities';
import { anEntityLifecycle, aPoll, ENTITY } from '../support/workflow/inputs';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

jest.setTimeout(120_000);

/** As an activity fails after the token endpoint has answered with this code (docs/concur.md §1). */
function refusedWith(code: number): never {
  throw toApplicationFailure(classifyTokenError(400, JSON.stringify({ code })).error);
}

const LOOPS = {
  poll: {
    async play({ start }: Scene) {
      const handle = await start('pollConcur', workflowIds.poll(ENTITY), aPoll());
      return async () => (await handle.query(pollState)).parked;
    },
    tries: (fakes: FakeActivities) => fakes.count('pullChanges'),
  },
  publish: {
    async play({ start }: Scene) {
      const handle = await start('publishChanges', workflowIds.publish(ENTITY), { entityId: ENTITY });
      return async () => (await handle.query(publishState)).parked;
    },
    tries: (fakes: FakeActivities) => fakes.count('publishDirty'),
  },
} as const;

const STANDSTILLS = {
  access: {
    code: 53,
    stage: 'needs-reauthorisation',
    waitingFor: /^Concur has to act \(code 53: .*Then resume the entity/,
    event: 'needs-reauthorisation',
    /** Within four and a half hours. */
    renewals: 0,
  },
  configuration: {
    code: 64,
    stage: 'active',
    waitingFor: /^Operator: Our settings are wrong \(code 64: .*Then resume the entity/,
    event: 'connection-stopped',
    renewals: 4,
  },
} as const;

/** Both loops meet what `failure` throws, until `mend` is called. */
function refusing(failure: () => never) {
  const fakes = new FakeActivities();
  let isMended = false;
  const answer = () => (isMended ? Promise.resolve({}) : failure());
  [fakes.pull, fakes.drain, fakes.refresh] = [answer, answer, answer];
  return { fakes, mend: () => (isMended = true) };
}

/** An active entity whose loop has run into the failure, and people who were told. */
async function stopped(scene: Scene, fakes: FakeActivities, loop: keyof typeof LOOPS) {
  const id = workflowIds.lifecycle(ENTITY);
  const lifecycle = await scene.start('entityLifecycle', id, anEntityLifecycle());
  await waitUntil('the loops run', () => fakes.loops.get(ENTITY) === 'running');
  const parked = await LOOPS[loop].play(scene);
  await scene.skip(20 * MINUTE);
  await waitUntil('people are told', () => fakes.kinds.length > 0);
  return { lifecycle, parked };
}

test.each<[keyof typeof LOOPS, keyof typeof STANDSTILLS]>([
  ['poll', 'access'],
  ['poll', 'configuration'],
  ['publish', 'access'],
  ['publish', 'configuration'],
])(
  'what only people can mend and the %s loop runs into (%s) parks both directions until they resume',
  (loop, kind) => {
    const expected = STANDSTILLS[kind];
    const { fakes, mend } = refusing(() => refusedWith(expected.code));
    return playScene(
      fakes,
      async (scene) => {
        const { lifecycle, parked } = await stopped(scene, fakes, loop);
        expect(fakes.kinds).toEqual([expected.event]);
        expect(fakes.loops.get(ENTITY)).toBe('parked');
        expect(await parked()).toBe(kind);
        const shown = fakes.stages.at(-1);
        expect(shown).toMatchObject({ stage: expected.stage, stopped: true });
        expect(shown?.waitingFor).toMatch(expected.waitingFor);
        expect(shown?.problem).toContain(`code ${expected.code}: `);

        // The loop itself does not ask again; the connection is tried at the pace of its cause, silently.
        await scene.skip(4 * HOUR);
        await waitUntil('the renewals', () => fakes.count('refreshTokens') >= expected.renewals);
        expect([LOOPS[loop].tries(fakes), fakes.count('refreshTokens')]).toEqual([1, expected.renewals]);
        expect(fakes.kinds).toEqual([expected.event]);

        mend();
        await lifecycle.executeUpdate(resumeEntity);
        await waitUntil('the loops run again', () => fakes.loops.get(ENTITY) === 'running');
        expect(fakes.stages.at(-1)).toMatchObject({ stage: 'active' });
        expect(fakes.stages.at(-1)?.problem).toBeUndefined();
        expect(fakes.count('refreshTokens')).toBe(expected.renewals + 1);
      },
      { cached: true, deadlineMs: 100_000 },
    );
  },
);

test.each<keyof typeof LOOPS>(['poll', 'publish'])(
  'after a %s loop has lost the authorisation for good, resuming is refused: a new request token is needed',
  (loop) => {
    const { fakes } = refusing(() => refusedWith(108));
    return playScene(
      fakes,
      async (scene) => {
        const { lifecycle } = await stopped(scene, fakes, loop);
        expect(fakes.stages.at(-1)).toMatchObject({ stage: 'needs-reauthorisation' });
        expect(fakes.stages.at(-1)?.stopped).toBeUndefined();

        const refusal = await refusalOf(lifecycle.executeUpdate(resumeEntity));
        expect([refusal.type, refusal.message]).toEqual([
          'wrong-stage',
          'Resuming does not help: a new request token is needed.',
        ]);
        await scene.skip(50 * HOUR);
        expect(fakes.stage).toBe('needs-reauthorisation');
        expect([fakes.count('refreshTokens'), fakes.count('startLoops')]).toEqual([0, 1]);
        expect(fakes.waitingFor).toMatch(/^Support: ask Concur for a new request token/);
      },
      { cached: true, deadlineMs: 100_000 },
    );
  },
);
