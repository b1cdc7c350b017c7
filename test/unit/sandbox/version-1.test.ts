import { expectViolations } from '../../support/sandbox-watch/expect-violations';
import { ALL_SCOPES } from '../../../sandbox';
import { Bench, json, logins } from './support';

const PATH = '/api/travelprofile/v1.0/profile';
const IDENTITY = ['identity.user.core.read', 'identity.user.enterprise.read'];
const LOGIN = 'ada@example.test';

describe('Travel Profile v1', () => {
  const seeded = () => {
    const bench = new Bench();
    bench.admin.seedProfile({
      companyUuid: 'company-one',
      loginId: LOGIN,
      xmlProfileSyncId: 'S-1',
      sections: {
        general: { firstName: 'Ada', costCenter: 'C-1', eReceiptOptIn: true },
        telephones: [{ type: 'Cell', phoneNumber: '5550101', primaryMobile: true, contactOptIn: true }],
        addresses: [{ type: 'Home', street: '1 Main St\nFloor 2', city: 'Town', postalCode: '00000' }],
        hotel: { roomType: 'King', hotelSmokingCode: 'NonSmoking', preferPool: true },
        tsaInfo: { preCheckNumber: 'K-1', gender: 'Female' },
        customFields: [{ name: 'Fund', value: 'Training' }],
        passports: [{ passportNumber: 'FAKEPASS1' }],
      },
      onlyInVersion1: [
        { path: 'Air/Seat', name: 'InterRowPositionCode', value: 'Isolated' },
        { path: 'Addresses', name: 'Address', value: '<Line1>2 Bill St</Line1>' },
        { path: 'Addresses/Address', name: '@Type', value: 'Billing' },
      ],
    });
    return bench;
  };

  it.each([`userid_type=login&userid_value=${LOGIN}`, 'userid_type=xmlsyncid&userid_value=S-1'])(
    'shows the stored profile in the form of v1 (%s)',
    async (query) => {
      const { status, body } = await seeded().call('GET', `${PATH}?${query}`);
      expect(status).toBe(200);
      for (const part of [
        '<Telephone Type="Primary Mobile Phone">',
        '<ContactOptIn>True</ContactOptIn>',
        '<Line1>1 Main St</Line1><Line2>Floor 2</Line2><Line3/>',
        '<ZipCode>00000</ZipCode>',
        '<SmokingCode>N</SmokingCode>',
        '<RoomType>K</RoomType>',
        '<preferPool>True</preferPool>',
        '<DHSKnownTravelerNumber>K-1</DHSKnownTravelerNumber>',
        '<CustomField><Name>Fund</Name><Value>Training</Value></CustomField>',
        '<InterRowPositionCode>Isolated</InterRowPositionCode>',
        '<Address Type="Billing"><Line1>2 Bill St</Line1></Address>',
      ]) {
        expect(body).toContain(part);
      }
      expect(body).not.toMatch(/LoginId|UUID|CostCenter|Passport|TSAInfo|PostalCode|Street/);
    },
  );

  it('lists without a status, whatever else is asked', async () => {
    const bench = seeded();
    const list = await bench.call('GET', `${PATH}?LastModifiedDate=1900-01-01T12:00:00&travelConfigs=other`);
    expect(logins(list)).toEqual([LOGIN]);
    expect(list.body).not.toContain('<Status>');
    expect((await bench.read(LOGIN)).body).not.toContain('Isolated');
  });

  it('refuses a POST, a look by UUID and a stranger', async () => {
    const bench = seeded();
    expect((await bench.call('POST', PATH, { body: '<ProfileResponse/>' })).status).toBe(405);
    expect((await bench.call('GET', `${PATH}?userid_type=uuid&userid_value=1`)).status).toBe(400);
    expect((await bench.call('GET', `${PATH}?userid_type=login&userid_value=eve`)).status).toBe(400);
    expectViolations(bench.admin, ['write-to-v1', 'bad-query']);
  });

  it('takes the scheme OAuth on v1 only, and may take nothing else there', async () => {
    const bench = seeded();
    const { accessToken } = await bench.grant();
    const headers = { Authorization: `OAuth ${accessToken}` };
    const query = `?userid_type=login&userid_value=${LOGIN}`;
    expect((await bench.call('GET', PATH + query, { headers })).status).toBe(200);
    expect((await bench.call('GET', `/api/travelprofile/v2.0/profile${query}`, { headers })).status).toBe(
      401,
    );
    bench.admin.setBehaviour({ version1Scheme: 'OAuth' });
    expect((await bench.call('GET', PATH + query)).status).toBe(401);
    expect((await bench.call('GET', PATH + query, { headers })).status).toBe(200);
  });
});

describe('Users', () => {
  const seeded = (scopes: readonly string[] = [...ALL_SCOPES, ...IDENTITY], legacyUsers?: 'on') => {
    const bench = new Bench({
      scopes: [...scopes],
      ...(legacyUsers === undefined ? {} : { behaviour: { legacyUsers } }),
    });
    for (const [loginId, number] of [
      [LOGIN, 'E-1'],
      ['bob@example.test', 'E-2'],
    ] as const) {
      bench.admin.seedProfile({
        companyUuid: 'company-one',
        loginId,
        externalId: `X-${number}`,
        sections: {
          general: { companyEmployeeId: number },
          emailAddresses: [{ type: 'Business', value: loginId }],
        },
      });
    }
    bench.admin.putCompany({ companyUuid: 'company-two' });
    bench.admin.seedProfile({ companyUuid: 'company-two', loginId: 'eve@example.test' });
    return bench;
  };
  const identity = (bench: Bench, filter: string) =>
    bench.call('GET', `/profile/identity/v4/Users?filter=${encodeURIComponent(filter)}`);

  it.each([`userName eq "${LOGIN.toUpperCase()}"`, 'employeeNumber eq "E-1"', 'externalId eq "X-E-1"'])(
    'Identity v4 finds %s',
    async (filter) => {
      const answer = json(await identity(seeded(), filter));
      expect(answer).toMatchObject({ totalResults: 1, Resources: [{ userName: LOGIN }] });
    },
  );

  it.each(['userName eq "eve@example.test"', 'userName eq "a\\" or userName eq \\"b"'])(
    'Identity v4 finds nobody by %s',
    async (filter) => {
      expect(json(await identity(seeded(), filter))).toMatchObject({ totalResults: 0 });
    },
  );

  it.each(['userName co "a"', 'userName eq "a" or userName eq "b"', 'title eq "x"', ''])(
    'Identity v4 refuses the filter %s',
    async (filter) => {
      expect((await identity(seeded(), filter)).status).toBe(400);
    },
  );

  it('Identity v4 wants its scopes', async () => {
    expect((await identity(seeded(ALL_SCOPES), `userName eq "${LOGIN}"`)).status).toBe(403);
    const coreOnly = seeded([...ALL_SCOPES, 'identity.user.core.read']);
    expect((await identity(coreOnly, 'employeeNumber eq "E-1"')).status).toBe(403);
  });

  it.each(['/api/v3.0/common/users?user=x', '/users?offset=0&limit=100&isactive=true'])(
    '%s is switched off, unless the sandbox is told otherwise, and wants its scope',
    async (path) => {
      expect((await seeded().call('GET', path)).status).toBe(404);
      const without = seeded(
        ALL_SCOPES.filter((scope) => scope !== 'USER'),
        'on',
      );
      expect((await without.call('GET', path)).status).toBe(403);
      expect((await seeded(ALL_SCOPES, 'on').call('GET', path)).status).toBe(200);
    },
  );

  it('the older services find by login and e-mail, and list in pages', async () => {
    const bench = seeded(ALL_SCOPES, 'on');
    const v3 = (query: string) => bench.call('GET', `/api/v3.0/common/users?${query}`);
    expect(json(await v3(`user=${LOGIN}&active=true`))).toMatchObject({ Items: [{ LoginID: LOGIN }] });
    expect(json(await v3(`primaryEmail=${LOGIN}`))).toMatchObject({ Items: [{ EmployeeID: 'E-1' }] });
    expect(json(await v3(`user=${LOGIN}&active=false`))).toMatchObject({ Items: [] });
    const second = json(await bench.call('GET', '/users?offset=1&limit=1&isactive=true'));
    expect(second).toMatchObject({ total: 2, offset: 1, limit: 1, Items: [{ EmployeeID: 'E-2' }] });
  });
});
