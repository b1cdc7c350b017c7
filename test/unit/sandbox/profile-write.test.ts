import { expectViolations } from '../../support/sandbox-watch/expect-violations';
import { decodeOutcome, decodeProfile } from '../../../concur/xml';
import { ALL_SCOPES } from '../../../sandbox';
import { Bench, codes } from './support';

describe('creating a profile in the simulated Concur', () => {
  it('answers S001 with the UUID and gives the default rule class', async () => {
    const bench = new Bench();
    const response = await bench.create('new-traveller');
    const { uuid, status, sections } = bench.stored('new-traveller');
    expect(decodeOutcome(response.body)).toMatchObject({
      isError: false,
      uuid,
      messages: [{ code: 'S001' }],
    });
    expect(status).toBe('active');
    expect(sections).toMatchObject({ general: { ruleClass: 'Default Travel Class', firstName: 'Test' } });
    expect(JSON.stringify(sections)).not.toContain('Not-A-Real-1');
    expect(bench.admin.violations).toEqual([]);
  });

  it.each([
    ['LoginId="ab"', '<General/>', 'less than three characters'],
    [
      'LoginId="traveller"',
      '<General/><Password>x</Password>',
      'Login Id: &quot;traveller&quot; is already in use.',
    ],
    ['LoginId="new"', '<General/>', 'without a Password'],
    [
      'LoginId="new"',
      '<General><FirstName>A</FirstName></General><Password>x</Password>',
      'without a Last Name',
    ],
    [
      'LoginId="new"',
      '<General><LastName>A</LastName></General><Password>x</Password>',
      'without a First Name',
    ],
  ])('refuses %s %s', async (login, inner, text) => {
    const bench = new Bench();
    bench.seed('Traveller');
    const response = await bench.post(`<ProfileResponse Action="Create" ${login}>${inner}</ProfileResponse>`);
    expect(response.status).toBe(400);
    expect(response.body.replaceAll('"', '&quot;')).toContain(text);
    expect(bench.admin.profiles()).toHaveLength(1);
  });

  it.each(['a+b@sandbox.invalid', "o'neil@sandbox.invalid", 'a/b', 'a&b'])(
    'refuses the login %s',
    async (login) => {
      expect(codes(await new Bench().create(login))).toEqual(['E111']);
    },
  );

  it('demands a travel config of the company', async () => {
    const bench = new Bench();
    expect(codes(await bench.create('new', { general: { travelConfigId: '9999' } }))).toEqual(['EC4']);
    const without = '<General><FirstName>A</FirstName><LastName>B</LastName></General><Password>x</Password>';
    const response = await bench.post(
      `<ProfileResponse Action="Create" LoginId="new">${without}</ProfileResponse>`,
    );
    expect(codes(response)).toEqual(['E002']);
  });

  it('keeps logins unique across companies, whatever their case', async () => {
    const bench = new Bench();
    bench.admin.putCompany({ companyUuid: 'company-two' });
    bench.admin.seedProfile({ companyUuid: 'company-two', loginId: 'Someone@Sandbox.invalid' });
    expect((await bench.create('someone@sandbox.invalid')).body).toContain('is already in use');
  });

  it('makes no profile where a name that it needs cannot be written', async () => {
    const bench = new Bench();
    expect(codes(await bench.create('new', { general: { lastName: 'x'.repeat(61) } }))).toEqual(['E111']);
    expect(bench.admin.profiles()).toEqual([]);
  });
});

describe('updating a profile in the simulated Concur', () => {
  it('leaves alone what is omitted, clears what is empty and lists what it cleared', async () => {
    const bench = new Bench();
    bench.seed('traveller', { general: { firstName: 'Test', jobTitle: 'Tester', division: 'North' } });
    bench.admin.setClock({ advanceMs: 5_000 });
    expect(
      codes(await bench.write({ loginId: 'TRAVELLER', sections: { general: { jobTitle: null } } })),
    ).toEqual(['S001']);
    const { sections, modifiedAt, uuid } = bench.stored('traveller');
    expect(sections['general']).toMatchObject({ firstName: 'Test', division: 'North' });
    expect(sections['general']).not.toHaveProperty('jobTitle');
    expect(new Date(modifiedAt).toISOString()).toBe('2026-03-01T08:00:05.000Z');
    expect(bench.admin.clears).toMatchObject([
      { field: 'General/JobTitle', how: 'empty', uuid, function: 'profile-write' },
    ]);
    expect(bench.admin.violations).toEqual([]);
  });

  it('clears dates and numbers by nil', async () => {
    const bench = new Bench();
    bench.seed('traveller', { tsaInfo: { dateOfBirth: '1980-01-01', gender: 'Male' } });
    await bench.write({ loginId: 'traveller', sections: { tsaInfo: { dateOfBirth: null } } });
    expect(bench.stored('traveller').sections['tsaInfo']).toEqual({ gender: 'Male' });
  });

  it('never clears names, rule class or travel config', async () => {
    const bench = new Bench();
    bench.seed('traveller', { general: { firstName: 'Test' } });
    const inner = '<General><FirstName/><RuleClass/><TravelConfigID/></General>';
    expect(codes(await bench.update('traveller', inner))).toEqual(['W007', 'W007', 'W007']);
    expect(bench.stored('traveller').sections).toMatchObject({
      general: { firstName: 'Test', travelConfigId: '1000' },
    });
  });

  it('changes the status, both ways', async () => {
    const bench = new Bench();
    bench.seed('traveller');
    await bench.write({ loginId: 'traveller', status: 'inactive' });
    expect(bench.stored('traveller').status).toBe('inactive');
    expect(decodeProfile((await bench.read('traveller')).body).status).toBe('inactive');
    await bench.write({ loginId: 'traveller', status: 'active' });
    expect(bench.stored('traveller').status).toBe('active');
  });

  it('answers "Invalid User" for a login that it does not know or that is another company’s', async () => {
    const bench = new Bench();
    bench.admin.putCompany({ companyUuid: 'company-two' });
    bench.admin.seedProfile({ companyUuid: 'company-two', loginId: 'stranger' });
    for (const loginId of ['nobody', 'stranger']) {
      expect((await bench.write({ loginId })).body).toContain(`Invalid User:${loginId}`);
    }
  });

  it('writes the rest where a field cannot be written, and says which', async () => {
    const bench = new Bench({ customFields: ['Colour'], ruleClasses: ['Default Travel Class', 'Senior'] });
    bench.seed('traveller', { general: { jobTitle: 'Before', ruleClass: 'Senior' } });
    const response = await bench.write({
      loginId: 'traveller',
      sections: {
        general: {
          jobTitle: 'x'.repeat(256),
          costCenter: 'CC-1',
          preferredLanguage: 'tlh',
          ruleClass: 'Unknown',
          division: '<b>',
        },
        passports: [
          { passportNumber: 'N', passportDateIssued: '2026-01-02', passportExpiration: '2026-01-01' },
        ],
        emailAddresses: [{ type: 'Business', value: 'not an address' }],
        air: { homeAirport: 'ZR' },
        customFields: [
          { name: 'Colour', value: 'blue' },
          { name: 'Size', value: 'XL' },
        ],
        roles: [{ type: 'Manager', loginId: 'nobody' }],
        tsaInfo: { dateOfBirth: '1899-12-31' },
      },
    });
    expect(response.status).toBe(200);
    const messages = decodeOutcome(response.body)?.messages.map(
      ({ code, field }) => `${code} ${field ?? ''}`,
    );
    expect(messages).toEqual([
      'W002 General/JobTitle',
      'W001 General/Division',
      'W003 General/PreferredLanguage',
      'W003 General/RuleClass',
      'W014 Passports/PassportExpiration',
      'W020 EmailAddresses/EmailAddress',
      'W002 Air/HomeAirport',
      'W013 CustomFields/CustomField',
      'W003 Roles/LoginId',
      'W006 TSAInfo/DateOfBirth',
    ]);
    const { sections } = bench.stored('traveller');
    expect(sections).toMatchObject({
      general: { jobTitle: 'Before', costCenter: 'CC-1', ruleClass: 'Senior' },
      passports: [{ passportNumber: 'N' }],
      customFields: [{ name: 'Colour', value: 'blue' }],
    });
    expect(sections['general']).not.toHaveProperty('preferredLanguage');
    expect(sections).not.toHaveProperty('emailAddresses');
  });

  it('blanks a language that is not on the list', async () => {
    const bench = new Bench();
    bench.seed('traveller', { general: { preferredLanguage: 'de' } });
    await bench.write({ loginId: 'traveller', sections: { general: { preferredLanguage: 'tlh' } } });
    expect(bench.stored('traveller').sections['general']).not.toHaveProperty('preferredLanguage');
  });

  it('ignores Southwest tickets with W022 and passwords of an update, and remembers both', async () => {
    const bench = new Bench();
    bench.seed('traveller');
    const response = await bench.update(
      'traveller',
      '<SouthwestUnusedTickets><Any/></SouthwestUnusedTickets><Password>x</Password>',
    );
    expect(codes(response)).toEqual(['W022']);
    expectViolations(bench.admin, ['password-in-update', 'southwest-tickets']);
  });

  it('refuses sections whose scope was not granted, or ignores them where it is set so', async () => {
    const scopes = ALL_SCOPES.filter((scope) => scope !== 'PASSV');
    const sections = { general: { jobTitle: 'New' }, passports: [{ passportNumber: 'N' }] };
    const strict = new Bench({ scopes });
    strict.seed('traveller');
    expect(codes(await strict.write({ loginId: 'traveller', sections }))).toEqual(['E001']);
    const lax = new Bench({ scopes, behaviour: { missingScopeOnWrite: 'ignored' } });
    lax.seed('traveller');
    expect(codes(await lax.write({ loginId: 'traveller', sections }))).toEqual(['S001']);
    expect(lax.stored('traveller').sections).toMatchObject({ general: { jobTitle: 'New' } });
    expect(lax.stored('traveller').sections).not.toHaveProperty('passports');
  });
});
