import { type CallRecord, hashApiKey, isConflictUnknown } from '../../../../hub';
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

  test('calls are kept for support cases until their time is over', async () => {
    const entityId = await createEntity(store());
    const call = (n: number): CallRecord => ({
      id: `${entityId}-c${n}`,
      entityId,
      at: minutesAfter(n),
      system: 'concur',
      method: 'GET',
      route: '/api/travelprofile/v2.0/profile',
      durationMs: 12,
      correlationId: `${entityId}-corr${n}`,
      status: 500,
      message: 'Concur says no',
    });
    await store().calls.add([call(1), call(2), call(1)]);
    const { message: _, ...shown } = call(2);
    expect(
      (await store().calls.list({ correlationId: call(2).correlationId ?? '', limit: 9 })).items,
    ).toEqual([shown]);
    expect(await store().calls.get(call(2).id)).toEqual(call(2));
    await store().calls.purge(minutesAfter(2));
    expect((await store().calls.list({ entityId, limit: 9 })).items).toEqual([shown]);
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
