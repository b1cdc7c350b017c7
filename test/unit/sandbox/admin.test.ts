import { Bench, json } from './support';

async function admin(bench: Bench, method: string, path: string, body?: unknown) {
  const response = await bench.sandbox.handle({
    method,
    path: `/_admin/${path}`,
    headers: {},
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, value: json(response), headers: response.headers };
}

const PROFILE = {
  companyUuid: 'company-one',
  loginId: 'traveller',
  sections: { general: { firstName: 'Test' } },
};

describe('the admin routes of the sandbox', () => {
  it('make a company and change only what is named of a known one', async () => {
    const bench = new Bench();
    const made = await admin(bench, 'POST', 'companies', {
      companyUuid: 'two',
      name: 'Two',
      travelConfigIds: ['7'],
    });
    expect(made).toMatchObject({ status: 201, value: { dataCentre: 'us2', travelConfigIds: ['7'] } });
    const changed = await admin(bench, 'POST', 'companies', { companyUuid: 'two', dataCentre: 'eu2' });
    expect(changed).toMatchObject({
      status: 200,
      value: { name: 'Two', dataCentre: 'eu2', travelConfigIds: ['7'] },
    });
    expect((await admin(bench, 'GET', 'companies')).value['companies']).toHaveLength(2);
  });

  it('issue and revoke tokens', async () => {
    const bench = new Bench();
    const issued = await admin(bench, 'POST', 'tokens', { companyUuid: 'company-one' });
    expect(issued).toMatchObject({ status: 201, value: { expiresAt: '2026-03-01T20:00:00.250Z' } });
    expect((await bench.exchange(String(issued.value['requestToken']))).status).toBe(200);
    const revoked = await admin(bench, 'POST', 'tokens', { companyUuid: 'company-one', revoke: 'all' });
    expect(revoked).toMatchObject({ status: 200, value: { revoked: 3 } });
    expect((await admin(bench, 'POST', 'tokens', { companyUuid: 'nowhere' })).status).toBe(404);
  });

  it('seed, list, show and change profiles as a Concur user would, logins included', async () => {
    const bench = new Bench();
    const seeded = await admin(bench, 'POST', 'profiles', [PROFILE, { ...PROFILE, loginId: 'second' }]);
    expect(seeded.status).toBe(201);
    bench.admin.setClock({ advanceMs: 60_000 });
    const patched = await admin(bench, 'PATCH', 'profiles/traveller', {
      loginId: 'renamed',
      status: 'inactive',
      sections: { general: { firstName: null, jobTitle: 'Tester' } },
    });
    expect(patched).toMatchObject({
      status: 200,
      value: { loginId: 'renamed', status: 'inactive', modifiedAt: '2026-03-01T08:01:00.000Z' },
    });
    expect(patched.value['sections']).toMatchObject({ general: { jobTitle: 'Tester' } });
    expect(patched.value['sections']).not.toHaveProperty('general.firstName');
    expect((await admin(bench, 'GET', 'profiles/traveller')).status).toBe(404);
    expect((await admin(bench, 'GET', 'profiles?login=renamed')).value['profiles']).toHaveLength(1);
    const listed = await admin(bench, 'GET', 'profiles?company=company-one&limit=1&offset=1');
    expect(listed.value).toMatchObject({ total: 2, profiles: [{ loginId: 'renamed' }] });
  });

  it.each([
    ['POST', 'profiles', { ...PROFILE, sections: { shoes: {} } }, 422, /shoes: no such field/],
    [
      'POST',
      'profiles',
      { ...PROFILE, sections: { general: { firstName: 7 } } },
      422,
      /general\.firstName: must be a text/,
    ],
    ['POST', 'profiles', { ...PROFILE, loginId: 'TAKEN' }, 409, /unique across all companies/],
    ['POST', 'profiles', 'no json', 400, /must be JSON/],
    ['PATCH', 'profiles/taken', { colour: 'blue' }, 422, /colour/],
    ['PATCH', 'profiles/nobody', {}, 404, /nobody/],
    ['POST', 'companies', { dataCentre: 'mars' }, 422, /us2, eu2/],
    ['POST', 'faults', { rates: { lunch: {} } }, 422, /lunch|rates/],
    ['POST', 'script', { action: { kind: 'explode' } }, 422, /./],
    ['DELETE', 'companies', undefined, 405, /POST companies/],
    ['GET', 'nothing', undefined, 404, /GET companies/],
  ])('answer %s %s %j with %i in words', async (method, path, body, status, words) => {
    const bench = new Bench();
    bench.seed('taken');
    const { status: actual, value, headers } = await admin(bench, method, path, body);
    expect(actual).toBe(status);
    expect(JSON.stringify(value)).toMatch(words);
    expect(headers['x-concordance-sandbox']).toBe('simulation');
  });

  it('move the clock and show it', async () => {
    const bench = new Bench();
    await admin(bench, 'POST', 'clock', { set: '2026-09-01T00:00:00Z', skewMs: 5_000 });
    await admin(bench, 'POST', 'clock', { advanceMs: 1_000 });
    expect((await admin(bench, 'GET', 'clock')).value).toMatchObject({
      now: '2026-09-01T00:00:01.000Z',
      skewMs: 5_000,
    });
    expect((await bench.read('nobody')).headers['date']).toBe('Tue, 01 Sep 2026 00:00:06 GMT');
  });

  it('set faults, scripts and behaviour, and show what was seen', async () => {
    const bench = new Bench();
    await admin(bench, 'POST', 'faults', { rates: { summary: { http503: 1 } } });
    await admin(bench, 'POST', 'script', [
      { function: 'profile-read', action: { kind: 'respond', status: 500 } },
    ]);
    await admin(bench, 'PATCH', 'behaviour', { rotation: 'with-grace' });
    expect((await bench.summary({})).status).toBe(503);
    expect((await bench.read('nobody')).status).toBe(500);
    expect((await admin(bench, 'GET', 'script')).value).toMatchObject({ rules: [{ fitting: 1, used: 1 }] });
    expect((await admin(bench, 'GET', 'counters')).value).toMatchObject({ summary: { '503': 1 } });
    expect((await admin(bench, 'GET', 'behaviour')).value).toMatchObject({ rotation: 'with-grace' });
    expect((await admin(bench, 'GET', 'violations')).value).toEqual({ violations: [], clears: [] });
    await admin(bench, 'POST', 'reset', { what: ['faults', 'observations'] });
    expect((await bench.summary({ LastModifiedDate: '1900-01-01T12:00:00' })).status).toBe(200);
    await admin(bench, 'POST', 'reset');
    expect((await admin(bench, 'GET', 'companies')).value).toEqual({ companies: [] });
  });

  it('say on a page that this is a simulation', async () => {
    const bench = new Bench({ name: 'A <b>bold</b> name' });
    const { body } = await bench.sandbox.handle({ method: 'GET', path: '/', headers: {} });
    expect(body).toContain('This is a simulation of SAP Concur');
    expect(body).toContain('A &lt;b&gt;bold&lt;/b&gt; name');
  });
});
