import { type WorkflowHandle } from '@temporalio/client';
import { createTokenActivities, MOST_UNEXPECTED, type TokenActivities } from '../../activities/tokens';
import { type LifecycleState, lifecycleState, resumeEntity } from '../../workflows/messages';
import { lifecycleDetails } from '../../workflows/words';
import { type TokenRule } from '../support/concur/contract-codes';
import { aTokenWorld, TOKEN_ROWS, type TokenAct, type TokenRow } from '../support/concur/token-rows';
import { playScene, type Scene } from '../support/workflow/environment';
import { FakeActivities } from '../support/workflow/fake-activities';
import { anEntityLifecycle } from '../support/workflow/inputs';
import { waitUntil } from '../support/wait-until';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

jest.setTimeout(300_000);

interface Expected {
  readonly stage: LifecycleState['stage'];
  readonly loops: 'running' | 'parked' | undefined;
  /** Calls of the endpoint's activity within four hours. */
  readonly calls: number;
  readonly kinds: readonly string[];
  readonly waitingFor: RegExp;
}

const EXCHANGED: Expected = {
  stage: 'active',
  loops: 'running',
  calls: 2,
  kinds: ['connected'],
  waitingFor: /^Nobody: both directions run/,
};
const PARTY = /^(Concur|The client company) has to act.*Then resume the entity/;

/** What becomes of an entity whose request token is refused while its window is open. */
const AFTER_EXCHANGE: Readonly<Record<TokenRule, Expected>> = {
  'again by itself': EXCHANGED,
  'a new request token': {
    stage: 'awaiting-request-token',
    loops: undefined,
    calls: 1,
    kinds: ['exchange-failed'],
    waitingFor: /^Support: the request token was not taken/,
  },
  'once at another data centre': failedExchange(PARTY),
  'Concur or the client company': failedExchange(PARTY),
  'our configuration': failedExchange(/^Operator: Our settings are wrong .*Then resume the entity/),
  'nobody knows': { ...failedExchange(/^Operator: .*no document.*Then resume/), calls: MOST_UNEXPECTED },
};

function failedExchange(waitingFor: RegExp): Expected {
  return { stage: 'exchanging', loops: undefined, calls: 1, kinds: ['exchange-failed'], waitingFor };
}

/** What becomes of an active entity whose refresh token is refused. */
const AFTER_RENEWAL: Readonly<Record<TokenRule, Expected>> = {
  'again by itself': { ...EXCHANGED, kinds: [] },
  'a new request token': {
    stage: 'needs-reauthorisation',
    loops: 'parked',
    calls: 1,
    kinds: ['refresh-failed', 'needs-reauthorisation'],
    waitingFor: /^Support: ask Concur for a new request token/,
  },
  'once at another data centre': refusedRenewal(),
  'Concur or the client company': refusedRenewal(),
  'our configuration': {
    stage: 'active',
    loops: 'parked',
    // Once an hour, and told once.
    calls: 4,
    kinds: ['refresh-failed', 'connection-stopped'],
    waitingFor: /^Operator: Our settings are wrong .*Then resume the entity/,
  },
  'nobody knows': {
    stage: 'active',
    loops: 'running',
    calls: MOST_UNEXPECTED,
    kinds: ['refresh-failed'],
    waitingFor: /^Nobody: both directions run/,
  },
};

function refusedRenewal(): Expected {
  return {
    stage: 'needs-reauthorisation',
    loops: 'parked',
    calls: 1,
    kinds: ['refresh-failed', 'needs-reauthorisation'],
    waitingFor: PARTY,
  };
}

/** One entity whose calls take the real way: activity, connection, form, transport, answer. */
class Played {
  readonly id: string;
  readonly expected: Expected;
  readonly activities: TokenActivities;
  calls = 0;
  private readonly concur;

  constructor(
    readonly row: TokenRow,
    readonly act: TokenAct,
  ) {
    this.id = `${act}-${row.name.replaceAll(' ', '-')}`;
    this.expected = (act === 'exchange' ? AFTER_EXCHANGE : AFTER_RENEWAL)[row.rule];
    this.concur = aTokenWorld(row);
    const { connection } = this.concur.world;
    this.activities = createTokenActivities({
      clock: { now: () => new Date(0), sleep: () => Promise.resolve() },
      concur: () => ({ connection }),
      store: {
        credentials: {
          takeRequestToken: () =>
            Promise.resolve({ token: 'of nobody', issuedAt: new Date(0), expiresAt: new Date(DAY) }),
          hasRefreshToken: () => Promise.resolve(false),
          deleteRequestToken: () => Promise.resolve(),
        },
        entities: {
          get: () => Promise.resolve({ health: 'ok', scopes: ['TRVPRF', 'PASSV'] }),
          setState: () => Promise.resolve(),
        },
      },
    });
  }

  /** What passes by itself has passed when it is asked again. */
  asked(): void {
    this.calls += 1;
    if (this.calls > 1 && this.row.rule === 'again by itself') this.mend();
  }

  mend(): void {
    this.concur.mend();
  }
}

async function start(scene: Scene, { id, act }: Played): Promise<WorkflowHandle> {
  const now = await scene.now();
  const window = { issuedAt: now, expiresAt: now + 12 * HOUR };
  const state: Partial<LifecycleState> =
    act === 'renewal'
      ? { nextRefreshAt: now + 30 * MINUTE }
      : {
          stage: 'exchanging',
          window,
          receipt: { credentialId: 'c-1', ...window },
        };
  return scene.start('entityLifecycle', `entity-${id}`, { ...anEntityLifecycle(state), entityId: id });
}

test.each<TokenAct>(['exchange', 'renewal'])(
  'after a refused %s each code leads to the stage, the turn and the pace of its class, and a mended one goes on',
  async (act) => {
    const fakes = new FakeActivities();
    const played = new Map(TOKEN_ROWS.map((row) => [row.name, new Played(row, act)]));
    const all = [...played.values()];
    const of = (entityId: string): Played => {
      const found = all.find(({ id }) => id === entityId);
      if (found === undefined) throw new Error(`nobody plays ${entityId}`);
      found.asked();
      return found;
    };
    fakes.exchange = (input) => of(input.entityId).activities.exchangeRequestToken(input);
    fakes.refresh = (input) => of(input.entityId).activities.refreshTokens(input);
    const shown = (id: string) => fakes.stages.findLast(({ entityId }) => entityId === id);
    const kinds = (id: string) =>
      fakes.events
        .filter(({ entityId, kind }) => entityId === id && kind !== 'scopes-missing')
        .map(({ kind }) => kind);

    await playScene(
      fakes,
      async (scene) => {
        const handles = await Promise.all(all.map((each) => start(scene, each)));
        await scene.skip(4 * HOUR);
        for (const { id, expected, row } of all) {
          await waitUntil(`the end of ${id}`, () => {
            return kinds(id).length >= expected.kinds.length && shown(id)?.stage === expected.stage;
          });
          const projection = shown(id);
          const told = fakes.events.filter(({ entityId }) => entityId === id).map(({ message }) => message);
          expect({ id, stage: projection?.stage, loops: fakes.loops.get(id), kinds: kinds(id) }).toEqual({
            id,
            stage: expected.stage,
            loops: expected.loops,
            kinds: expected.kinds,
          });
          expect(`${id} waits. ${projection?.waitingFor ?? ''}`).toMatch(
            new RegExp(expected.waitingFor.source.replace(/^\^/, 'waits\\. ')),
          );
          if (row.rule === 'again by itself') expect(projection?.problem).toBeUndefined();
          else if (row.code !== undefined) {
            expect(projection?.problem).toContain(`code ${row.code}: `);
            expect(told.join('\n')).toContain(`code ${row.code}: `);
          } else expect(projection?.problem).toMatch(/no document/);
        }
        expect(Object.fromEntries(all.map(({ id, calls }) => [id, calls]))).toEqual(
          Object.fromEntries(all.map(({ id, expected }) => [id, expected.calls])),
        );

        for (const [index, handle] of handles.entries()) {
          const each = all[index];
          if (each === undefined || each.row.rule === 'again by itself') continue;
          const details = lifecycleDetails(each.id, await handle.query(lifecycleState), await scene.now());
          expect(details).toMatch(
            new RegExp(each.expected.waitingFor.source.replace(/^\^/, 'Waiting for: ')),
          );
          each.mend();
          if (each.row.rule === 'a new request token' || each.row.rule === 'nobody knows') continue;
          await handle.executeUpdate(resumeEntity);
          await waitUntil(`${each.id} runs`, () => fakes.loops.get(each.id) === 'running');
          expect(shown(each.id)).toMatchObject({ stage: 'active' });
          expect(shown(each.id)?.problem).toBeUndefined();
        }
      },
      { cached: true, deadlineMs: 280_000 },
    );
  },
);

test('scopes that a grant lacks are told once with what they cost, and again only when others are missing', () => {
  const fakes = new FakeActivities();
  const passports = { scope: 'PASSV', loss: 'passports and visas' };
  const contacts = { scope: 'EMERG', loss: 'emergency contacts' };
  const grants = [[passports], [passports], [passports, contacts], [passports, contacts], [], [passports]];
  fakes.refresh = () =>
    Promise.resolve({ scopeLosses: grants[fakes.count('refreshTokens') - 1] ?? [passports] });
  return playScene(
    fakes,
    async (scene) => {
      const handle = await scene.start('entityLifecycle', 'entity-scopes', anEntityLifecycle());
      await waitUntil('the loops run', () => fakes.loops.size === 1);
      await scene.skip(grants.length * DAY + HOUR);
      await waitUntil('the last renewal', () => fakes.count('refreshTokens') >= grants.length);
      await waitUntil('the last event', () => fakes.kinds.length >= 3);
      const told = fakes.events.map(({ kind, message }) => [kind, /costs: (.*)\. Ask/.exec(message)?.[1]]);
      const alone = 'PASSV: passports and visas';
      expect(told).toEqual([
        ['scopes-missing', alone],
        ['scopes-missing', `${alone}; EMERG: emergency contacts`],
        ['scopes-missing', alone],
      ]);
      expect((await handle.query(lifecycleState)).scopeLosses).toEqual([passports]);
    },
    { cached: true },
  );
});
