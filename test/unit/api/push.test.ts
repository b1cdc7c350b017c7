import { type Stage } from '../../../hub';
import { COMPANY, EVENTS, NOTIFICATIONS, anEvent, push, type Push, SECRET } from './push-support';
import { aBench, type Bench, call, entityIn, json, problem, SETTINGS, textWith } from './support';

const PROXY = '10.1.2.3';
const VERIFIED = { 'x-ssl-client-verify': 'SUCCESS' };

let bench: Bench;
beforeAll(async () => {
  bench = await aBench({
    settings: { ...SETTINGS, CONCUR_PUSH_SECRET: SECRET, TRUSTED_PROXIES: ['10.1.0.0/16', 'fd00::7'] },
  });
});
afterEach(async () => {
  for (const { id } of (await bench.store.entities.list({ limit: 100 })).items)
    await bench.store.entities.setState(id, { stage: 'paused' });
  await settled();
  bench.engine.reset();
  bench.clock.reset();
});
afterAll(() => bench.close());

/** What goes on beside an answer ends with a round trip to the database or two. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await bench.store.ping();
}

const statusOf = async (options: Push): Promise<string> => {
  const answer = await push(bench, options);
  return answer.statusCode === 202 ? '202' : `${answer.statusCode} ${String(problem(answer).code)}`;
};

describe('without any proof set up', () => {
  it('there are no such routes, and the answer says how to set them up', async () => {
    const off = await aBench();
    for (const url of [EVENTS, NOTIFICATIONS]) {
      const refused = problem(await push(off, { url }));
      expect(refused).toMatchObject({ status: 404, code: 'push-off' });
      expect(refused.detail).toContain('CONCUR_PUSH_SECRET');
    }
    await off.close();
  });
});

describe('the sender of a push', () => {
  it('is known by the secret, in its header or as a bearer token', async () => {
    expect(await statusOf({ headers: { 'x-concordance-push-secret': SECRET } })).toBe('202');
    expect(await statusOf({ headers: { authorization: `Bearer ${SECRET}` } })).toBe('202');
  });

  it.each<[string, Push]>([
    ['nothing', { headers: {} }],
    ['another secret', { headers: { 'x-concordance-push-secret': `${SECRET}!` } }],
    ['the beginning of the secret', { headers: { 'x-concordance-push-secret': SECRET.slice(0, -1) } }],
    ['an empty secret', { headers: { 'x-concordance-push-secret': '' } }],
    ['the secret in the URL', { url: `${EVENTS}?secret=${SECRET}`, headers: {} }],
    ['a certificate that is claimed from elsewhere', { headers: VERIFIED, from: '10.2.0.1' }],
    [
      'a proxy that is claimed by a header',
      { headers: { ...VERIFIED, 'x-forwarded-for': PROXY, forwarded: `for=${PROXY}` }, from: '192.0.2.1' },
    ],
    ['a proxy without a certificate', { headers: {}, from: PROXY }],
    ['a certificate that failed', { headers: { 'x-ssl-client-verify': 'FAILED' }, from: PROXY }],
  ])('is not believed with %s', async (_words, options) => {
    expect(await statusOf(options)).toBe('401 push-not-authenticated');
  });

  it('is not believed with an API key', async () => {
    const headers = { authorization: `Bearer ${bench.key('read', 'write', 'admin', 'sensitive')}` };
    expect(await statusOf({ headers })).toBe('401 push-not-authenticated');
  });

  it('is known by a certificate that a trusted proxy saw', async () => {
    expect(await statusOf({ headers: VERIFIED, from: PROXY })).toBe('202');
    expect(await statusOf({ headers: VERIFIED, from: `::ffff:${PROXY}` })).toBe('202');
    expect(await statusOf({ headers: VERIFIED, from: 'fd00::7' })).toBe('202');
    expect(await statusOf({ headers: VERIFIED, from: 'fd00::8' })).toBe('401 push-not-authenticated');
  });

  it('cannot use the secret for anything else', async () => {
    const answer = await call(bench, 'GET /v1/entities', { key: SECRET });
    expect(answer.statusCode).toBe(401);
  });
});

describe('the body of a push', () => {
  it.each<[string, string, string]>([
    ['no JSON', '{"id":', '400 invalid-json'],
    ['nothing', '', '400 invalid-json'],
    ['no object', '[]', '422 invalid'],
    ['no id', anEvent('x', {}, { id: undefined }), '422 invalid'],
    ['an unknown type', anEvent('x', {}, { eventType: 'SomethingElse' }), '422 invalid'],
    ['another topic', anEvent('x', {}, { topic: 'public.concur.other' }), '422 invalid'],
    ['no company', anEvent('x', { companyId: undefined }), '422 invalid'],
    ['no user', anEvent('x', { userId: 7 }), '422 invalid'],
    ['attributes that are no names', anEvent('x', { attributes: [{}] }), '422 invalid'],
    ['a long id', anEvent('x'.repeat(257)), '422 invalid'],
    ['too much', anEvent('x', {}, { more: 'x'.repeat(65_536) }), '413 body-too-large'],
  ])('is refused with %s', async (_words, body, expected) => {
    await entityIn(bench, 'malformed');
    expect(await statusOf({ body })).toBe(expected);
    await settled();
    expect(bench.engine.delivered).toEqual([]);
  });

  it('may say more than we know', async () => {
    expect(
      await statusOf({ body: anEvent('more', { more: 1 }, { correlationId: 'c', timeStamp: 't' }) }),
    ).toBe('202');
  });

  it('is no form where events come in, and nothing else anywhere', async () => {
    const headers = { 'x-concordance-push-secret': SECRET };
    const form = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
    expect(await statusOf({ headers: form, body: 'id=1' })).toBe('415 unsupported-media-type');
    const xml = { ...headers, 'content-type': 'application/xml' };
    for (const url of [EVENTS, NOTIFICATIONS])
      expect(await statusOf({ url, headers: xml, body: '<a/>' })).toBe('415 unsupported-media-type');
  });

  it('is not quoted in an answer or in the log', async () => {
    bench.log.length = 0;
    await push(bench, { body: anEvent('secret-looking-id', { loginId: 'somebody@example.com', userId: 7 }) });
    await push(bench, { body: anEvent('secret-looking-id', { loginId: 'somebody@example.com' }) });
    expect(bench.log.join('\n')).not.toMatch(/secret-looking|somebody|push-secret/);
  });
});

describe('an event', () => {
  it('asks for one poll of the entity', async () => {
    await entityIn(bench, 'told');
    const answer = await push(bench, { body: anEvent('told-1') });
    expect([answer.statusCode, json(answer)]).toEqual([202, { accepted: true }]);
    await settled();
    expect(bench.engine.delivered).toEqual([
      { id: textWith(/^id-/), entityId: 'told', request: { kind: 'poll' } },
    ]);
    const [{ id } = { id: '' }] = bench.engine.delivered;
    expect(json(await call(bench, `GET /v1/requests/${id}`))).toMatchObject({ kind: 'poll', pending: false });
  });

  it('finds the company by its UUID in any case and by its company id', async () => {
    await entityIn(bench, 'by-uuid');
    await push(bench, { body: anEvent('by-uuid-1', { companyId: COMPANY.toUpperCase() }) });
    await settled();
    await entityIn(bench, 'by-id');
    await bench.store.entities.patch('by-id', { companyUuid: 'another', ids: { companyId: 'P0012' } });
    await push(bench, { body: anEvent('by-id-1', { companyId: 'p0012' }) });
    await settled();
    expect(bench.engine.delivered.map(({ entityId }) => entityId)).toEqual(['by-id']);
  });

  it('asks for a poll of each entity of the company', async () => {
    await entityIn(bench, 'first-half');
    await entityIn(bench, 'other-half');
    await push(bench, { body: anEvent('both') });
    await settled();
    expect(bench.engine.delivered.map(({ entityId }) => entityId).sort()).toEqual([
      'first-half',
      'other-half',
    ]);
    expect(new Set(bench.engine.delivered.map(({ id }) => id)).size).toBe(2);
  });

  it('is answered alike whether or not the company is known', async () => {
    await entityIn(bench, 'known');
    const known = await push(bench, { body: anEvent('known-1') });
    const unknown = await push(bench, { body: anEvent('known-2', { companyId: 'nobody' }) });
    expect([unknown.statusCode, unknown.body]).toEqual([known.statusCode, known.body]);
    const shape = (answer: typeof known) => Object.keys(answer.headers).sort();
    expect(shape(unknown)).toEqual(shape(known));
    await settled();
    expect(bench.engine.delivered.map(({ entityId }) => entityId)).toEqual(['known']);
  });

  it('has no effect a second time, also when it was polled since', async () => {
    await entityIn(bench, 'twice');
    for (let time = 0; time < 3; time += 1) {
      const answer = await push(bench, { body: anEvent('the-same') });
      expect(answer.statusCode).toBe(202);
      await bench.store.pushes.pollBegins('twice');
      bench.clock.advanceMinutes(5);
    }
    await settled();
    expect(bench.engine.delivered).toHaveLength(1);
  });

  it.each<Stage>(['requested', 'awaiting-request-token', 'migrating', 'paused', 'offboarded'])(
    'has no effect in the stage %s',
    async (stage) => {
      await entityIn(bench, `in-${stage}`, stage);
      expect(await statusOf({ body: anEvent(`in ${stage}`) })).toBe('202');
      await settled();
      expect(bench.engine.delivered).toEqual([]);
    },
  );

  it('is stored for the sweep while Temporal is away', async () => {
    await entityIn(bench, 'away');
    bench.engine.isAway();
    expect(await statusOf({ body: anEvent('away-1') })).toBe('202');
    await settled();
    const [stored] = bench.engine.delivered;
    const createdBefore = new Date(bench.clock.now().getTime() + 1);
    const pending = await bench.store.requests.pending({ limit: 10, createdBefore });
    expect(pending).toMatchObject([{ id: stored?.id, entityId: 'away', kind: 'poll', attempts: 1 }]);
    await bench.store.requests.markDelivered(stored?.id ?? '', { now: bench.clock.now() });
  });

  it('is answered 202 also when the workflow refuses', async () => {
    await entityIn(bench, 'refusing');
    bench.engine.refuses('wrong-stage');
    expect(await statusOf({ body: anEvent('refused-1') })).toBe('202');
    await settled();
    expect(bench.engine.delivered).toHaveLength(1);
  });
});

describe('an older notification', () => {
  const secret = { 'x-concordance-push-secret': SECRET };
  const fields = {
    type: 'profile',
    oauth_token_key: COMPANY,
    userid_type: 'login',
    userid_value: 'nobody@example.com',
  };

  it('is taken as a form and as JSON', async () => {
    await entityIn(bench, 'formed');
    const form = { ...secret, 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    const body = new URLSearchParams(fields).toString();
    expect(await statusOf({ url: NOTIFICATIONS, headers: form, body })).toBe('202');
    await bench.store.pushes.pollBegins('formed');
    bench.clock.advanceMinutes(5);
    expect(await statusOf({ url: NOTIFICATIONS, body: JSON.stringify(fields) })).toBe('202');
    await settled();
    expect(bench.engine.kinds()).toEqual(['poll', 'poll']);
  });

  it.each(['login', 'uuid', 'xmlsyncid'] as const)(
    'finds the entity by a traveller it is bound to: %s',
    async (by) => {
      const entityId = `bound-${by}`;
      await entityIn(bench, entityId);
      const created = await call(bench, `POST /v1/entities/${entityId}/travellers`, {
        body: { username: `Someone@${by}.example`, general: { firstName: 'A', lastName: 'B' } },
      });
      await bench.db
        .updateTable('sync_states')
        .set({
          locator: `Someone@${by}.example`,
          concur_uuid: `uuid-${by}`,
          xml_profile_sync_id: `sync-${by}`,
        })
        .where('entity_id', '=', entityId)
        .where('traveller_id', '=', String(json(created)['id']))
        .execute();
      bench.engine.reset();
      const value = { login: `someone@${by}.example`, uuid: `uuid-${by}`, xmlsyncid: `sync-${by}` }[by];
      const body = {
        type: 'profile',
        oauth_token_key: 'of-older-times',
        userid_type: by,
        userid_value: value,
      };
      expect(await statusOf({ url: NOTIFICATIONS, body: JSON.stringify(body) })).toBe('202');
      await settled();
      expect(bench.engine.delivered.map((each) => each.entityId)).toEqual([entityId]);
    },
  );

  it.each([
    ['no type', { type: undefined }],
    ['an unknown kind of user id', { userid_type: 'shoe size' }],
    ['no user', { userid_value: '' }],
  ])('is refused with %s', async (_words, change) => {
    const body = JSON.stringify({ ...fields, ...change });
    expect(await statusOf({ url: NOTIFICATIONS, body })).toBe('422 invalid');
  });
});

describe('a flood', () => {
  const requestsOf = async (entityId: string): Promise<number> => {
    const rows = await bench.db
      .selectFrom('requests')
      .select('id')
      .where('entity_id', '=', entityId)
      .where('kind', '=', 'poll')
      .execute();
    return rows.length;
  };

  it('of 10,000 pushes costs a handful of polls and signals, and is over soon', async () => {
    await entityIn(bench, 'flooded');
    const began = performance.now();
    const PUSHES = 10_000;
    const AT_ONCE = 50;
    let polls = 0;
    for (let sent = 0; sent < PUSHES; sent += AT_ONCE) {
      const ids = Array.from({ length: AT_ONCE }, (_, index) => anEvent(`flood-${sent + index}`));
      const answers = await Promise.all(ids.map((body) => push(bench, { body })));
      expect(answers.every(({ statusCode }) => statusCode === 202)).toBe(true);
      // Polls begin now and then; each lets the next push wish anew.
      if (sent % 1_000 === 0) {
        polls += 1;
        await bench.store.pushes.pollBegins('flooded');
        bench.clock.advanceMinutes(0.1);
      }
    }
    await settled();
    // 10 polls in a minute: one signal, and after half a minute at most another one; the sweep delivers the rest.
    expect(polls).toBe(10);
    expect(await requestsOf('flooded')).toBeLessThanOrEqual(polls + 1);
    expect(bench.engine.delivered.length).toBeLessThanOrEqual(3);
    expect(performance.now() - began).toBeLessThan(150_000);
  }, 180_000);

  it('makes one request when all pushes come at once, and none is lost after a poll has begun', async () => {
    await entityIn(bench, 'at-once');
    const all = Array.from({ length: 40 }, (_, index) => push(bench, { body: anEvent(`at-once-${index}`) }));
    await Promise.all(all);
    await settled();
    expect(await requestsOf('at-once')).toBe(1);
    await bench.store.pushes.pollBegins('at-once');
    await push(bench, { body: anEvent('at-once-later') });
    expect(await requestsOf('at-once')).toBe(2);
  });

  it('leaves polls that come too soon to the sweep', async () => {
    await entityIn(bench, 'soon');
    await push(bench, { body: anEvent('soon-1') });
    await bench.store.pushes.pollBegins('soon');
    await push(bench, { body: anEvent('soon-2') });
    await settled();
    expect(bench.engine.delivered).toHaveLength(1);
    const createdBefore = new Date(bench.clock.now().getTime() + 1);
    const pending = await bench.store.requests.pending({ limit: 100, createdBefore });
    expect(pending.filter(({ entityId }) => entityId === 'soon')).toHaveLength(1);
  });

  it('forgets which events it has seen when they are old', async () => {
    await entityIn(bench, 'forgetful');
    await push(bench, { body: anEvent('old') });
    const later = new Date(bench.clock.now().getTime() + 1);
    expect(await bench.store.pushes.purgeReceipts(later)).toBeGreaterThan(0);
    expect(await bench.store.pushes.purgeReceipts(later)).toBe(0);
  });
});
