import { aBench, anEntity, type Bench, call, entityIn, json, problem, textWith } from './support';

let bench: Bench;
beforeAll(async () => {
  bench = await aBench();
});
afterEach(() => {
  bench.engine.reset();
  bench.clock.reset();
});
afterAll(() => bench.close());

const DEADLINE =
  'by 2026-03-02 20:00 UTC; support receives tokens 06:00–15:00 Europe/Zurich (05:00–14:00 UTC that day); last chance within receiving hours: 2026-03-02 14:00 UTC';

describe('creating an entity', () => {
  it('opens the window, tells the lifecycle, and shows both at once', async () => {
    const answer = await call(bench, 'POST /v1/entities', {
      body: anEntity('new-one', { strategy: 'merge' }),
    });
    expect(answer.statusCode).toBe(201);
    expect(answer.headers.location).toBe('/v1/entities/new-one');
    expect(json(answer)).toEqual({
      id: 'new-one',
      name: 'ACME Germany',
      companyUuid: '7b1b1f0e-0000-4000-8000-000000000001',
      travelConfigId: '104',
      ids: { outtaskId: null, companyId: null, siteId: null, vendorSiteIds: [] },
      strategy: 'merge',
      conflictRule: 'hub-wins',
      unknownProfiles: 'create',
      apiVersion: 2,
      gds: null,
      pollMinutes: null,
      interfaceOn: true,
      pollingOn: true,
      stage: 'awaiting-request-token',
      health: 'ok',
      healthReason: null,
      preparation: null,
      requestTokenDeadline: DEADLINE,
      waitingFor: `Support: submit the request token as soon as Concur has issued it, ${DEADLINE}. Command: concordance token submit new-one`,
      requestTokenExpiresAt: '2026-03-02T20:00:00.000Z',
      refreshTokenExpiresAt: null,
      geolocation: null,
      scopes: [],
      missingScopes: [],
      scopeLosses: [],
      lastPoll: null,
      nextPollAt: null,
      counts: {
        travellers: 0,
        synced: 0,
        pending: 0,
        quarantined: 0,
        held: 0,
        inactive: 0,
        conflicts: 0,
      },
      pending: false,
    });
    const issuedAt = Date.parse('2026-03-02T08:00:00Z');
    expect(bench.engine.delivered.map(({ request }) => request)).toEqual([
      { kind: 'start-lifecycle' },
      {
        kind: 'open-window',
        issuedAt,
        expiresAt: issuedAt + 720 * 60_000,
        support: {
          hours: '06:00–15:00 Europe/Zurich',
          from: Date.parse('2026-03-02T05:00:00Z'),
          until: Date.parse('2026-03-02T14:00:00Z'),
          lastChance: Date.parse('2026-03-02T14:00:00Z'),
        },
      },
    ]);
  });

  it('answers 200 to the same body and does nothing, and 409 to another one', async () => {
    const body = anEntity('twice');
    await call(bench, 'POST /v1/entities', { body });
    bench.engine.reset();
    bench.clock.advanceMinutes(30);
    const again = await call(bench, 'POST /v1/entities', { body });
    expect(again.statusCode).toBe(200);
    expect(json(again)['requestTokenExpiresAt']).toBe('2026-03-02T20:00:00.000Z');
    expect(bench.engine.delivered).toEqual([]);
    const other = await call(bench, 'POST /v1/entities', { body: { ...body, name: 'Another' } });
    expect(problem(other)).toMatchObject({ status: 409, code: 'entity-conflict' });
  });

  it('does not open the window again for a POST that is sent again after it has ended', async () => {
    const body = anEntity('ended');
    await call(bench, 'POST /v1/entities', { body });
    const waitingFor = 'Support: ask Concur for a new request token.';
    await bench.store.entities.setState('ended', {
      stage: 'requested',
      requestTokenIssuedAt: null,
      requestTokenExpiresAt: null,
      waitingFor,
    });
    const again = await call(bench, 'POST /v1/entities', { body });
    expect(json(again)).toMatchObject({ stage: 'requested', waitingFor });
  });

  it('heals an entity whose process died right after the insert', async () => {
    const kill = jest.spyOn(bench.store.requests, 'create').mockRejectedValueOnce(new Error('killed'));
    const body = anEntity('halfway');
    expect((await call(bench, 'POST /v1/entities', { body })).statusCode).toBe(500);
    kill.mockRestore();
    const again = await call(bench, 'POST /v1/entities', { body });
    expect([again.statusCode, json(again)['stage']]).toEqual([200, 'awaiting-request-token']);
    expect(bench.engine.kinds()).toEqual(['start-lifecycle', 'open-window']);
  });

  it('stays requested with caseOnly, and no clock runs', async () => {
    const answer = await call(bench, 'POST /v1/entities', { body: anEntity('case', { caseOnly: true }) });
    expect(json(answer)).toMatchObject({ stage: 'requested', requestTokenExpiresAt: null, pending: false });
    expect(bench.engine.kinds()).toEqual(['start-lifecycle']);
    expect(json(answer)['waitingFor']).toMatch(
      /^Customer: .* approved .* case "API token request" .* Then Concur: .* issue .* Then support: open the window/,
    );
  });

  it('begins with the step before the token that is noted, which makes sense only without a window', async () => {
    const noted = anEntity('case-noted', { caseOnly: true, preparation: 'token' });
    expect(json(await call(bench, 'POST /v1/entities', { body: noted }))).toMatchObject({
      stage: 'requested',
      preparation: 'token',
      waitingFor: textWith('^Concur \\(step 3 of 4\\)'),
    });
    const refused = await call(bench, 'POST /v1/entities', {
      body: anEntity('window-noted', { preparation: 'token' }),
    });
    expect(problem(refused).errors).toMatchObject([{ path: 'preparation' }]);
  });

  it('is created all the same while Temporal is away, and both commands wait in order', async () => {
    bench.engine.isAway();
    const answer = await call(bench, 'POST /v1/entities', { body: anEntity('offline') });
    expect(answer.statusCode).toBe(201);
    expect(json(answer)).toMatchObject({ stage: 'awaiting-request-token', pending: true });
    const waiting = await bench.store.requests.pending({ limit: 10, createdBefore: new Date('2027-01-01') });
    const ours = waiting.filter(({ entityId }) => entityId === 'offline');
    expect(ours.map(({ kind }) => kind)).toEqual(['start-lifecycle', 'open-window']);
    expect(bench.engine.kinds()).toEqual(['start-lifecycle']);
    for (const { id } of ours) await bench.store.requests.markDelivered(id, { now: bench.clock.now() });
  });

  it.each([
    ['an id with capitals', { id: 'ACME' }, 'id', 'wrong-format'],
    ['no name', { name: undefined }, 'name', 'required'],
    ['a strategy nobody knows', { strategy: 'guess' }, 'strategy', 'not-allowed'],
    ['a misspelt field', { travelConfigID: '1' }, 'travelConfigID', 'unknown-property'],
    ['a minute beyond the hour', { pollMinutes: [5, 61] }, 'pollMinutes[1]', 'too-big'],
    [
      'a rule for no section',
      { conflictRule: { sections: { phones: 'hub-wins' } } },
      'conflictRule.sections.phones',
      'unknown-property',
    ],
    ['a rule of another kind', { conflictRule: 7 }, 'conflictRule', 'wrong-type'],
  ])('refuses %s with its path and code', async (_case, change, path, code) => {
    const answer = await call(bench, 'POST /v1/entities', { body: anEntity('refused', change) });
    const { status, errors } = problem(answer);
    expect(status).toBe(422);
    expect(errors).toContainEqual(expect.objectContaining({ path, code }));
  });

  it('suggests the name that was meant', async () => {
    const answer = await call(bench, 'POST /v1/entities', { body: anEntity('x', { travelConfigID: '1' }) });
    expect(problem(answer).errors[0]?.message).toContain('`travelConfigId`');
  });
});

describe('changing an entity', () => {
  it('merges the patch: null clears, absent stays, objects merge', async () => {
    const definition = anEntity('patched', {
      ids: { siteId: 'S1', outtaskId: 'O1', vendorSiteIds: ['V1'] },
      conflictRule: { default: 'newest-wins', sections: { passports: 'concur-wins', visas: 'hub-owned' } },
      pollMinutes: [35, 5],
      gds: { system: 'amadeus-csx', officeId: 'BER1A0001', companyLocator: 'ABC123' },
    });
    await call(bench, 'POST /v1/entities', { body: definition });
    const answer = await call(bench, 'PATCH /v1/entities/patched', {
      headers: { 'content-type': 'application/merge-patch+json' },
      body: {
        name: 'New name',
        ids: { siteId: null, companyId: 'C1' },
        conflictRule: { sections: { visas: null, tsaInfo: 'hub-wins' } },
        gds: null,
        pollMinutes: null,
        apiVersion: 1,
        unknownProfiles: 'hold',
      },
    });
    expect(answer.statusCode).toBe(200);
    expect(json(answer)).toMatchObject({
      name: 'New name',
      travelConfigId: '104',
      ids: { outtaskId: 'O1', companyId: 'C1', siteId: null, vendorSiteIds: ['V1'] },
      conflictRule: {
        default: 'newest-wins',
        sections: { passports: 'concur-wins', tsaInfo: 'hub-wins' },
      },
      gds: null,
      pollMinutes: null,
      apiVersion: 1,
      unknownProfiles: 'hold',
    });
    expect(json(await call(bench, 'GET /v1/entities/patched'))['pollMinutes']).toBeNull();
  });

  it('hands a strategy to the lifecycle until the first migration is completed, and refuses it afterwards', async () => {
    for (const [stage, strategy] of [
      ['requested', 'merge'],
      ['awaiting-request-token', 'publish'],
      ['migrating', null],
    ] as const) {
      await entityIn(bench, `strategic-${stage}`, stage);
      await bench.store.entities.patch(`strategic-${stage}`, { strategy: 'import' });
      const url = `PATCH /v1/entities/strategic-${stage}`;
      expect(json(await call(bench, url, { body: { strategy } }))).toMatchObject({
        strategy,
        pending: false,
      });
      expect(bench.engine.delivered.map(({ request }) => request)).toEqual([
        { kind: 'change-settings', names: ['strategy'] },
      ]);
    }
    await entityIn(bench, 'strategic', 'active');
    const late = await call(bench, 'PATCH /v1/entities/strategic', {
      body: { strategy: 'merge', name: 'X' },
    });
    expect(problem(late)).toMatchObject({ status: 409, code: 'wrong-stage' });
    expect(json(await call(bench, 'GET /v1/entities/strategic'))).toMatchObject({
      strategy: null,
      name: 'ACME Germany',
    });
    await call(bench, 'PATCH /v1/entities/strategic', { body: { strategy: null, name: 'Y' } });
    expect(bench.engine.kinds()).toEqual([]);
  });

  it('notes the step before the token, which whoever waits then sees, and forgets it when the window opens', async () => {
    await call(bench, 'POST /v1/entities', { body: anEntity('stepwise', { caseOnly: true }) });
    bench.engine.reset();
    const turns = { approval: 'Customer', case: 'Customer', token: 'Concur' } as const;
    for (const [preparation, turn] of Object.entries(turns)) {
      const answer = await call(bench, 'PATCH /v1/entities/stepwise', { body: { preparation } });
      expect(json(answer)).toMatchObject({
        preparation,
        pending: false,
        waitingFor: textWith(`^${turn} \\(step \\d of 4\\)`),
      });
    }
    expect(bench.engine.delivered.map(({ request }) => request)).toEqual(
      Object.keys(turns).map(() => ({ kind: 'change-settings', names: ['preparation'] })),
    );
    await call(bench, 'POST /v1/entities/stepwise/request-token/window');
    const opened = json(await call(bench, 'GET /v1/entities/stepwise'));
    expect(opened).toMatchObject({ stage: 'awaiting-request-token', preparation: null });
    const late = await call(bench, 'PATCH /v1/entities/stepwise', { body: { preparation: 'case' } });
    expect(problem(late)).toMatchObject({ status: 409, code: 'wrong-stage' });
  });

  it('takes back a noted step that the lifecycle refuses', async () => {
    await call(bench, 'POST /v1/entities', { body: anEntity('unnoted', { caseOnly: true }) });
    const before = json(await call(bench, 'GET /v1/entities/unnoted'));
    bench.engine.refuses('wrong-stage');
    const answer = await call(bench, 'PATCH /v1/entities/unnoted', { body: { preparation: 'case' } });
    expect(problem(answer)).toMatchObject({ status: 409, code: 'wrong-stage' });
    expect(json(await call(bench, 'GET /v1/entities/unnoted'))).toEqual(before);
  });

  it('hands changed minutes to the loop that waits for its slot, and shows the next poll as it will be', async () => {
    await entityIn(bench, 'rhythmic', 'active');
    await bench.store.entities.setState('rhythmic', { nextPollAt: new Date('2026-03-02T08:05:00Z') });
    const answer = await call(bench, 'PATCH /v1/entities/rhythmic', { body: { pollMinutes: [30] } });
    expect(json(answer)).toMatchObject({
      pollMinutes: [30],
      nextPollAt: '2026-03-02T08:30:00.000Z',
      pending: false,
    });
    const back = await call(bench, 'PATCH /v1/entities/rhythmic', { body: { pollMinutes: null } });
    expect(json(back)).toMatchObject({ pollMinutes: null, nextPollAt: '2026-03-02T08:05:00.000Z' });
    await call(bench, 'PATCH /v1/entities/rhythmic', { body: { pollMinutes: null, name: 'Same rhythm' } });
    expect(bench.engine.kinds()).toEqual(['change-poll-minutes', 'change-poll-minutes']);
  });

  it('keeps changed minutes for the sweep while Temporal is away, and tells nobody where no loop runs', async () => {
    await entityIn(bench, 'rhythm-away', 'active');
    bench.engine.isAway();
    const answer = await call(bench, 'PATCH /v1/entities/rhythm-away', { body: { pollMinutes: [30] } });
    expect(json(answer)).toMatchObject({ pollMinutes: [30], nextPollAt: null, pending: true });
    expect(await bench.store.requests.latest('rhythm-away', 'change-poll-minutes')).toMatchObject({
      attempts: 1,
    });
    await entityIn(bench, 'rhythm-none', 'requested');
    await call(bench, 'PATCH /v1/entities/rhythm-none', { body: { pollMinutes: [30] } });
    expect(bench.engine.kinds()).toEqual([]);
  });

  it('takes a strategy back that the lifecycle refuses', async () => {
    await entityIn(bench, 'migrated', 'migrating');
    bench.engine.refuses('wrong-stage');
    const answer = await call(bench, 'PATCH /v1/entities/migrated', { body: { strategy: 'publish' } });
    expect(problem(answer)).toMatchObject({ status: 409, code: 'wrong-stage' });
    expect(json(await call(bench, 'GET /v1/entities/migrated'))['strategy']).toBeNull();
  });

  it('changes the company only until a token was handed in', async () => {
    await entityIn(bench, 'company', 'active');
    const answer = await call(bench, 'PATCH /v1/entities/company', { body: { companyUuid: 'another' } });
    expect(problem(answer)).toMatchObject({ status: 409, code: 'wrong-stage' });
  });

  it('refuses changes once the entity is offboarded', async () => {
    await entityIn(bench, 'gone', 'offboarded');
    const answer = await call(bench, 'PATCH /v1/entities/gone', { body: { name: 'Back' } });
    expect(problem(answer)).toMatchObject({ status: 409, code: 'wrong-stage' });
  });
});

describe('reading entities', () => {
  it('names the scopes that were not granted, once any were', async () => {
    await entityIn(bench, 'scoped', 'active');
    await bench.store.entities.setState('scoped', { scopes: ['TRVPRF', 'PASSV', 'openid'] });
    const entity = json(await call(bench, 'GET /v1/entities/scoped'));
    expect(entity['missingScopes']).toEqual(expect.arrayContaining(['EMERG', 'TSAI', 'TMCSP', 'COMPD']));
    expect(entity['missingScopes']).not.toContain('PASSV');
  });

  it('shows the last poll with every field', async () => {
    await entityIn(bench, 'polled', 'active');
    await bench.store.entities.setState('polled', {
      lastPoll: { startedAt: '2026-03-02T08:05:00.000Z', seen: 3, changed: 1, quarantined: 0 },
      nextPollAt: new Date('2026-03-02T08:20:00Z'),
    });
    expect(json(await call(bench, 'GET /v1/entities/polled'))).toMatchObject({
      lastPoll: {
        requestId: null,
        startedAt: '2026-03-02T08:05:00.000Z',
        finishedAt: null,
        seen: 3,
        changed: 1,
        quarantined: 0,
        error: null,
      },
      nextPollAt: '2026-03-02T08:20:00.000Z',
    });
  });

  it('lists them by id, page by page, to the end', async () => {
    const ids: unknown[] = [];
    let cursor: unknown;
    do {
      const next = typeof cursor === 'string' ? `&cursor=${cursor}` : '';
      const page = json(await call(bench, `GET /v1/entities?limit=3${next}`));
      const items: unknown = page['items'];
      if (!Array.isArray(items)) throw new Error('a page has items');
      ids.push(...items.map((item: { id: unknown }) => item.id));
      cursor = page['nextCursor'];
    } while (cursor !== null);
    expect(ids).toEqual([...ids].sort());
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('polled');
  });

  it.each(['limit=0', 'limit=501', 'limit=many', 'entity=acme', 'cursor=%00'])(
    'refuses ?%s',
    async (query) => {
      expect(problem(await call(bench, `GET /v1/entities?${query}`)).status).toBe(422);
    },
  );

  it.each(['nobody', 'NOBODY', '%00', 'a%20b', 'x'.repeat(200)])('knows no entity %s', async (id) => {
    expect(problem(await call(bench, `GET /v1/entities/${id}`)).status).toBe(404);
  });
});
