import { decodeProfile } from '../../../concur/xml';
import { ALL_SCOPES } from '../../../sandbox';
import { Bench } from './support';

const FULL = {
  general: { firstName: 'Test', lastName: 'Traveller', medicalAlerts: 'none', gdsProfileName: 'TEST/1' },
  emergencyContact: { name: 'Somebody' },
  telephones: [{ type: 'Cell', countryCode: 'US', phoneNumber: '000-000', primaryMobile: true }],
  passports: [{ passportNumber: 'NOT-REAL' }],
  visas: [{ visaNationality: 'US', visaNumber: 'NOT-REAL' }],
  customFields: [{ name: 'Colour', value: 'blue' }],
  tsaInfo: { gender: 'Female' },
  unusedTickets: [{ carrier: 'ZZ', ticketNumber: 'NOT-REAL' }],
};

describe('a profile read of the simulated Concur', () => {
  it('finds a profile by login in any case, by sync id and by UUID', async () => {
    const bench = new Bench();
    const { uuid, xmlProfileSyncId } = bench.seed('Traveller@Sandbox.invalid', FULL);
    for (const [value, type] of [
      ['traveller@sandbox.INVALID', 'login'],
      [xmlProfileSyncId, 'xmlsyncid'],
      [uuid, 'uuid'],
    ] as const) {
      const profile = decodeProfile((await bench.read(value, type)).body);
      expect(profile).toMatchObject({ loginId: 'Traveller@Sandbox.invalid', status: 'active', uuid });
    }
  });

  it('answers 400 "Invalid User" for an unknown login', async () => {
    const response = await new Bench().read('nobody@sandbox.invalid');
    expect(response.status).toBe(400);
    expect(response.body).toContain('<Message>Invalid User:nobody@sandbox.invalid</Message>');
  });

  it('adds what only Concur knows: company, open bookings, UUID', async () => {
    const bench = new Bench({ name: 'Company One', companyId: 'ONE' });
    bench.seed('traveller', FULL);
    const { general } = decodeProfile((await bench.read('traveller')).body).sections;
    expect(general).toMatchObject({ companyName: 'Company One', companyId: 'ONE', hasOpenBooking: false });
  });

  it.each([
    ['iso', 'US'],
    ['plain', '1'],
    ['zero', '01'],
    ['zeros', '001'],
  ] as const)('shows the phone country in the form %s as %s', async (phoneCountryOnRead, shown) => {
    const bench = new Bench({ behaviour: { phoneCountryOnRead } });
    bench.seed('traveller', FULL);
    expect((await bench.read('traveller')).body).toContain(`<CountryCode>${shown}</CountryCode>`);
  });

  it('can leave the primary flag of cell phones out', async () => {
    const bench = new Bench({ behaviour: { primaryMobileOnRead: false } });
    bench.seed('traveller', FULL);
    expect((await bench.read('traveller')).body).not.toContain('PrimaryMobile');
  });

  it.each([
    ['PASSV', ['Passports', 'Visas']],
    ['EMERG', ['EmergencyContact']],
    ['TSAI', ['TSAInfo']],
    ['UNUTX', ['UnusedTickets']],
    ['COMPD', ['CustomFields', 'CompanyName', 'CompanyID']],
    ['TMCSP', ['UUID', 'GDSProfileName']],
    ['MEDIC', ['MedicalAlerts']],
  ])('leaves out what the scope %s covers where it is not granted', async (scope, elements) => {
    const all = new Bench();
    all.seed('traveller', FULL);
    const without = new Bench({ scopes: ALL_SCOPES.filter((each) => each !== scope) });
    without.seed('traveller', FULL);
    const [shown, hidden] = [(await all.read('traveller')).body, (await without.read('traveller')).body];
    for (const element of elements) {
      expect(shown).toContain(`<${element}>`);
      expect(hidden).not.toContain(`<${element}>`);
    }
    expect(hidden).toContain('<FirstName>Test</FirstName>');
  });

  it('shows names and e-mail address of a manager as they are in the manager’s own profile', async () => {
    const bench = new Bench();
    bench.seed('boss', {
      general: { firstName: 'Senior', lastName: 'Person' },
      emailAddresses: [{ type: 'Business', value: 'boss@sandbox.invalid' }],
    });
    bench.seed('traveller', { roles: [{ type: 'Manager', loginId: 'boss' }] });
    const { roles } = decodeProfile((await bench.read('traveller')).body).sections;
    expect(roles).toEqual([
      {
        type: 'Manager',
        firstName: 'Senior',
        lastName: 'Person',
        emailAddress: 'boss@sandbox.invalid',
        loginId: 'boss',
      },
    ]);
  });

  it('shows elements that the table does not know', async () => {
    const bench = new Bench();
    bench.admin.seedProfile({
      companyUuid: bench.company.companyUuid,
      loginId: 'traveller',
      sections: FULL,
      unknown: [{ path: 'General', name: 'BrandNew', value: 'yes' }],
    });
    expect((await bench.read('traveller')).body).toContain('<BrandNew>yes</BrandNew>');
  });
});
