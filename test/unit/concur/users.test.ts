import { createConcurUsers, scimFilter, type UserQuery } from '../../../concur';
import { encodeProfileRead } from '../../../concur/xml';
import { HOME } from '../../support/concur/tokens';
import { aConcurWorld, aTokenAnswer, GOOD_TOKEN, type Reply } from '../../support/concur/world';

const LOGIN = 'ada@example.test';
const ENTERPRISE = 'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User';
const byLogin: UserQuery = { by: 'userName', value: LOGIN };

const scim = (...users: readonly object[]): Reply => ({ body: JSON.stringify({ Resources: users }) });
const v3 = (...items: readonly object[]): Reply => ({ body: JSON.stringify({ Items: items }) });
const adaInProfile: Reply = {
  body: encodeProfileRead({
    loginId: LOGIN,
    status: 'active',
    sections: { general: { uuid: 'uuid-1', companyEmployeeId: 'E-1' } },
    unknown: [],
  }),
};
const nobody: Reply = { status: 400, body: '<Error><Message>Invalid User: x</Message></Error>' };

interface Services {
  readonly identity?: Reply;
  readonly v3?: Reply;
  readonly profile?: Reply;
  readonly scopes?: readonly string[];
}

function services(answers: Services = {}) {
  const world = aConcurWorld({ stored: GOOD_TOKEN });
  world.at(HOME, ({ path }) => {
    if (path.startsWith('/oauth2')) return aTokenAnswer(2);
    if (path.startsWith('/profile/identity/')) return answers.identity ?? { status: 403 };
    if (path.startsWith('/api/v3.0/')) return answers.v3 ?? { status: 404 };
    return answers.profile ?? nobody;
  });
  const { connection, send, profiles } = world;
  const scopes = () => Promise.resolve(answers.scopes ?? []);
  const users = createConcurUsers({ connection, send, profiles, scopes });
  const paths = () => world.seen.map(({ path }) => path).filter((path) => !path.startsWith('/oauth2'));
  return { world, users, paths };
}

const outcomes = (lookup: {
  readonly steps: readonly { readonly source: string; readonly outcome: string }[];
}) => lookup.steps.map(({ source, outcome }) => `${source} ${outcome}`);

describe('Looking a user up', () => {
  it('takes the answer of Identity v4 and asks nobody else', async () => {
    const ada = { id: 'uuid-1', userName: 'ADA@example.test', active: false, externalId: 'X-1' };
    const { users, paths } = services({
      identity: scim({ ...ada, [ENTERPRISE]: { employeeNumber: 'E-1' } }),
    });
    const lookup = await users.findUser(byLogin);
    expect(lookup).toMatchObject({
      answeredBy: 'identity-v4',
      user: {
        userName: 'ADA@example.test',
        uuid: 'uuid-1',
        active: false,
        externalId: 'X-1',
        employeeNumber: 'E-1',
      },
    });
    expect(outcomes(lookup)).toEqual(['identity-v4 found']);
    expect(paths()).toHaveLength(1);
  });

  it('goes on to v3.0 where the scope is missing, and takes no id of it for a UUID', async () => {
    const { users } = services({ v3: v3({ LoginID: LOGIN, Active: true, EmployeeID: 'E-1', ID: 'gWu1' }) });
    const lookup = await users.findUser(byLogin);
    expect(lookup).toMatchObject({ answeredBy: 'users-v3' });
    expect(lookup.user).toEqual({ userName: LOGIN, active: true, employeeNumber: 'E-1' });
    expect(outcomes(lookup)).toEqual(['identity-v4 scope-missing', 'users-v3 found']);
  });

  it('goes on to the profile where v3.0 is switched off, and says why', async () => {
    const { users } = services({ identity: scim(), profile: adaInProfile });
    const lookup = await users.findUser(byLogin);
    expect(lookup).toMatchObject({ answeredBy: 'profile' });
    expect(lookup.user).toEqual({
      userName: LOGIN,
      uuid: 'uuid-1',
      employeeNumber: 'E-1',
      active: true,
    });
    expect(outcomes(lookup)).toEqual(['identity-v4 not-found', 'users-v3 switched-off', 'profile found']);
  });

  it('names nobody where nobody is, with what each service said', async () => {
    const lookup = await services().users.findUser(byLogin);
    expect(lookup.user).toBeUndefined();
    expect(outcomes(lookup)).toEqual([
      'identity-v4 scope-missing',
      'users-v3 switched-off',
      'profile not-found',
    ]);
  });

  it('does not ask a service whose scope is known to be missing', async () => {
    const { users, paths } = services({ scopes: ['TRVPRF', 'USER'], profile: adaInProfile });
    const lookup = await users.findUser(byLogin);
    expect(outcomes(lookup)[0]).toBe('identity-v4 scope-missing');
    expect(paths().some((path) => path.startsWith('/profile/identity/'))).toBe(false);
  });

  it.each(['employeeNumber', 'externalId'] as const)('finds by %s in Identity v4 only', async (by) => {
    const ada = { userName: LOGIN, externalId: 'N-1', [ENTERPRISE]: { employeeNumber: 'N-1' } };
    const found = await services({ identity: scim(ada) }).users.findUser({ by, value: 'N-1' });
    expect(found).toMatchObject({ answeredBy: 'identity-v4', user: { userName: LOGIN } });
    const { users, paths } = services();
    expect(outcomes(await users.findUser({ by, value: 'N-1' }))).toEqual([
      'identity-v4 scope-missing',
      'users-v3 cannot-tell',
      'profile cannot-tell',
    ]);
    expect(paths().every((path) => path.startsWith('/profile/identity/'))).toBe(true);
  });

  it('takes nobody of several, and nobody who is not what was asked for', async () => {
    const other = { userName: 'eve@example.test' };
    const twice = services({
      identity: scim({ userName: LOGIN }, { userName: LOGIN }),
      v3: v3({ LoginID: 'eve' }),
    });
    expect(outcomes(await twice.users.findUser(byLogin))).toEqual([
      'identity-v4 ambiguous',
      'users-v3 not-found',
      'profile not-found',
    ]);
    const everybody = await services({ identity: scim(other, other) }).users.findUser(byLogin);
    expect(everybody.user).toBeUndefined();
  });

  it.each<[string, Reply]>([
    ['no JSON', { body: '<html>proxy</html>' }],
    ['another JSON', { body: '[1]' }],
    ['400', { status: 400, body: '{}' }],
    ['401', { status: 401 }],
  ])('passes over %s', async (_what, identity) => {
    const lookup = await services({ identity, profile: adaInProfile }).users.findUser(byLogin);
    expect(outcomes(lookup)[0]).toBe('identity-v4 refused');
    expect(lookup.answeredBy).toBe('profile');
  });

  it('does not say "nobody" while a service is out of order, but takes another one’s answer', async () => {
    const down: Reply = { status: 503 };
    await expect(services({ identity: down }).users.findUser(byLogin)).rejects.toMatchObject({
      code: 'users-unavailable',
      failureClass: 'retry',
    });
    const lookup = await services({ identity: down, profile: adaInProfile }).users.findUser(byLogin);
    expect(outcomes(lookup)[0]).toBe('identity-v4 unavailable');
    expect(lookup.answeredBy).toBe('profile');
  });

  it.each([
    ['a" or userName pr or userName eq "b', 'userName eq "a\\" or userName pr or userName eq \\"b"'],
    ['back\\slash"', 'userName eq "back\\\\slash\\""'],
    ["o'neil&x=1#?", 'userName eq "o\'neil&x=1#?"'],
  ])('a value cannot end the filter it stands in: %s', async (value, filter) => {
    expect(scimFilter('userName', value)).toBe(filter);
    const { users, world, paths } = services();
    await users.findUser({ by: 'userName', value });
    const url = new URL(`https://concur.invalid${paths()[0] ?? ''}`);
    expect(url.searchParams.get('filter')).toBe(filter);
    expect([...url.searchParams.keys()]).toEqual(['filter', 'count']);
    // Whom the call was about stands where the journal seals it, and nowhere else.
    const open = world.journal.map(({ user: _user, evidence: _evidence, ...rest }) => rest);
    expect(JSON.stringify(open)).not.toContain(value.slice(0, 5));
  });

  it.each(['', '  ', 'a\u0000b', 'line\nbreak', 'lone \ud800', 'x'.repeat(256)])(
    'refuses a value that nobody can have (%#)',
    async (value) => {
      const { users, world } = services();
      await expect(users.findUser({ by: 'userName', value })).rejects.toThrow(RangeError);
      expect(world.seen).toEqual([]);
    },
  );
});
