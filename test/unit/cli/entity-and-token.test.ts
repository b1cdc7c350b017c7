import { anEntity, accepted, page } from './answers';
import { type Answer, run } from './harness';

const ACME = 'GET /v1/entities/acme';

describe('entity', () => {
  it('sends what the options say, and nothing that they do not', async () => {
    const args = [
      'entity',
      'add',
      'acme',
      '--name',
      'Acme',
      '--company-uuid',
      '8f',
      '--travel-config',
      '1000',
    ];
    const more = [
      '--case-only',
      '--vendor-site-id',
      'v-1',
      'v-2',
      '--set',
      'pollMinutes=50,5',
      'ids.siteId=s-1',
    ];
    const routes = { 'POST /v1/entities': { status: 200, body: anEntity() } };
    const plain = await run([...args, '--strategy', 'merge'], { routes });
    expect(plain.asked[0]?.body).toEqual({
      id: 'acme',
      name: 'Acme',
      companyUuid: '8f',
      travelConfigId: '1000',
      strategy: 'merge',
    });
    expect(plain.stdout).toContain('was there already');
    const full = await run([...args, ...more], { routes });
    expect(full.asked[0]?.body).toMatchObject({
      caseOnly: true,
      pollMinutes: [50, 5],
      ids: { siteId: 's-1', vendorSiteIds: ['v-1', 'v-2'] },
    });
  });

  it('changes settings by a merge patch; an empty value clears', async () => {
    const changes = [
      'strategy=',
      'conflictRule.sections.telephones=concur-owned',
      'ids.vendorSiteIds=a, b',
      'name=A=B',
    ];
    const ran = await run(['entity', 'set', 'acme', ...changes], {
      routes: { 'PATCH /v1/entities/acme': { body: anEntity() } },
    });
    expect(ran.asked[0]).toMatchObject({
      headers: { 'content-type': 'application/merge-patch+json' },
      body: {
        strategy: null,
        conflictRule: { sections: { telephones: 'concur-owned' } },
        ids: { vendorSiteIds: ['a', 'b'] },
        name: 'A=B',
      },
    });
  });

  it('does not wait with --no-wait', async () => {
    const ran = await run(['entity', 'pause', 'acme', '--no-wait'], {
      routes: { 'POST /v1/entities/acme/pause': accepted },
    });
    expect([ran.code, ran.asked.length, ran.clock.sleeps]).toEqual([0, 1, 0]);
    expect(ran.stdout).toContain('concordance entity show acme');
  });

  it('says that it waits for Temporal, and gives up with what to look at', async () => {
    const pending: Answer = { status: 202, body: { requestId: 'r', pending: true } };
    const ran = await run(['entity', 'pause', 'acme'], {
      routes: { 'POST /v1/entities/acme/pause': pending, [ACME]: { body: anEntity() } },
    });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('Temporal or the worker does not answer');
    expect(ran.stderr).toContain('goes on by itself: concordance entity show acme');
  });

  it('prints the case to open with Concur, and names on standard error what is missing', async () => {
    const ran = await run(['entity', 'case', 'acme'], {
      routes: { [ACME]: { body: anEntity({ ids: {} }) } },
    });
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/^Subject: API token request\n/);
    expect(ran.stdout).toContain('Acme & Söhne AG');
    expect(ran.stdout.match(/\(to be added\)/g)).toHaveLength(4);
    expect(ran.stderr).toContain('entity set acme ids.outtaskId=… ids.siteId=… ids.vendorSiteIds=…');
    expect(ran.stderr).toContain('CONCUR_APPLICATION_NAME=… in the environment or in .env');
  });

  it('names in the case the application and all that Concur asks for, and then misses nothing', async () => {
    const ids = {
      outtaskId: '110034',
      companyId: 'c-9',
      siteId: 's-1, s-2',
      vendorSiteIds: ['v-eu', 'v-us'],
    };
    const options = {
      routes: { [ACME]: { body: anEntity({ ids }) } },
      env: { CONCUR_APPLICATION_NAME: 'Profile Hub', SUPPORT_HOURS: '08:00-12:00 Europe/Berlin' },
    };
    const ran = await run(['entity', 'case', 'acme'], options);
    const rows = new Map(
      ran.stdout.split('\n').flatMap((line) => {
        const [, label, value] = /^([^:]+): +(\S.*)$/.exec(line) ?? [];
        return label === undefined || value === undefined ? [] : [[label, value] as const];
      }),
    );
    expect(Object.fromEntries(rows)).toMatchObject({
      Subject: 'API token request',
      Application: 'Profile Hub',
      Company: 'Acme & Söhne AG',
      'Company UUID': anEntity().companyUuid,
      'Company id': 'c-9',
      'Entity id (Outtask id)': '110034',
      'Travel config id': anEntity().travelConfigId,
      'Site ids': 's-1, s-2',
      'Vendor site ids of the managing TMC': 'v-eu, v-us',
    });
    expect(ran.stdout).toContain('issue a company request token');
    expect(ran.stdout).toContain('08:00–12:00 Europe/Berlin');
    expect(ran.stderr).toBe('');
    const asJson = await run(['entity', 'case', 'acme', '--json'], options);
    expect(JSON.parse(asJson.stdout)).toMatchObject({ subject: 'API token request', missing: [] });
  });

  it('shows the deadline of the request token with the hours of support', async () => {
    const requestTokenDeadline = 'by 2026-08-01 21:14 UTC; support receives tokens 06:00–15:00 Europe/Zurich';
    const requestTokenExpiresAt = '2026-08-01T21:14:00.000Z';
    const body = { ...anEntity(), preparation: null, requestTokenExpiresAt, requestTokenDeadline };
    const shown = await run(['entity', 'show', 'acme'], { routes: { [ACME]: { body } } });
    expect(shown.stdout).toContain(`submit ${requestTokenDeadline}`);
    const opened = await run(['token', 'expect', 'acme'], {
      routes: {
        'POST /v1/entities/acme/request-token/window': {
          status: 202,
          body: { requestId: 'r', pending: false, requestTokenExpiresAt, requestTokenDeadline },
        },
      },
    });
    expect(opened.stdout).toContain(`Submit the token ${requestTokenDeadline}.`);
  });

  it('notes the step before the request token', async () => {
    const ran = await run(['entity', 'set', 'acme', 'preparation=case'], {
      routes: { 'PATCH /v1/entities/acme': { body: { ...anEntity(), preparation: 'case' } } },
    });
    expect(ran.asked[0]?.body).toEqual({ preparation: 'case' });
    expect(ran.stdout).toMatch(/Preparation +case/);
  });

  it('keeps what others have written from steering the terminal', async () => {
    const ran = await run(['entity', 'show', 'acme'], {
      routes: { [ACME]: { body: anEntity({ waitingFor: 'a\u001b[2Jb\u0007' }) } },
    });
    expect(ran.stdout).toContain('a�[2Jb�');
  });
});

describe('token submit', () => {
  const routes = {
    'POST /v1/entities/acme/request-token': accepted,
    'GET /v1/events': page(),
    [ACME]: { body: anEntity({ stage: 'migrating' }) },
  };

  it('reads the token from a file', async () => {
    const ran = await run(
      ['token', 'submit', 'acme', '--file', 'token.txt', '--issued-at', '2026-08-01T09:30:00+02:00'],
      { routes, files: { 'token.txt': ' tok-1\n' } },
    );
    const sent = ran.asked.find(({ method }) => method === 'POST');
    expect(sent?.body).toEqual({ requestToken: 'tok-1', issuedAt: '2026-08-01T07:30:00.000Z' });
    expect(ran.code).toBe(0);
  });

  it('asks for it on a terminal, and never shows it', async () => {
    const ran = await run(['token', 'submit', 'acme'], { routes, stdin: 'tok-secret\n', terminal: true });
    expect(ran.asked.find(({ method }) => method === 'POST')?.body).toEqual({ requestToken: 'tok-secret' });
    expect(ran.stderr).toContain('Request token (not shown): ');
    expect(ran.stdout + ran.stderr).not.toContain('tok-secret');
  });

  it.each([
    ['', 2],
    ['two words', 2],
  ])('refuses %j before anything is sent', async (stdin, code) => {
    const ran = await run(['token', 'submit', 'acme'], { routes, stdin });
    expect([ran.code, ran.asked.length]).toEqual([code, 0]);
  });

  it('names a file that cannot be read', async () => {
    const ran = await run(['token', 'submit', 'acme', '--file', 'absent.txt'], { routes });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toContain('absent.txt cannot be read (ENOENT)');
  });

  it('says why Concur refused it, and whose turn it is', async () => {
    const old = {
      id: 'e-1',
      entityId: 'acme',
      at: '2026-07-01T00:00:00Z',
      kind: 'exchange-failed',
      message: 'old',
      dueAt: null,
    };
    const fresh = { ...old, id: 'e-2', message: 'The request token is wrong or expired.' };
    const ran = await run(['token', 'submit', 'acme'], {
      stdin: 'tok',
      routes: {
        ...routes,
        'GET /v1/events': [page(old), page(old), page(old, fresh)],
        // The lifecycle tells why before it changes the stage.
        [ACME]: [
          { body: anEntity({ stage: 'exchanging' }) },
          {
            body: anEntity({
              stage: 'requested',
              waitingFor: 'Support: ask Concur for a new request token.',
            }),
          },
        ],
      },
    });
    expect(ran.code).toBe(1);
    expect(ran.stderr).toBe(
      'The token was not exchanged: The request token is wrong or expired.\nSupport: ask Concur for a new request token.\n',
    );
  });

  it('does not wait for a token that was handed in before and has no effect', async () => {
    const waitingFor = 'Support: ask Concur for a new request token.';
    const ran = await run(['token', 'submit', 'acme'], {
      stdin: 'tok',
      routes: { ...routes, [ACME]: { body: anEntity({ stage: 'requested', waitingFor }) } },
    });
    expect([ran.code, ran.clock.sleeps]).toEqual([1, 0]);
    expect(ran.stderr).toContain(`handing it in again has no effect.\n${waitingFor}`);
  });
});
