import { DEMO } from '../../cli/tour/scene';
import { identify, readRunState } from '../../workers/local';
import { apiOf, sandboxOf, text } from '../support/chaos/clients';
import { dataDirOf, runCommand, type RunningCommand } from '../support/chaos/command';
import { approve, isInTheMiddle, planCompany, untilMigration } from '../support/chaos/company';
import { useChaosFolder } from '../support/chaos/folder';
import { disagreements } from '../support/chaos/one-to-one';
import { expectNothingLeft, serversOf } from '../support/chaos/processes';
import {
  testPostgres,
  type TestPostgres,
  testTemporalServer,
  type TestTemporalServer,
} from '../support/local-servers';
import { judgeSandboxAt } from '../support/sandbox-watch/expect-violations';
import { SandboxClient } from '../../cli/sandbox-client';

const START_MS = 120_000;
const PUBLISH_MS = 180_000;
/**
 * How long a killed mass publish may stand still: Temporal notices after the heartbeat time-out (30 s), and
 * travellers are free when their leases end (the time-out below and 15 s).
 */
const RECOVERY_MS = 120_000;
const TEST_MS = 2 * START_MS + PUBLISH_MS + RECOVERY_MS;
/** The leases of travellers depend on it. */
const SHORT_LEASES = { CONCUR_TIMEOUT_MS: '10000' };

describe('kill -9 of the whole start in the middle of the mass publish', () => {
  const folder = useChaosFolder();
  const dataDir = () => dataDirOf(folder());

  it(
    'loses nothing and does nothing twice: the next start on the folder brings all 200 over, one to one',
    async () => {
      const args = ['start', '--sandbox', '--demo', '--json'];
      const first = runCommand(folder(), args, SHORT_LEASES);
      const api = apiOf(await first.event('ready', START_MS), dataDir());
      await untilMigration(
        api,
        DEMO.entityId,
        'the middle of the publish',
        PUBLISH_MS,
        first.tail,
        isInTheMiddle,
      );
      const before = readRunState(dataDir());
      await first.end('SIGKILL');
      const survivors = serversOf(dataDir()).map(({ pid }) => pid);
      expect(survivors).toEqual(expect.arrayContaining([before.temporal?.pid, before.postgres?.pid]));

      const second = runCommand(folder(), args, SHORT_LEASES);
      const ready = await second.event('ready', START_MS);
      const now = readRunState(dataDir());
      for (const [old, current] of [
        [before.temporal, now.temporal],
        [before.postgres, now.postgres],
      ]) {
        const ended = old?.pid !== undefined && identify(old.pid) === undefined;
        expect(ended || old?.pid === current?.pid).toBe(true);
      }
      const result = await second.event('tour-finished', RECOVERY_MS);
      expect(result).toMatchObject({ published: 200, equal: 200, profiles: 200, unknownProfiles: 0 });
      expect(await disagreements(apiOf(ready, dataDir()), sandboxOf(ready), DEMO)).toEqual([]);
      await judgeSandboxAt(sandboxOf(ready).base);

      expect((await second.end('SIGINT')).code).toBe(0);
      await expectNothingLeft(dataDir());
    },
    TEST_MS,
  );
});

describe('kill -9 of a worker that runs alone in the middle of the mass publish', () => {
  const folder = useChaosFolder();
  const dataDir = () => dataDirOf(folder());
  let temporal: TestTemporalServer;
  let postgres: TestPostgres;

  beforeAll(async () => {
    [temporal, postgres] = await Promise.all([testTemporalServer(), testPostgres()]);
  }, START_MS);
  afterAll(async () => {
    await Promise.all([temporal.stop(), postgres.stop()]);
  }, START_MS);

  it(
    'another worker finishes what it began: 200 of 200, one to one',
    async () => {
      const concur = runCommand(folder(), ['sandbox', '--json']);
      const concurReady = await concur.event('ready', START_MS);
      const sandbox = new SandboxClient(text(concurReady, 'sandbox'));
      const names = ['CONCUR_AUTH_URL', 'CONCUR_ALLOWED_ORIGINS', 'CONCUR_CLIENT_ID', 'CONCUR_CLIENT_SECRET'];
      const settings = {
        ...Object.fromEntries(names.map((name) => [name, text(concurReady, name)])),
        ...SHORT_LEASES,
        DATABASE_URL: postgres.url,
        TEMPORAL_ADDRESS: temporal.address,
      };
      const server = runCommand(folder(), ['api', '--json'], settings);
      const api = apiOf(await server.event('ready', START_MS), dataDir());
      const startWorker = async (): Promise<RunningCommand> => {
        const worker = runCommand(folder(), ['worker', '--json'], settings);
        await worker.event('ready', START_MS);
        return worker;
      };
      const first = await startWorker();
      const tails = (): string => server.tail() + first.tail();
      const plan = await planCompany({ api, sandbox }, DEMO, tails);
      expect(plan.counts).toMatchObject({ create: 200, refused: 0 });
      await approve(api, DEMO.entityId, plan);
      await untilMigration(api, DEMO.entityId, 'the middle of the publish', PUBLISH_MS, tails, isInTheMiddle);
      expect((await first.end('SIGKILL')).signal).toBe('SIGKILL');

      const second = await startWorker();
      const done = await untilMigration(
        api,
        DEMO.entityId,
        'the end of the migration',
        RECOVERY_MS,
        second.tail,
        ({ state }) => state === 'completed',
      );
      expect(done.counts).toMatchObject({ done: 200, quarantined: 0, needsApproval: 0, skipped: 0 });
      expect(done.report).toMatchObject({ verified: 200, equal: 200, missing: [] });
      expect(await disagreements(api, sandbox, DEMO)).toEqual([]);
      await judgeSandboxAt(sandbox.base);

      for (const command of [second, server, concur]) {
        const { code } = await command.end('SIGTERM');
        expect({ code, tail: code === 0 ? '' : command.tail() }).toEqual({ code: 0, tail: '' });
      }
    },
    TEST_MS,
  );
});
