import { allowsStage } from '../../api/stage-rules';
import { STAGES } from '../../api/schemas/entity';
import { type Delivery, type StoredRequest, TemporalEngine, type WorkflowRequest } from '../../client';
import { type Stage } from '../../hub/types';
import { type LifecycleCommand } from '../../sync/model/lifecycle-stages';
import { type LifecycleInput, type LifecycleState } from '../../workflows/messages';
import { type TestTemporalServer } from '../support/local-servers';
import { playScene } from '../support/workflow/environment';
import { FakeActivities } from '../support/workflow/fake-activities';
import { anEntityLifecycle, aPoll } from '../support/workflow/inputs';
import { devServer } from '../support/workflow/servers';

/** What the API allows by SQL and what the workflow's validators allow is the same, stage by stage. */
jest.setTimeout(120_000);

let server: TestTemporalServer;
beforeAll(async () => {
  server = await devServer();
}, 120_000);
afterAll(() => server.stop());

const HOUR = 3_600_000;
const MOST_TRIES = 4;

const COMMANDS: Readonly<Record<LifecycleCommand, () => WorkflowRequest>> = {
  'open-window': () => ({ kind: 'open-window', ...aWindow() }),
  'hand-in-token': () => ({ kind: 'token-received', ...aWindow(), credentialId: 'another' }),
  'note-preparation': () => ({ kind: 'change-settings', names: ['preparation'] }),
  'change-strategy': () => ({ kind: 'change-settings', names: ['strategy'] }),
  pause: () => ({ kind: 'pause' }),
  resume: () => ({ kind: 'resume' }),
  offboard: () => ({ kind: 'offboard', erase: false }),
};

const NAMES: readonly LifecycleCommand[] = [
  'open-window',
  'hand-in-token',
  'note-preparation',
  'change-strategy',
  'pause',
  'resume',
  'offboard',
];

/** As the sweep does it: again, where a busy server did not answer in time. */
async function delivered(engine: TemporalEngine, stored: StoredRequest): Promise<Delivery> {
  for (let tries = 1; ; tries += 1) {
    const delivery = await engine.deliver(stored);
    if (delivery.status !== 'pending' || tries === MOST_TRIES) return delivery;
  }
}

function aWindow() {
  const issuedAt = Date.now();
  return { issuedAt, expiresAt: issuedAt + HOUR };
}

/** What the lifecycle knows in each stage, as far as it matters to what it takes. */
const STATES: Readonly<Record<Stage, () => Partial<LifecycleState>>> = {
  requested: () => ({ migrated: false }),
  'awaiting-request-token': () => ({ migrated: false, window: aWindow() }),
  exchanging: () => ({
    migrated: false,
    window: aWindow(),
    receipt: { ...aWindow(), credentialId: 'first' },
  }),
  migrating: () => ({ migrated: false }),
  active: () => ({}),
  paused: () => ({ paused: true }),
  // Waiting for somebody to act; where a new token is needed, only the workflow knows that resuming is no help.
  'needs-reauthorisation': () => ({ stopped: 'access', problem: 'Concur has to act.' }),
  offboarding: () => ({ offboard: { erase: false } }),
  offboarded: () => ({}),
};

test.each(STAGES)('in stage %s the workflow takes the commands that the API lets through', (stage) => {
  const fakes = new FakeActivities();
  // Each lifecycle stays in the stage that it is just showing.
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  fakes.project = () => held;
  return playScene(
    fakes,
    async ({ client }) => {
      const lifecycle = (entityId: string): Promise<LifecycleInput> =>
        Promise.resolve({ ...anEntityLifecycle({ stage, ...STATES[stage]() }), entityId });
      const engine = new TemporalEngine(client, {
        lifecycle,
        poll: () => Promise.resolve(aPoll()),
        switches: () => Promise.resolve({ active: true, poll: true, publish: true }),
        migration: () => Promise.resolve(undefined),
      });
      const taken: Record<string, Delivery> = {};
      const expected: Record<string, unknown> = {};
      for (const command of NAMES) {
        const entityId = `${stage}-${command}`;
        await engine.startLifecycle(entityId);
        const stored = { id: entityId, entityId, request: COMMANDS[command]() };
        taken[command] = await delivered(engine, stored);
        expected[command] = allowsStage({ stage }, command)
          ? { status: 'delivered' }
          : expect.objectContaining({ status: 'refused', code: 'wrong-stage' });
      }
      release();
      expect(taken).toEqual(expected);
    },
    { server },
  ).finally(release);
});

test('a strategy is not changed while a migration is open, and an offboarding is not begun twice', () => {
  const fakes = new FakeActivities();
  let release = () => {};
  const held = new Promise<void>((resolve) => (release = resolve));
  fakes.project = () => held;
  const known: Readonly<Record<string, Partial<LifecycleState>>> = {
    'with-migration': { stage: 'migrating', migrated: false, migration: 3 },
    leaving: { stage: 'active', offboard: { erase: true } },
  };
  return playScene(
    fakes,
    async ({ client }) => {
      const engine = new TemporalEngine(client, {
        lifecycle: (entityId) => Promise.resolve({ ...anEntityLifecycle(known[entityId]), entityId }),
        poll: () => Promise.resolve(aPoll()),
        switches: () => Promise.resolve({ active: true, poll: true, publish: true }),
        migration: () => Promise.resolve(undefined),
      });
      const ask = async (entityId: string, command: LifecycleCommand) =>
        engine.deliver({ id: `${entityId}-asked`, entityId, request: COMMANDS[command]() });
      expect(await ask('with-migration', 'change-strategy')).toMatchObject({
        status: 'refused',
        message: 'Migration 3 is open with another strategy. Reject or cancel it first.',
      });
      expect(await ask('leaving', 'offboard')).toMatchObject({
        status: 'refused',
        message: 'The entity is being offboarded already.',
      });
      release();
    },
    { server },
  ).finally(release);
});
