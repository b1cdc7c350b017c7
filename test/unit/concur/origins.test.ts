import { createOriginGate } from '../../../concur/origins';

describe('The gate that every request passes', () => {
  it.each([
    ['https://us2.api.concursolutions.com', 'https://us2.api.concursolutions.com'],
    ['https://us2.api.concursolutions.com/oauth2/v0/token', 'https://us2.api.concursolutions.com'],
    ['https://EU2.api.ConcurSolutions.com:443/', 'https://eu2.api.concursolutions.com'],
    ['https://www.concursolutions.com', 'https://www.concursolutions.com'],
  ])('lets %s through', (address, origin) => {
    expect(createOriginGate([]).check(address)).toBe(origin);
  });

  it.each([
    'http://us2.api.concursolutions.com',
    'https://us2.api.concursolutions.com:8443',
    'https://us2.api.concursolutions.com.',
    'https://us2.api.concursolutions.com.evil.test',
    'https://evilconcursolutions.com',
    'https://evil-concursolutions.com',
    'https://concursolutions.com.evil.test',
    'https://concursolutions.com',
    'https://user@us2.api.concursolutions.com',
    'https://us2.api.concursolutions.com:pw@evil.test',
    'https://us2.api.concursolutions.com@evil.test',
    'https://evil.test/.concursolutions.com',
    'https://evil.test?.concursolutions.com',
    'https://evil.test#.concursolutions.com',
    'https://evil.test\\.concursolutions.com',
    'https://evil.test%2F.concursolutions.com',
    'https:us2.api.concursolutions.com',
    '//us2.api.concursolutions.com',
    'javascript:alert(1)//.concursolutions.com',
    'ftp://us2.api.concursolutions.com',
    'https://127.0.0.1',
    'https://[::1]',
    'https://us2.api.concursolutıons.com',
    ' https://us2.api.concursolutions.com',
    'https://us2.api.concursolutions.com\n.evil.test',
    'us2.api.concursolutions.com',
    '',
  ])('stops %j', (address) => {
    const gate = createOriginGate([]);
    expect(gate.allows(address)).toBe(false);
    expect(() => gate.check(address)).toThrow(/nothing was sent/);
  });

  it('lets exactly the configured origins through as well', () => {
    const gate = createOriginGate(['http://127.0.0.1:4010', 'https://proxy.example.com']);
    expect(gate.check('http://127.0.0.1:4010/oauth2/v0/token')).toBe('http://127.0.0.1:4010');
    expect(gate.allows('https://proxy.example.com/x')).toBe(true);
    for (const address of [
      'http://127.0.0.1:4011',
      'http://proxy.example.com',
      'https://proxy.example.com:8443',
      'https://sub.proxy.example.com',
      'http://user@127.0.0.1:4010',
    ]) {
      expect(gate.allows(address)).toBe(false);
    }
  });

  it.each([
    'http://proxy.example.com',
    'https://proxy.example.com/path',
    'https://a@proxy.example.com',
    'proxy',
  ])('refuses %s as a setting', (origin) => {
    expect(() => createOriginGate([origin])).toThrow(/CONCUR_ALLOWED_ORIGINS/);
  });
});
