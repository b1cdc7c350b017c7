import { generateKeyPairSync } from 'node:crypto';
import fc from 'fast-check';
import { createApi } from '../../../api';
import { readPushKeys } from '../../../api/push/keys';
import { requireSignature } from '../../../api/push/signature';
import { isProblem } from '../../../api/problem';
import {
  anEvent,
  aSigner,
  keysFile,
  keysOf,
  KINDS,
  push,
  SECRET,
  signatureOf,
  type Signer,
} from './push-support';
import { aBench, type Bench, problem, reversingCodec, SETTINGS, START } from './support';

const NOW = START.getTime() / 1000;
const KEY_ID = 'concur-1';

/** `accepted`, or the code of the refusal. */
function verdict(
  signer: Signer,
  header: string | undefined,
  body: Uint8Array | string,
  now: Date = START,
): string {
  const file = keysFile(keysOf(signer));
  try {
    requireSignature(header, Buffer.from(body), { keys: readPushKeys(file.path), now });
    return 'accepted';
  } catch (error) {
    if (!isProblem(error)) throw error;
    return error.code;
  } finally {
    file.remove();
  }
}

describe.each(KINDS)('a signature by a key of the kind %s', (kind) => {
  const signer = aSigner(KEY_ID, kind);
  const stranger = aSigner(KEY_ID, kind);

  it('fits the body and the time it was made for', () => {
    fc.assert(
      fc.property(fc.string(), fc.integer({ min: -300, max: 300 }), (body, shift) => {
        expect(verdict(signer, signatureOf(signer, body, NOW + shift), body)).toBe('accepted');
      }),
      { numRuns: 20 },
    );
  });

  it('does not fit another body', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1, maxLength: 60 }),
        fc.nat(),
        fc.integer({ min: 1, max: 255 }),
        (bytes, at, flip) => {
          const text = Buffer.from(bytes).toString('latin1');
          const body = Buffer.from(text, 'utf8');
          const header = signatureOf(signer, text, NOW);
          const place = at % body.length;
          const changed = body.map((byte, index) => (index === place ? byte ^ flip : byte));
          expect(verdict(signer, header, changed)).toBe('push-signature-invalid');
          expect(verdict(signer, header, body.subarray(0, -1))).toBe('push-signature-invalid');
          expect(verdict(signer, header, Buffer.concat([body, body]))).toBe('push-signature-invalid');
        },
      ),
      { numRuns: 20 },
    );
  });

  it('is refused with any character of the header changed, left out or doubled', () => {
    const body = anEvent('signed');
    const header = signatureOf(signer, body, NOW);
    fc.assert(
      fc.property(fc.nat({ max: header.length - 1 }), fc.constantFrom(...'A0=,+/ zt.'), (at, other) => {
        const parts = [header.slice(0, at), header.slice(at + 1)] as const;
        const mutants = [parts.join(other), parts.join(''), parts.join(`${header[at] ?? ''}${other}`)];
        for (const mutant of mutants) {
          if (mutant !== header) expect(verdict(signer, mutant, body)).toBe('push-signature-invalid');
        }
      }),
      { numRuns: 150 },
    );
  });

  it('is refused by another key, and for another time or key id than it was made for', () => {
    const header = signatureOf(stranger, 'body', NOW);
    expect(verdict(signer, header, 'body')).toBe('push-signature-invalid');
    const own = signatureOf(signer, 'body', NOW);
    expect(verdict(signer, own.replace(`t=${NOW}`, `t=${NOW + 1}`), 'body')).toBe('push-signature-invalid');
    expect(verdict(signer, own.replace(KEY_ID, 'concur-2'), 'body')).toBe('push-signature-invalid');
    expect(verdict(signer, signatureOf(signer, 'body', NOW, 'unknown'), 'body')).toBe(
      'push-signature-invalid',
    );
  });

  it.each([301, -301, 86_400, -86_400])('is refused %d seconds away from our clock', (shift) => {
    const header = signatureOf(signer, 'body', NOW + shift);
    expect(verdict(signer, header, 'body')).toBe('push-signature-expired');
  });
});

describe('a message', () => {
  const signer = aSigner(KEY_ID);

  it.each([
    ['an empty header', ''],
    ['only a signature', 'v1=AAAA'],
    ['an algorithm of its own', `t=${NOW},kid=${KEY_ID},alg=none,v1=`],
    ['two headers in one', `${signatureOf(signer, 'body', NOW)}, ${signatureOf(signer, 'body', NOW)}`],
    ['other names for the parts', signatureOf(signer, 'body', NOW).replace('kid=', 'keyId=')],
    ['milliseconds', signatureOf(signer, 'body', NOW * 1000)],
  ])('is refused with %s', (_words, header) => {
    expect(verdict(signer, header, 'body')).toBe('push-signature-invalid');
  });

  it('is refused without a signature', () => {
    expect(verdict(signer, undefined, 'body')).toBe('push-signature-missing');
  });
});

describe('CONCUR_PUSH_KEYS_FILE', () => {
  const [rsa, ec] = [
    generateKeyPairSync('rsa', { modulusLength: 1024 }),
    generateKeyPairSync('ec', { namedCurve: 'secp256k1' }),
  ];
  const pem = (key: typeof rsa.publicKey): string => key.export({ type: 'spki', format: 'pem' }).toString();
  const privatePem = generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' });

  it.each<[string, string, RegExp]>([
    ['no JSON', '{', /must be a JSON object/],
    ['no keys', '{}', /must be a JSON object/],
    ['a list', '[]', /must be a JSON object/],
    ['a key id that no header can hold', JSON.stringify({ 'a,b': aSigner('x').publicPem }), /must be a JSON/],
    ['a private key', JSON.stringify({ k: privatePem }), /must be a JSON object/],
    ['something that is no key', JSON.stringify({ k: '-----BEGIN PUBLIC KEY-----\nAAAA\n' }), /key k cannot/],
    ['a short RSA key', JSON.stringify({ k: pem(rsa.publicKey) }), /kind that is not taken/],
    ['another curve', JSON.stringify({ k: pem(ec.publicKey) }), /kind that is not taken/],
  ])('is refused with %s', (_words, content, words) => {
    const file = keysFile(content);
    expect(() => readPushKeys(file.path)).toThrow(words);
    expect(() => readPushKeys(file.path)).toThrow(/^CONCUR_PUSH_KEYS_FILE: /);
    file.remove();
  });
});

describe('where keys are set up', () => {
  const signer = aSigner(KEY_ID);
  const file = keysFile(keysOf(signer, aSigner('concur-2', 'ec')));
  const body = anEvent('signed');
  const signed = { 'concur-signature': signatureOf(signer, body, NOW) };
  let keysOnly: Bench;
  let both: Bench;
  beforeAll(async () => {
    const settings = { ...SETTINGS, CONCUR_PUSH_KEYS_FILE: file.path };
    keysOnly = await aBench({ settings });
    both = await aBench({ settings: { ...settings, CONCUR_PUSH_SECRET: SECRET } });
  });
  afterAll(async () => {
    await keysOnly.close();
    await both.close();
    file.remove();
  });

  const verdictOf = async (bench: Bench, headers: Record<string, string>, text = body): Promise<string> => {
    const answer = await push(bench, { headers, body: text });
    return answer.statusCode === 202 ? '202' : `${answer.statusCode} ${String(problem(answer).code)}`;
  };

  it('a signature is enough, and nothing else is', async () => {
    expect(await verdictOf(keysOnly, signed)).toBe('202');
    expect(await verdictOf(keysOnly, {})).toBe('401 push-signature-missing');
    expect(await verdictOf(keysOnly, { 'x-ssl-client-verify': 'SUCCESS' })).toBe(
      '401 push-signature-missing',
    );
    expect(await verdictOf(keysOnly, signed, anEvent('forged'))).toBe('401 push-signature-invalid');
  });

  it('and a secret too, both are needed', async () => {
    const secret = { 'x-concordance-push-secret': SECRET };
    expect(await verdictOf(both, { ...signed, ...secret })).toBe('202');
    expect(await verdictOf(both, signed)).toBe('401 push-not-authenticated');
    expect(await verdictOf(both, secret)).toBe('401 push-signature-missing');
  });

  it('a file that cannot be read ends the start', async () => {
    const { store, engine, clock } = keysOnly;
    const settings = { ...SETTINGS, CONCUR_PUSH_KEYS_FILE: '/nowhere/keys.json' };
    const ids = { next: () => 'id' };
    const start = createApi({ settings, store, engine, clock, ids, codec: reversingCodec, log: 'silent' });
    await expect(start).rejects.toMatchObject({ code: 'push-keys-unusable' });
  });

  it('nothing is parsed before the signature fits', async () => {
    expect(await verdictOf(keysOnly, signed, '{"id":')).toBe('401 push-signature-invalid');
    expect(await verdictOf(keysOnly, {}, '')).toBe('401 push-signature-missing');
  });
});
