import { inspect } from 'node:util';
import { isLoginTaken, isProfileRejected, type ProfileWrite, type SummaryQuery } from '../../../concur';
import { encodeError, encodeOutcome, encodeProfileRead, encodeSummaryPage } from '../../../concur/xml';
import { HOME } from '../../support/concur/tokens';
import {
  aConcurWorld,
  aTokenAnswer,
  type ConcurWorld,
  GOOD_TOKEN,
  type Reply,
} from '../../support/concur/world';

const LOGIN = "ada+o'neil@example.test";
const SUCCESS: Reply = { body: encodeOutcome([{ code: 'S001', message: 'Success' }]) };
const anError = (message: string, status = 400): Reply => ({
  status,
  body: encodeError({ message, serverTime: '2026-08-01T12:00:00', id: 'E-1' }),
  headers: { 'concur-correlationid': 'theirs-1' },
});

function answering(reply: Reply): ConcurWorld {
  const world = aConcurWorld({ stored: GOOD_TOKEN });
  world.at(HOME, () => reply);
  return world;
}

const aWrite = (changes: Partial<ProfileWrite> = {}): ProfileWrite => ({
  action: 'Update',
  loginId: LOGIN,
  status: 'active',
  sections: { general: { lastName: 'Secretname' } },
  ...changes,
});

const aQuery = (changes: Partial<SummaryQuery> = {}): SummaryQuery => ({
  since: new Date('2026-07-31T10:00:00.987Z'),
  page: 2,
  itemsPerPage: 200,
  ...changes,
});

describe('The summary list', () => {
  const row = {
    loginId: LOGIN,
    status: 'inactive' as const,
    xmlProfileSyncId: 's-1',
    modifiedAt: new Date('2026-07-31T11:00:00Z'),
  };

  it('is asked for by page, whole seconds in UTC, travel configs and with the token of the entity', async () => {
    const world = answering({
      body: encodeSummaryPage({
        rows: [row],
        page: 2,
        itemsPerPage: 200,
        totalPages: 3,
        totalItems: 401,
        nextPageUrl: 'https://evil.test/next',
      }),
      headers: { date: 'Sat, 01 Aug 2026 12:00:07 GMT', 'concur-correlationid': 'theirs-1' },
    });
    await expect(world.profiles.listSummaries(aQuery({ travelConfigIds: ['100', '2 0'] }))).resolves.toEqual({
      rows: [row],
      page: 2,
      totalPages: 3,
      totalItems: 401,
      withoutLogin: 0,
      correlationId: 'theirs-1',
      serverDate: new Date('2026-08-01T12:00:07Z'),
    });
    const [seen] = world.seen;
    expect(seen?.headers).toMatchObject({
      authorization: 'Bearer access-token-good',
      'content-type': 'application/xml',
    });
    expect(seen?.path).toBe(
      '/api/travelprofile/v2.0/summary?LastModifiedDate=2026-07-31T10:00:00&travelConfigs=100,2%200' +
        '&userid_type=login&userid_value=ALL&includeMetadata=true&Page=2&ItemsPerPage=200',
    );
    expect(world.seen).toHaveLength(1);
  });

  it.each([
    ['Active=1' as const, 'Active=1'],
    ['Status="Active"' as const, 'Status=%22Active%22'],
  ])('sends the status filter %s as it stands', async (statusFilter, text) => {
    const world = answering({ body: '<ConnectResponse/>' });
    await world.profiles.listSummaries(aQuery({ statusFilter }));
    expect(world.seen[0]?.path).toContain(`?${text}&`);
  });

  it('asks again where a page came in part', async () => {
    const world = answering({ body: '<ConnectResponse><Data><ProfileSummary><LoginID>a' });
    await expect(world.profiles.listSummaries(aQuery())).rejects.toMatchObject({
      code: 'summary-unreadable',
      failureClass: 'retry',
    });
  });

  it.each([{ page: 0 }, { itemsPerPage: 201 }, { itemsPerPage: 0 }])(
    'refuses %j before sending',
    async (changes) => {
      const world = answering(SUCCESS);
      await expect(world.profiles.listSummaries(aQuery(changes))).rejects.toThrow(RangeError);
      expect(world.seen).toEqual([]);
    },
  );
});

describe('Reading a profile', () => {
  it.each(['login', 'xmlsyncid', 'uuid'] as const)('by %s escapes the value', async (type) => {
    const world = answering({ body: encodeProfileRead({ loginId: LOGIN, sections: {}, unknown: [] }) });
    await expect(world.profiles.readProfile({ type, value: LOGIN })).resolves.toMatchObject({
      profile: { loginId: LOGIN },
    });
    expect(world.seen[0]?.path).toBe(
      `/api/travelprofile/v2.0/profile?userid_type=${type}&userid_value=ada%2Bo%27neil%40example.test`,
    );
    expect(world.journal[0]?.template).toBe(`/api/travelprofile/v2.0/profile?userid_type=${type}`);
  });

  it.each([anError(`Invalid User:${LOGIN}`), anError('EC1', 404)])(
    'finds nobody where Concur says so',
    async (reply) => {
      await expect(
        answering(reply).profiles.readProfile({ type: 'login', value: LOGIN }),
      ).resolves.toBeUndefined();
    },
  );

  it('does not take a 404 of somebody else for "nobody"', async () => {
    const world = answering({ status: 404, body: '<html>nginx</html>' });
    await expect(world.profiles.readProfile({ type: 'login', value: LOGIN })).rejects.toMatchObject({
      name: 'UnexpectedAnswer',
    });
  });

  it('never hands out half a profile', async () => {
    const world = answering({ body: `<ProfileResponse LoginId="${LOGIN}"><General>` });
    await expect(world.profiles.readProfile({ type: 'login', value: LOGIN })).rejects.toMatchObject({
      name: 'ProfileUnreadable',
      failureClass: 'record',
    });
  });
});

describe('Writing a profile', () => {
  it('returns the UUID and the warnings', async () => {
    const warning = { code: 'W002', message: 'too long', field: 'General/JobTitle' };
    const world = answering({ body: encodeOutcome([warning, { code: 'S001', message: 'ok' }], 'u-1') });
    await expect(
      world.profiles.writeProfile(aWrite({ action: 'Create', password: 'pw' })),
    ).resolves.toMatchObject({
      uuid: 'u-1',
      warnings: [warning],
    });
    expect(world.seen[0]?.headers['content-length']).toBe(
      String(Buffer.byteLength(world.seen[0]?.body ?? '')),
    );
    expect(world.journal[0]).toMatchObject({
      function: 'createProfile',
      template: '/api/travelprofile/v2.0/profile',
    });
  });

  it('sends nothing where the change cannot be said', async () => {
    const world = answering(SUCCESS);
    const write = aWrite({ sections: { general: { lastName: 'a\u0000' } } });
    await expect(world.profiles.writeProfile(write)).rejects.toMatchObject({ code: 'xml-illegal-character' });
    expect(world.seen).toEqual([]);
  });

  it('refreshes once and repeats once on 401, with the new token', async () => {
    const world = aConcurWorld({ stored: GOOD_TOKEN });
    world.at(HOME, ({ path, headers }) => {
      if (path.startsWith('/oauth2')) return aTokenAnswer(2);
      return headers['authorization'] === 'Bearer access-token-2' ? SUCCESS : { status: 401 };
    });
    await expect(world.profiles.writeProfile(aWrite())).resolves.toMatchObject({ warnings: [] });
    expect(world.seen.map(({ path }) => path)).toEqual([
      '/api/travelprofile/v2.0/profile',
      '/oauth2/v0/token',
      '/api/travelprofile/v2.0/profile',
    ]);
  });

  it.each([
    [401, 'ReauthorisationRequired'],
    [403, 'AccessDenied'],
  ])('gives up where %i stays after a refresh', async (status, name) => {
    const world = aConcurWorld({ stored: GOOD_TOKEN });
    world.at(HOME, ({ path }) => (path.startsWith('/oauth2') ? aTokenAnswer(2) : { status }));
    await expect(world.profiles.writeProfile(aWrite())).rejects.toMatchObject({ name });
    expect(world.seen).toHaveLength(3);
  });

  it('refreshes once for fifty calls that are refused at the same time', async () => {
    const world = aConcurWorld({ stored: GOOD_TOKEN });
    world.at(HOME, ({ path, headers }) => {
      if (path.startsWith('/oauth2')) return aTokenAnswer(2);
      return headers['authorization'] === 'Bearer access-token-2' ? SUCCESS : { status: 403 };
    });
    await Promise.all(Array.from({ length: 50 }, () => world.profiles.writeProfile(aWrite())));
    expect(world.seen.filter(({ path }) => path.startsWith('/oauth2'))).toHaveLength(1);
  });

  it('repeats nothing by itself but after a 401 or 403', async () => {
    for (const status of [400, 404, 429, 500, 503]) {
      const world = answering({ status });
      await expect(world.profiles.writeProfile(aWrite())).rejects.toThrow();
      expect(world.seen).toHaveLength(1);
    }
  });
});

describe('No failure shows', () => {
  const secrets = [
    LOGIN,
    'Secretname',
    'access-token-good',
    'pw-of-nobody',
    'refresh-token-1',
    encodeURIComponent(LOGIN),
  ];

  it.each<[string, Reply]>([
    ['a rejection', anError(`There is an error in XML document (1, 2): Secretname`)],
    [
      'an E-code',
      {
        status: 400,
        body: encodeOutcome([{ code: 'E001', message: LOGIN, field: `CustomFields/${LOGIN}` }]),
      },
    ],
    ['a made-up code', { status: 200, body: encodeOutcome([{ code: LOGIN, message: LOGIN }]) }],
    ['a taken login', anError(`Login Id: "${LOGIN}" is already in use`)],
    ['an unknown text', anError(`No such thing: ${LOGIN}`)],
    ['an outage', { status: 500, body: `stack trace of ${LOGIN}` }],
    ['an odd page', { status: 404, body: LOGIN }],
    ['a denial', { status: 403, body: LOGIN }],
  ])('%s a login, name, token or body', async (_what, reply) => {
    const world = aConcurWorld({ stored: GOOD_TOKEN });
    world.at(HOME, ({ path }) => (path.startsWith('/oauth2') ? aTokenAnswer(2) : reply));
    const write = aWrite({ action: 'Create', password: 'pw-of-nobody' });
    const error: unknown = await world.profiles.writeProfile(write).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Error);
    // `user` and `evidence` are for those who seal them.
    const plain = world.journal.map(({ user: _user, evidence: _evidence, ...rest }) => rest);
    const shown =
      inspect(error, { depth: null, showHidden: true }) + JSON.stringify(error) + JSON.stringify(plain);
    for (const secret of secrets) expect(shown).not.toContain(secret);
    expect(world.journal[0]).toMatchObject({
      user: LOGIN,
      evidence: { requestBody: expect.anything() as unknown },
    });
    expect(JSON.stringify(world.journal)).not.toMatch(/access-token-|refresh-token-|pw-of-nobody/);
  });

  it('a success leaves no body in the journal, and a profile that nobody knows is no success', async () => {
    const world = aConcurWorld({ stored: GOOD_TOKEN });
    const known = encodeProfileRead({ loginId: LOGIN, sections: {}, unknown: [] });
    const replies: Reply[] = [
      { body: known },
      anError(`Invalid User: ${LOGIN}`),
      { status: 200, body: '<ProfileResponse LoginId="a"><General>' },
    ];
    world.at(HOME, () => replies.shift() ?? {});
    const read = () => world.profiles.readProfile({ type: 'login', value: LOGIN });
    await read();
    await expect(read()).resolves.toBeUndefined();
    await expect(read()).rejects.toThrow();
    const [success, unknown, unreadable] = world.journal;
    expect(success).not.toHaveProperty('evidence');
    expect(success).not.toHaveProperty('failure');
    expect(unknown).toMatchObject({ failure: expect.stringMatching(/./) as unknown, evidence: {} });
    expect(unreadable).toMatchObject({
      failure: 'ConcurUnreadable',
      evidence: { responseBody: expect.stringContaining('<General>') as unknown },
    });
  });

  it('what Concur wrote is kept all the same, for those who seal it', async () => {
    const error: unknown = await answering(anError(`Login Id: "${LOGIN}" is already in use`))
      .profiles.writeProfile(aWrite())
      .catch((caught: unknown) => caught);
    expect(isLoginTaken(error) && error.messages?.[0]).toEqual({
      code: 'LoginTaken',
      message: `Login Id: "${LOGIN}" is already in use`,
      correlationId: 'theirs-1',
    });
    expect(isProfileRejected(error)).toBe(false);
  });
});
