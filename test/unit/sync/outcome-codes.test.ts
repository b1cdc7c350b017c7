import { ApplicationFailure } from '@temporalio/common';
import { toApplicationFailure } from '../../../activities/failures';
import { wordsFor } from '../../../concur';
import { type HubDatabase } from '../../../hub';
import { type ScriptRuleInput } from '../../../sandbox';
import { publishOnce } from '../../../sync/engine/publish';
import { troubleOf } from '../../../workflows/failures';
import { ACCESS_RULES, OUTCOME_RULES, TEXT_RULES } from '../../support/concur/contract-codes';
import { type EngineWorld, engineWorld, SETTINGS } from '../../support/engine/world';
import { pgliteDatabase } from '../../support/hub/stores';

let db: HubDatabase;
beforeAll(async () => {
  db = await pgliteDatabase();
});
afterAll(() => db.destroy());

const FIELD = 'General/JobTitle';
const loginOf = (id: string) => `${id}@example.test`;
const publish = (world: EngineWorld) => publishOnce(world.deps, SETTINGS, world.entityId);

async function put(world: EngineWorld, id: string, jobTitle: string): Promise<void> {
  const sections = { general: { firstName: 'Test', lastName: 'Traveller', jobTitle } };
  await world.store.travellers.upsert(
    { entityId: world.entityId, id, username: loginOf(id), status: 'active', sections },
    { now: world.clock.now() },
  );
}

/** Travellers that Concur knows and that have a new job title to publish. */
async function worldWith(ids: readonly string[]): Promise<EngineWorld> {
  const world = await engineWorld(db);
  for (const id of ids) await put(world, id, 'Before');
  await publish(world);
  world.clock.advance(60_000);
  for (const id of ids) await put(world, id, 'After');
  return world;
}

const writeOf = (id: string, action: ScriptRuleInput['action']): ScriptRuleInput => ({
  function: 'profile-write',
  login: loginOf(id),
  action,
});

const titleInConcur = (world: EngineWorld, id: string) =>
  world.sandbox.admin.profile(loginOf(id))?.sections['general'];

/** How often the outcome of a write came from the script. */
const callOf = (world: EngineWorld, id: string) =>
  world.sandbox.admin.calls.findLast(
    (call) => call.function === 'profile-write' && call.login === loginOf(id),
  );

test('each code of an outcome does to its traveller what its kind says, and keeps code, field and correlation id together', async () => {
  const codes = [...OUTCOME_RULES.keys()];
  const idOf = (code: string) => `with-${code.toLowerCase()}`;
  const world = await worldWith(codes.map(idOf));
  const rules = [...OUTCOME_RULES].map(([code, rule]) =>
    writeOf(idOf(code), {
      kind: 'code',
      code,
      field: FIELD,
      when: rule === 'done' ? 'after' : 'before',
    }),
  );
  world.sandbox.admin.addScript(rules);

  // No failure leaves the publisher: the stage of the entity stays, the others go on.
  const refused = [...OUTCOME_RULES.values()].filter((rule) => rule === 'nothing is written').length;
  expect(await publish(world)).toMatchObject({
    published: codes.length - refused,
    quarantined: refused,
    remaining: 0,
  });

  const { items } = await world.store.quarantine.list({ entityId: world.entityId, limit: 200 });
  expect(items.map(({ code }) => code).sort()).toEqual(
    codes.filter((code) => OUTCOME_RULES.get(code) === 'nothing is written').sort(),
  );
  for (const [code, rule] of OUTCOME_RULES) {
    const correlationId = callOf(world, idOf(code))?.correlationId;
    const { sync } = await world.store.travellers.get(world.entityId, idOf(code));
    const entry = items.find(({ travellerId }) => travellerId === idOf(code));
    expect(titleInConcur(world, idOf(code))).toMatchObject({
      jobTitle: rule === 'done' ? 'After' : 'Before',
    });
    if (rule === 'nothing is written') {
      expect({ code, state: sync.state, entry }).toMatchObject({
        code,
        state: 'quarantined',
        entry: { code, field: FIELD, correlationId, direction: 'publish' },
      });
      expect(entry?.reason).toContain(`${code}, ${FIELD}: ${wordsFor(code) ?? '?'}`);
    } else {
      expect({ code, state: sync.state, entry }).toEqual({ code, state: 'synced', entry: undefined });
      const notes = sync.warnings.filter((note) => note.code === code && note.field === FIELD);
      if (rule === 'done') expect(notes).toEqual([]);
      else {
        expect(notes).toMatchObject([{ code, field: FIELD, correlationId }]);
        expect(notes[0]?.reason).toBe(`Concur wrote the rest but not this field: ${wordsFor(code) ?? '?'}.`);
      }
    }
  }
  // What was settled is not sent again.
  expect(await publish(world)).toMatchObject({ published: 0, quarantined: 0, remaining: 0 });
});

const REFUSALS = [
  ...[...ACCESS_RULES].map(([code, rule]) => ({
    name: code,
    rule,
    action: { kind: 'code', code } as const,
  })),
  ...TEXT_RULES.map(({ says, name, rule }) => ({
    name,
    rule,
    action: { kind: 'error', message: says } as const,
  })),
];
const CAUSES = {
  'again by itself': { cause: 'concur-down', nonRetryable: false },
  'Concur or the client company': { cause: 'access', nonRetryable: true },
  'our configuration': { cause: 'configuration', nonRetryable: true },
} as const;

describe('A write that is refused', () => {
  let world: EngineWorld;
  const idOf = (name: string) => `refused-${name.toLowerCase()}`;
  beforeAll(async () => {
    world = await worldWith(REFUSALS.map(({ name }) => idOf(name)));
  });

  it.each(REFUSALS.map((row) => [row.name, row] as const))(
    'with %s concerns the traveller or the entity, as the rules say',
    async (name, { rule, action }) => {
      world.sandbox.admin.clearScript();
      world.sandbox.admin.addScript([writeOf(idOf(name), action)]);
      const traveller = [idOf(name)];
      const failure: unknown = await publishOnly(traveller[0] ?? '').then(
        () => undefined,
        (error: unknown) => toApplicationFailure(error),
      );
      const { items } = await world.store.quarantine.list({ entityId: world.entityId, limit: 200 });
      const entry = items.find(({ travellerId }) => travellerId === idOf(name));
      if (rule === 'the traveller is quarantined' || rule === 'nobody is found') {
        expect(failure).toBeUndefined();
        const correlationId = callOf(world, idOf(name))?.correlationId;
        expect(entry).toMatchObject({ code: name, correlationId, direction: 'publish' });
        expect(entry?.reason).toContain(
          name === 'LoginTaken' ? 'The login belongs' : (wordsFor(name) ?? '?'),
        );
        return;
      }
      if (!(failure instanceof ApplicationFailure))
        throw new Error(`no failure of Temporal’s: ${String(failure)}`);
      const { cause, nonRetryable } = CAUSES[rule];
      expect({ nonRetryable: failure.nonRetryable, cause: troubleOf(failure).cause }).toEqual({
        nonRetryable,
        cause,
      });
      expect(failure.details).toMatchObject([{ correlationId: callOf(world, idOf(name))?.correlationId }]);
      if (cause === 'access') expect(failure.message).toMatch(/^Concur has to act/);
      expect(failure.message.length).toBeGreaterThan(40);
      // Nobody is blamed: the change waits.
      expect(entry).toBeUndefined();
      expect((await world.store.travellers.get(world.entityId, idOf(name))).sync.state).toBe('pending');
    },
  );

  /** All others wait meanwhile: they are looked at before and after. */
  async function publishOnly(id: string): Promise<void> {
    const others = REFUSALS.map(({ name }) => idOf(name)).filter((other) => other !== id);
    const lease = {
      holder: 'the others',
      now: world.clock.now(),
      until: new Date(world.clock.now().getTime() + 60_000),
    };
    for (const other of others) await world.store.sync.lease(world.entityId, 'concur', other, lease);
    try {
      await publish(world);
    } finally {
      for (const other of others)
        await world.store.sync.releaseLease(world.entityId, 'concur', other, lease.holder);
    }
  }
});
