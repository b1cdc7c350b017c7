import * as fc from 'fast-check';
import { evidenceOf, MAX_BODY_CHARACTERS } from '../../../concur/evidence';
import { isSecretName, redact, REDACTED } from '../../../concur/redact';

const SECRET_FIELD = fc.constantFrom(
  'password',
  'Password',
  'client_secret',
  'access_token',
  'refresh_token',
  'id_token',
  'ApiKey',
  'AccountNo',
  'CardNumber',
);

/** Long enough not to be part of a word of ours; any characters, those that break codecs among them. */
const secretText = fc
  .oneof(
    fc.string({ minLength: 10, maxLength: 40 }),
    fc.string({ unit: 'grapheme', minLength: 10, maxLength: 40 }),
    fc.constantFrom(`a"b'c<d>e&f=g`, ']]>&amp;"secret"', '\\"escaped\\" secret', 'line\nbreak\tand tab'),
  )
  // eslint-disable-next-line no-control-regex -- XML cannot carry them
  .map((text) => text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, 'x').trim())
  .filter((text) => text.length >= 10 && !REDACTED.includes(text));

const xml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

const REST = { name: 'Erika', city: 'Köln' };

/** One way to write a secret under a name, with the spelling that must not be left. */
type Writing = (name: string, secret: string) => { readonly text: string; readonly spelling: string };

const WRITINGS: Readonly<Record<string, Writing>> = {
  form: (name, secret) => {
    const text = new URLSearchParams({ city: REST.city, [name]: secret, name: REST.name }).toString();
    return { text, spelling: new URLSearchParams({ v: secret }).toString().slice(2) };
  },
  json: (name, secret) => ({
    text: JSON.stringify({ ...REST, deep: [{ [name]: secret }] }),
    spelling: JSON.stringify(secret).slice(1, -1),
  }),
  'json under an object': (name, secret) => ({
    text: JSON.stringify({ ...REST, [name]: { one: [secret] } }),
    spelling: JSON.stringify(secret).slice(1, -1),
  }),
  element: (name, secret) => ({
    text: `<General><City>${REST.city}</City><${name} a="1">${xml(secret)}</${name}><Name>Erika</Name></General>`,
    spelling: xml(secret),
  }),
  'element of a namespace': (name, secret) => ({
    text: `<p:General><p:${name}>\n${xml(secret)}</p:${name}><City>Köln</City></p:General>`,
    spelling: xml(secret),
  }),
  'character data': (name, secret) => {
    const data = secret.replaceAll(']]>', ']] >');
    return { text: `<General><${name}><![CDATA[</${name}>${data}]]></${name}></General>`, spelling: data };
  },
  attribute: (name, secret) => ({
    text: `<General ${name}="${xml(secret)}" City="Köln"/>`,
    spelling: xml(secret),
  }),
};

describe('redaction', () => {
  it.each(Object.entries(WRITINGS))('hides any secret in: %s', (_name, write) => {
    fc.assert(
      fc.property(SECRET_FIELD, secretText, (name, secret) => {
        const { text, spelling } = write(name, secret);
        const shown = redact(text);
        expect(shown).toContain(REDACTED);
        expect(shown).not.toContain(spelling);
      }),
    );
  });

  it.each(Object.entries(WRITINGS))('hides it as well where the text was cut: %s', (_name, write) => {
    fc.assert(
      fc.property(SECRET_FIELD, secretText, fc.nat(200), (name, secret, less) => {
        const { text, spelling } = write(name, secret);
        const cut = text.slice(0, Math.max(0, text.length - less));
        const shown = redact(cut);
        expect(shown).not.toContain(spelling);
        // Half of it is too much as well.
        const half = spelling.slice(0, Math.ceil(spelling.length / 2));
        const kept = text.split(spelling).join('');
        if (!kept.includes(half)) expect(shown).not.toContain(half);
      }),
    );
  });

  it('hides any secret of the request wherever the answer quotes it', () => {
    fc.assert(
      fc.property(secretText, SECRET_FIELD, (secret, name) => {
        const request = {
          url: `https://us2.api.concursolutions.com/x?hint=${encodeURIComponent(secret)}`,
          headers: { 'content-type': 'application/x-www-form-urlencoded', authorization: `Bearer ${secret}` },
          body: new URLSearchParams({ [name]: secret }).toString(),
        };
        const body = `<Error><Message>${xml(secret)} is wrong, ${JSON.stringify(secret)}</Message></Error>`;
        const shown = evidenceOf(request, { headers: { 'x-echo': secret }, body });
        const texts = [
          shown.url,
          ...Object.values(shown.requestHeaders),
          ...Object.values(shown.responseHeaders ?? {}),
          shown.requestBody ?? '',
          shown.responseBody ?? '',
        ];
        for (const text of texts) {
          for (const spelling of [secret, xml(secret), encodeURIComponent(secret)]) {
            expect(text).not.toContain(spelling);
          }
        }
      }),
    );
  });

  it.each(['authorization', 'Cookie', 'set-cookie', 'X-Api-Key', 'proxy-authorization', 'x-auth-token'])(
    'hides the header %s',
    (name) => {
      const shown = evidenceOf(
        { url: 'https://x.test/', headers: { [name]: 'very secret value' } },
        undefined,
      );
      expect(shown.requestHeaders[name]).toBe(REDACTED);
    },
  );

  it.each([
    ['a bearer token in words', 'sent Bearer abc.def-123456 to you', 'sent Bearer [redacted] to you'],
    ['a JSON web token', 'got eyJhbGciOiJI.eyJzdWIiOiIx.c2ln!', 'got [redacted]!'],
    ['a pair in words', 'password: hunter-two, then', 'password: [redacted] then'],
    ['a doubled sign', 'token==abcdef', 'token=[redacted]'],
    [
      'a document in a value of JSON',
      '{"error":"<Password>abc</Password>"}',
      '{"error":"<Password>[redacted]</Password>"}',
    ],
    ['an escaped name', '{"pass\\u0077ord":"abc","x', '{"pass\\u0077ord":[redacted],"x'],
    ['an object that was cut', '{"credentials":{"a":"b"},"x', '{"credentials":[redacted]'],
  ])('hides %s', (_what, text, shown) => {
    expect(redact(text)).toBe(shown);
  });

  it('hides what could be the number of a card, and no correlation id', () => {
    const card = Array.from({ length: 16 }, (_digit, at) => (at + 4) % 10).join('');
    const grouped = card.replace(/(\d{4})(?=\d)/g, '$1 ');
    const id = '01234567-0123-4123-8123-012345678901';
    expect(redact(`<A>${card}</A> ${grouped} ${id} 104 2026-08-01`)).toBe(
      `<A>${REDACTED}</A> ${REDACTED} ${id} 104 2026-08-01`,
    );
    expect(redact(`{"number":${card}}`)).toBe(`{"number":"${REDACTED}"}`);
  });

  it('takes out every number of a document and the birth date, whatever the case of their names', () => {
    const names = ['PassportNumber', 'VISANUMBER', 'NationalIDNumber', 'DriversLicenseNumber', 'dateOfBirth'];
    for (const name of names) {
      expect(redact(`<${name}>FAKE-7731</${name}><City>Testville</City>`)).toBe(
        `<${name}>${REDACTED}</${name}><City>Testville</City>`,
      );
    }
  });

  it('leaves what support needs', () => {
    const body =
      '<ProfileResponse Action="Update" LoginId="ada@example.test"><General><FirstName>Ada</FirstName>' +
      '<HasNoPassport>true</HasNoPassport></General></ProfileResponse>';
    expect(redact(body)).toBe(body);
    expect(['token_type', 'LoginId', 'FirstName', 'concur-correlationid'].filter(isSecretName)).toEqual([]);
  });

  it('shows the last six characters of the client id and no more', () => {
    const clientId = 'aaaa-bbbb-cccc-123456';
    const shown = evidenceOf(
      {
        url: 'https://x.test/oauth2/v0/token',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ client_id: clientId, client_secret: 'not shown at all' }).toString(),
      },
      { headers: {}, body: JSON.stringify({ code: 61, error_description: `no client ${clientId}` }) },
    );
    const text = JSON.stringify(shown);
    expect(text).toContain('…123456');
    expect(text).not.toMatch(/-123456|not.shown/);
  });
});

describe('the size of what is kept', () => {
  const request = { url: 'https://x.test/', headers: {} };

  it('is bounded, and says so', () => {
    const body = `<a>${'text '.repeat(1_000_000)}</a>`;
    const { responseBody = '' } = evidenceOf(request, { headers: { long: 'x'.repeat(9_000) }, body });
    expect(responseBody.length).toBeLessThan(MAX_BODY_CHARACTERS + 100);
    expect(responseBody).toContain(`[cut: the body had ${body.length} characters]`);
  });

  it('halves no secret', () => {
    const secret = 'abcdefghijklmnopqrstuvwxyz'.repeat(20);
    const sent = { ...request, headers: { authorization: `Bearer ${secret}` } };
    for (const before of [MAX_BODY_CHARACTERS, 4 * MAX_BODY_CHARACTERS]) {
      for (const back of [1, 50, 300, 519]) {
        const body = `${'.'.repeat(before - back)}${secret}${'.'.repeat(9_000)}`;
        expect(evidenceOf(sent, { headers: {}, body }).responseBody).not.toContain('abcdefgh');
      }
    }
  });

  it('takes no long time for what is made to take long', () => {
    const hostile = [
      '<a '.repeat(30_000),
      '"a'.repeat(30_000),
      '['.repeat(60_000) + ']'.repeat(60_000),
      'x'.repeat(100_000),
      'token='.repeat(20_000),
      '<Token>x</Token>'.repeat(5_000),
      '1 '.repeat(50_000),
    ];
    const startedAt = performance.now();
    for (const body of hostile) evidenceOf(request, { headers: {}, body });
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});
