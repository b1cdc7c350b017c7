import { checkCreate, checkLogin } from '../../../sync/model/checks';

describe('A login taken from an e-mail address', () => {
  it.each(['ada@example.test', '  ada@example.test  ', 'abc', 'ä-b_c.d@example.test'])(
    '%p is taken',
    (login) => {
      expect(checkLogin(login)).toBeUndefined();
    },
  );

  it.each(['ada+travel@example.test', 'a&b@example.test', "o'neil@example.test", 'a/b@example.test'])(
    '%p holds what no userName may hold',
    (login) => {
      expect(checkLogin(login)).toMatchObject({ code: 'W001', field: 'LoginId' });
      expect(checkCreate(login, { firstName: 'A', lastName: 'B' })).toMatchObject({ code: 'W001' });
    },
  );

  it.each(['', '  ', ' ab ', '\tab\n', '👩👩'])('%p is too short without the space around it', (login) => {
    expect(checkLogin(login)).toMatchObject({ code: 'E002', field: 'LoginId' });
  });

  it('holds no character that XML cannot carry', () => {
    expect(checkLogin('a\u0007da@example.test')).toMatchObject({ code: 'W001' });
  });

  it('makes no profile of a name of blanks', () => {
    expect(checkCreate('ada@example.test', { firstName: '\u00a0', lastName: 'B' })).toMatchObject({
      code: 'E002',
      field: 'General/FirstName',
    });
  });

  it('is too long with more than 128 characters', () => {
    expect(checkLogin('x'.repeat(129))).toMatchObject({ code: 'W002' });
  });
});
