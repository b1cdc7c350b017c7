import { type CallQuery, type CallRecord, hashApiKey, isConflictUnknown } from '../../../../hub';
import { aTraveller, minutesAfter, T0 } from '../../builders';
import { createEntity, errorOf, type SuiteContext } from './context';

export function recordsSuite({ store }: SuiteContext): void {
  test('conflicts keep the value that lost, opened only when asked', async () => {
    const entityId = await createEntity(store());
    const write = aTraveller();
    await store().travellers.upsert({ entityId, ...write }, { now: T0 });
    const conflict = {
      entityId,
      travellerId: write.id,
      section: 'passports',
      slot: 'passports/P1',
      winner: 'hub',
    } as const;
    await store().sync.transaction((tx) =>
      tx.addConflicts([{ ...conflict, concurValue: { passportNumber: 'P1' } }], T0),
    );
    const [summary] = (await store().conflicts.list({ entityId, limit: 5 })).items;
    expect(summary).not.toHaveProperty('slot');
    expect(await store().conflicts.get(summary?.id ?? '')).toEqual({
      ...summary,
      slot: 'passports/P1',
      concurValue: { passportNumber: 'P1' },
    });
    expect((await store().entities.counts(entityId)).conflicts).toBe(1);
    await store().conflicts.markRestored(summary?.id ?? '', { now: T0 });
    expect((await store().entities.counts(entityId)).conflicts).toBe(0);
    expect(isConflictUnknown(await errorOf(store().conflicts.get('nobody')))).toBe(true);
  });

  test('events are added once and listed by id', async () => {
    const entityId = await createEntity(store());
    const event = (n: number) => ({
      id: `${entityId}-ev${n}`,
      entityId,
      at: T0,
      kind: 'reminder',
      message: 'soon',
      dueAt: minutesAfter(n),
    });
    const added = await Promise.all([1, 1, 2].map((n) => store().events.add(event(n))));
    // Which of the two equal ones comes first is the database's business.
    expect([added[0] !== added[1], added[2]]).toEqual([true, true]);
    const first = await store().events.list({ entityId, limit: 1 });
    expect(first).toEqual({ items: [event(1)], nextCursor: event(1).id });
    expect((await store().events.list({ entityId, limit: 1, cursor: event(1).id })).items).toEqual([
      event(2),
    ]);
  });

  test('requests wait until they are delivered', async () => {
    const entityId = await createEntity(store());
    const request = { id: `${entityId}-rq`, entityId, kind: 'poll', payload: { since: null, flags: ['x'] } };
    const first = await store().requests.create(request, { now: T0 });
    const again = await store().requests.create(request, { now: minutesAfter(1) });
    expect([first.created, again.created, again.request]).toEqual([true, false, first.request]);
    const pending = async () =>
      (await store().requests.pending({ limit: 500, createdBefore: minutesAfter(1) })).filter(
        ({ id }) => id === request.id,
      );
    await store().requests.markFailed(request.id, 'Temporal is away.');
    expect(await pending()).toEqual([{ ...first.request, attempts: 1, lastError: 'Temporal is away.' }]);
    await store().requests.markDelivered(request.id, { now: minutesAfter(2) });
    expect(await pending()).toEqual([]);
    expect(await store().requests.get(request.id)).toMatchObject({
      attempts: 2,
      deliveredAt: minutesAfter(2),
    });
    expect(await store().requests.latest(entityId, 'poll')).toMatchObject({ id: request.id });
    expect(await store().requests.latest(entityId, 'pause')).toBeUndefined();
    await store().requests.purge(minutesAfter(1));
    expect(await store().requests.get(request.id)).toBeUndefined();
  });

  test('a request that its workflow refused keeps the reason, and is not delivered again', async () => {
    const entityId = await createEntity(store());
    const request = { id: `${entityId}-rf`, entityId, kind: 'pause', payload: {} };
    await store().requests.create(request, { now: T0 });
    const refusal = { code: 'wrong-stage', reason: 'Only an active entity can be paused.' };
    await store().requests.markRefused(request.id, refusal, { now: minutesAfter(1) });
    await store().requests.markDelivered(request.id, { now: minutesAfter(2) });
    expect(await store().requests.get(request.id)).toMatchObject({ refusal, deliveredAt: minutesAfter(1) });
  });

  test('API keys are shown once and known by their hash', async () => {
    const { apiKey, key } = await store().apiKeys.create({ name: 'ops', scopes: ['read'] }, { now: T0 });
    expect(key).toMatch(/^cnc_[A-Za-z0-9_-]{43}$/);
    expect(await store().apiKeys.verify(hashApiKey(key))).toEqual({ id: apiKey.id, scopes: ['read'] });
    expect((await store().apiKeys.list({ limit: 500 })).items).toContainEqual(apiKey);
    expect(await store().apiKeys.revoke(apiKey.id, { now: T0 })).toBe(true);
    expect(await store().apiKeys.verify(hashApiKey(key))).toBeUndefined();
    expect(await store().apiKeys.revoke('nobody', { now: T0 })).toBe(false);
  });

  test('the bootstrap key has all scopes and replaces the one before', async () => {
    await store().apiKeys.ensureBootstrap('first-bootstrap-key', { now: T0 });
    await store().apiKeys.ensureBootstrap('second-bootstrap-key', { now: T0 });
    expect(await store().apiKeys.verify(hashApiKey('first-bootstrap-key'))).toBeUndefined();
    expect(await store().apiKeys.verify(hashApiKey('second-bootstrap-key'))).toEqual({
      id: 'bootstrap',
      scopes: ['read', 'write', 'admin', 'sensitive'],
    });
  });

  describe('calls', () => {
    const aCall = (entityId: string, n: number, changes: Partial<CallRecord> = {}): CallRecord => ({
      id: `${entityId}-c${n}`,
      entityId,
      at: minutesAfter(n),
      system: 'concur',
      function: 'readProfile',
      method: 'GET',
      origin: 'https://us2.api.concursolutions.com',
      route: '/api/travelprofile/v2.0/profile',
      durationMs: 12,
      correlationIdSent: `${entityId}-sent${n}`,
      correlationId: `${entityId}-corr${n}`,
      status: 500,
      errorCode: 'ConcurUnavailable',
      serverDate: minutesAfter(n + 1),
      content: {
        user: 'Ada@example.test',
        exchange: { url: 'https://x.test/?a', requestHeaders: { a: 'b' }, responseBody: 'no' },
      },
      ...changes,
    });
    const withoutContent = ({ content: _, ...shown }: CallRecord) => shown;

    test('are kept for support cases until their time is over', async () => {
      const entityId = await createEntity(store());
      const [one, two] = [aCall(entityId, 1), aCall(entityId, 2)];
      await store().calls.add([one, two, one]);
      for (const id of [two.correlationId, two.correlationIdSent]) {
        const { items } = await store().calls.list({ correlationId: id ?? '', limit: 9 });
        expect(items).toEqual([withoutContent(two)]);
      }
      expect(await store().calls.get(two.id)).toEqual(two);
      expect(await store().calls.find(two.id)).toEqual(withoutContent(two));
      await store().calls.purge(minutesAfter(2));
      expect((await store().calls.list({ entityId, limit: 9 })).items).toEqual([withoutContent(two)]);
      expect(await store().calls.get('nobody')).toBeUndefined();
    });

    test('are listed by failure, function and time, from either end, page by page', async () => {
      const entityId = await createEntity(store());
      const success = withoutContent(aCall(entityId, 2));
      const { errorCode: _, ...fine } = success;
      await store().calls.add([
        aCall(entityId, 1),
        { ...fine, function: 'listSummaries' },
        aCall(entityId, 3),
      ]);
      const ids = async (query: Partial<CallQuery>) => {
        const page = await store().calls.list({ entityId, limit: 9, ...query });
        return page.items.map(({ id }) => id.slice(entityId.length + 1));
      };
      expect(await ids({ failed: true })).toEqual(['c1', 'c3']);
      expect(await ids({ function: 'listSummaries' })).toEqual(['c2']);
      expect(await ids({ since: minutesAfter(2), until: minutesAfter(3) })).toEqual(['c2']);
      expect(await ids({ newestFirst: true, limit: 2 })).toEqual(['c3', 'c2']);
      expect(await ids({ newestFirst: true, cursor: `${entityId}-c2` })).toEqual(['c1']);
      expect(await ids({ cursor: `${entityId}-c1` })).toEqual(['c2', 'c3']);
    });

    test('forget a traveller that is erased, and keep what is about others', async () => {
      const entityId = await createEntity(store());
      const write = aTraveller();
      await store().travellers.upsert({ entityId, ...write, username: 'ADA@example.test' }, { now: T0 });
      const about = aCall(entityId, 1);
      const aboutNobody = aCall(entityId, 2, { content: { exchange: { url: 'u', requestHeaders: {} } } });
      const aboutAnother = aCall(entityId, 3, { content: { user: 'bob@example.test' } });
      await store().calls.add([about, aboutNobody, aboutAnother]);
      await store().travellers.erase(entityId, write.id, { now: T0 });
      expect(await store().calls.get(about.id)).toEqual(withoutContent(about));
      expect(await store().calls.get(aboutNobody.id)).toEqual(withoutContent(aboutNobody));
      expect(await store().calls.get(aboutAnother.id)).toEqual(aboutAnother);
    });

    test('of an entity whose key was destroyed are kept without what is personal', async () => {
      const entityId = await createEntity(store());
      await store().calls.add([aCall(entityId, 1)]);
      await store().entities.shred(entityId, { now: T0 });
      await store().calls.add([aCall(entityId, 2)]);
      for (const n of [1, 2]) {
        expect(await store().calls.get(aCall(entityId, n).id)).toEqual(withoutContent(aCall(entityId, n)));
      }
    });
  });

  test('agencies are made once', async () => {
    const first = await store().agencies.ensure({ id: 'agency-x', name: 'Example Travel' }, { now: T0 });
    expect(
      await store().agencies.ensure({ id: 'agency-x', name: 'Other' }, { now: minutesAfter(1) }),
    ).toEqual(first);
    expect(await store().agencies.get('agency-x')).toEqual(first);
    expect((await store().agencies.list({ limit: 500 })).items).toContainEqual(first);
  });
}
