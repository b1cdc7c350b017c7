import { clientIdTail } from '../../../concur';
import { SANDBOX_CLIENT } from '../../../sandbox';
import { ALL, aBench, type Bench } from '../../unit/api/support';
import {
  CANARIES,
  type FailingWorld,
  failingWorld,
  FAILURES,
  runSupportCase,
} from '../../support/support-case/world';

/** What SAP's support asks for (docs/concur.md §2), and where the answer has it. */
const LIST: Readonly<Record<string, { readonly json: string; readonly text: RegExp }>> = {
  'application name': { json: 'application', text: /^Application: +Concordance Test$/m },
  'end of the client id': { json: 'clientId', text: /^Client id \(its end\): +…client$/m },
  'correlation id': { json: 'correlationId', text: /^Correlation id: +[0-9a-f-]{36}$/m },
  'company name': { json: 'company.name', text: /^Company: +Example Company/m },
  'company id': { json: 'company.id', text: /^Company id: +COMP-77$/m },
  'entity id': { json: 'entityId', text: /^Entity id: +OUT-55$/m },
  'travel config id': { json: 'travelConfigId', text: /^Travel config id: +4711$/m },
  function: { json: 'function', text: /^Function: +\w+$/m },
  'request URL': { json: 'request.url', text: /^Request: (GET|POST) https:\/\//m },
  'request method': { json: 'request.method', text: /^Request: (GET|POST) /m },
  'request headers': { json: 'request.headers', text: /^concur-correlationid: [0-9a-f-]{36}$/m },
  response: { json: 'response.headers', text: /^Response: \d{3}$/m },
};

let bench: Bench;
let world: FailingWorld;

beforeAll(async () => {
  bench = await aBench({
    application: { name: 'Concordance Test', clientIdTail: clientIdTail(SANDBOX_CLIENT.clientId) },
  });
  world = await failingWorld(bench);
}, 60_000);
afterAll(async () => bench.close());

const { 'a 403': a403 } = FAILURES;

describe('a support case, made of a failure that went through client, journal, API and command', () => {
  it.each(Object.entries(FAILURES))(
    '%s: has all that is asked for, and nothing secret',
    async (_what, failure) => {
      const correlationId = await world.provoke(failure);
      for (const key of [bench.key(...ALL), bench.key('read')]) {
        const isSeen = key === bench.key(...ALL);
        const json = await runSupportCase(world, key, correlationId, '--json');
        expect(json).toMatchObject({ code: 0 });
        const text = await runSupportCase(world, key, correlationId);
        const facts: unknown = JSON.parse(json.stdout);
        for (const [item, where] of Object.entries(LIST)) {
          const isMasked = !isSeen && /headers|response/.test(item);
          if (isMasked) continue;
          expect({ item, value: facts }).toHaveProperty(`value.${where.json}`, expect.anything());
          expect(text.stdout).toMatch(where.text);
        }
        expect(facts).toMatchObject({
          correlationIdSent: correlationId,
          function: failure.function,
          user: isSeen ? (failure.user ?? null) : '••••',
          bodies: isSeen ? 'kept' : 'masked',
          ...(isSeen && failure.body !== undefined
            ? { request: { body: expect.stringMatching(failure.body) as unknown } }
            : {}),
        });
        if (isSeen) expect(text.stdout).toMatch(/\[redacted\]/);
        for (const [name, canary] of Object.entries({ ...CANARIES, ...(await world.tokens()) })) {
          const found = [json, text]
            .flatMap(({ stdout, stderr }) => [stdout, stderr])
            .filter((out) => out.includes(canary));
          expect({ name, found }).toEqual({ name, found: [] });
        }
      }
    },
  );

  it('finds a canary that is there: what was sent did hold them all', () => {
    const sent = world.sent().join('\n');
    for (const [name, canary] of Object.entries(CANARIES)) {
      expect({ name, isSent: sent.includes(canary) || sent.includes(encodeURIComponent(canary)) }).toEqual({
        name,
        isSent: true,
      });
    }
  });

  it('says so of an id that is unknown', async () => {
    const ran = await runSupportCase(world, bench.key(...ALL), 'no-such-id');
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('CALL_JOURNAL_DAYS');
  });

  it('says of a call that succeeded that nothing of it is kept', async () => {
    const correlationId = await world.succeed();
    const ran = await runSupportCase(world, bench.key(...ALL), correlationId, '--json');
    expect(JSON.parse(ran.stdout)).toMatchObject({
      bodies: 'not-kept',
      errorCode: null,
      request: { body: null },
    });
  });

  it('says of an expired one that it is gone, and of an erased entity that its evidence is', async () => {
    if (a403 === undefined) throw new Error('no such failure');
    const correlationId = await world.provoke(a403);
    await bench.store.entities.shred(world.entityId, { now: new Date() });
    const erased = await runSupportCase(world, bench.key(...ALL), correlationId, '--json');
    expect(JSON.parse(erased.stdout)).toMatchObject({ bodies: 'gone', user: null, request: { body: null } });
    await bench.store.calls.purge(new Date(Date.now() + 60_000));
    const expired = await runSupportCase(world, bench.key(...ALL), correlationId);
    expect(expired.code).toBe(1);
    expect(expired.stderr).toContain('CALL_JOURNAL_DAYS');
  });
});
