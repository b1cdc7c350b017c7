import { type HubDatabase } from '../../hub';
import {
  migrationFinished,
  openWindow,
  pauseEntity,
  resumeEntity,
  tokenReceived,
  workflowIds,
} from '../../workflows/messages';
import { pgliteDatabase } from '../support/hub/stores';
import { waitUntil } from '../support/wait-until';
import { aCompanyInConcur } from '../support/workflow/company-in-concur';
import { playScene } from '../support/workflow/environment';
import { FakeActivities } from '../support/workflow/fake-activities';
import { anEntityLifecycle } from '../support/workflow/inputs';

/** The lifecycle with the real token activities, store and client, against the sandbox, whose clock is the scene's. */
const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const LIFETIME = 12 * HOUR;
/** The sandbox's six months. */
const REFRESH_TOKEN_DAYS = 182;
const SCENE_MS = 170_000;

jest.setTimeout(SCENE_MS + 10_000);

let db: HubDatabase;
beforeAll(async () => {
  db = await pgliteDatabase();
});
afterAll(() => db.destroy());

type Scene = Awaited<ReturnType<typeof begin>>;

function playYears(refreshIntervalMinutes: number, play: (scene: Scene) => Promise<void>): Promise<void> {
  const fakes = new FakeActivities();
  return playScene(fakes, async (scene) => play(await begin(scene, fakes, refreshIntervalMinutes)), {
    cached: true,
    deadlineMs: SCENE_MS,
  });
}

/** Connected and migrated. */
async function begin(
  { start, now, skip }: Parameters<Parameters<typeof playScene>[1]>[0],
  fakes: FakeActivities,
  refreshIntervalMinutes: number,
) {
  const company = await aCompanyInConcur(db, fakes);
  const { entityId, store, profiles, follow } = company;
  const state = { stage: 'requested', migrated: false, strategy: 'publish' } as const;
  const input = { ...anEntityLifecycle(state), entityId, refreshIntervalMinutes };
  const handle = await start('entityLifecycle', workflowIds.lifecycle(entityId), input);
  const stageIs = (stage: string) => waitUntil(`stage ${stage}`, () => fakes.stage === stage);
  async function connect(credentialId: string): Promise<void> {
    await company.vaultRequestToken(credentialId, LIFETIME);
    const issuedAt = await now();
    const window = { issuedAt, expiresAt: issuedAt + LIFETIME };
    await handle.executeUpdate(openWindow, { args: [window] });
    await handle.executeUpdate(tokenReceived, { args: [{ ...window, credentialId }] });
  }
  await connect('first');
  await waitUntil('a migration is opened', () => fakes.calls.includes('openMigration'));
  const connectedAt = await now();
  await handle.signal(migrationFinished, { number: 1, state: 'completed' });
  await stageIs('active');
  const { refreshTokenExpiresAt: end } = await store.entities.get(entityId);
  return {
    handle,
    fakes,
    connectedAt,
    connect,
    stageIs,
    firstEnd: end?.getTime() ?? 0,
    /** Timers are due at the hour of the exchange: no skip ends on one. */
    skipDays: async (days: number) =>
      skip((await now()) < connectedAt + HOUR ? days * DAY + HOUR : days * DAY),
    async callConcur() {
      await follow();
      return profiles.listSummaries({ since: new Date('1900-01-01T12:00:00Z'), page: 1, itemsPerPage: 200 });
    },
  };
}

test('after 400 days of one refresh a day Concur still lets us in', () =>
  playYears(1440, async ({ skipDays, fakes, callConcur, firstEnd, connectedAt }) => {
    await skipDays(200);
    await skipDays(200);
    await waitUntil('400 refreshes', () => fakes.count('refreshTokens') === 400);
    expect(firstEnd).toBeLessThan(connectedAt + 400 * DAY);
    expect(fakes.stage).toBe('active');
    expect(fakes.kinds).toEqual(['connected']);
    await expect(callConcur()).resolves.toMatchObject({ totalItems: 0 });
  }));

test('paused for the middle 200 of 400 days, a connection is alive during the pause and after it', () =>
  playYears(1440, async ({ handle, skipDays, stageIs, fakes, callConcur }) => {
    await skipDays(100);
    await handle.executeUpdate(pauseEntity);
    await stageIs('paused');
    await skipDays(200);
    await waitUntil('300 refreshes', () => fakes.count('refreshTokens') === 300);
    expect(fakes.stage).toBe('paused');
    await handle.executeUpdate(resumeEntity);
    await stageIs('active');
    await skipDays(100);
    await waitUntil('400 refreshes', () => fakes.count('refreshTokens') === 400);
    expect(fakes.kinds).toEqual(['connected']);
    await expect(callConcur()).resolves.toMatchObject({ totalItems: 0 });
  }));

/** Days from the connection to each event that tells of the end, as they were told. */
function toldOf({ fakes, connectedAt }: Scene) {
  const told = fakes.events.filter(({ kind }) => kind === 'refresh-token-expires');
  return told.map(({ message, at }) => ({
    within: Number(/within (\d+) day/.exec(message)?.[1]),
    onDay: Math.round((at - connectedAt) / DAY),
  }));
}

test.each(['active', 'paused'] as const)(
  'with the keep-alive off a connection that is %s is told of 30, 7 and 1 days before its six months end, and asks for a token on the day they do',
  (stage) =>
    playYears(0, async (scene) => {
      const { handle, skipDays, connect, stageIs, fakes, callConcur, firstEnd, connectedAt } = scene;
      if (stage === 'paused') await handle.executeUpdate(pauseEntity);
      await stageIs(stage);
      expect(Math.round((firstEnd - connectedAt) / DAY)).toBe(REFRESH_TOKEN_DAYS);
      await skipDays(REFRESH_TOKEN_DAYS - 1);
      expect(fakes.stage).toBe(stage);
      await skipDays(1);
      await stageIs('needs-reauthorisation');
      await waitUntil('a token is asked for', () => fakes.kinds.includes('needs-reauthorisation'));
      const asked = fakes.events.find(({ kind }) => kind === 'needs-reauthorisation');
      const late = (asked?.at ?? 0) - firstEnd;
      expect(late).toBeGreaterThanOrEqual(0);
      expect(late).toBeLessThan(60_000);
      expect(toldOf(scene)).toEqual([
        { within: 30, onDay: 152 },
        { within: 7, onDay: 175 },
        { within: 1, onDay: 181 },
      ]);
      expect(fakes.count('refreshTokens')).toBe(0);
      await expect(callConcur()).rejects.toMatchObject({ name: 'ReauthorisationRequired' });
      await connect('second');
      await stageIs(stage);
      await expect(callConcur()).resolves.toMatchObject({ totalItems: 0 });
    }),
);

test('with the keep-alive off a call to Concur prolongs a connection, and people are told by its new end', () =>
  playYears(0, async (scene) => {
    const { skipDays, stageIs, fakes, callConcur } = scene;
    await skipDays(160);
    await callConcur();
    await skipDays(REFRESH_TOKEN_DAYS - 2);
    expect(fakes.stage).toBe('active');
    await skipDays(2);
    await stageIs('needs-reauthorisation');
    const again = [152, 175, 181].map((day) => 160 + day);
    expect(toldOf(scene).map(({ onDay }) => onDay)).toEqual([152, ...again]);
  }));
