import fc from 'fast-check';
import { isKeyMissing, isSealBroken } from '../../../hub';
import { KnownSeals, openDocument, sealDocument } from '../../../hub/crypto/document';
import { EntityKey, newDataKey, rewrapDataKey, unwrapDataKey } from '../../../hub/crypto/entity-key';
import { parseKeyRing } from '../../../hub';
import { aProfile, SENSITIVE } from '../../support/builders';
import { testKeyRing, testKeys } from '../../support/hub/stores';

const key = new EntityKey('acme', 'e1', Buffer.alloc(32, 7));
const PLACE = ['travellers', 't1', 'sections'];

function errorOf(work: () => unknown): unknown {
  try {
    return work();
  } catch (error) {
    return error;
  }
}

describe('a sealed text', () => {
  test('opens to what was sealed, any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(key.open(PLACE, key.seal(PLACE, text))).toBe(text);
      }),
    );
  });

  test('is never the same twice', () => {
    expect(key.seal(PLACE, 'x')).not.toBe(key.seal(PLACE, 'x'));
  });

  test('names the key that sealed it', () => {
    expect(key.seal(PLACE, 'x')).toMatch(/^s1\.e1\./);
    const other = new EntityKey('acme', 'e2', Buffer.alloc(32, 7));
    expect(isKeyMissing(errorOf(() => other.open(PLACE, key.seal(PLACE, 'x'))))).toBe(true);
  });

  test('opens nowhere else: not for another entity, row, column or field', () => {
    const sealed = key.seal(PLACE, 'x');
    const otherEntity = new EntityKey('other', 'e1', Buffer.alloc(32, 7));
    const attempts = [
      () => key.open(['travellers', 't2', 'sections'], sealed),
      () => key.open([...PLACE, 'general'], sealed),
      () => key.open(['travellers', 't1"', '"sections'], sealed),
      () => otherEntity.open(PLACE, sealed),
    ];
    expect(attempts.map((attempt) => isSealBroken(errorOf(attempt)))).toEqual([true, true, true, true]);
  });

  test('does not open when a single character was altered', () => {
    const sealed = key.seal(PLACE, 'a value of some length');
    fc.assert(
      fc.property(fc.nat(sealed.length - 1), fc.constantFrom(...'ABCxyz019-_.'), (at, other) => {
        fc.pre(sealed[at] !== other);
        const altered = sealed.slice(0, at) + other + sealed.slice(at + 1);
        const error = errorOf(() => key.open(PLACE, altered));
        // The unused bits of base64's last character may differ without altering a byte.
        const sameBytes = decode(altered).equals(decode(sealed)) && altered.startsWith('s1.e1.');
        expect(sameBytes || isSealBroken(error) || isKeyMissing(error)).toBe(true);
      }),
    );
  });

  test.each(['', 'plain', 's1.e1.', 's1.e1.AAAA', 's2.e1.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'])(
    'is not %p',
    (text) => expect(isSealBroken(errorOf(() => key.open(PLACE, text)))).toBe(true),
  );
});

const decode = (sealed: string): Buffer => Buffer.from(sealed.split('.')[2] ?? '', 'base64url');

describe('a sealed document', () => {
  test('hides the sensitive leaves only and opens to the same', () => {
    const stored = sealDocument(key, PLACE, { ...aProfile() });
    const text = JSON.stringify(stored);
    for (const value of Object.values(SENSITIVE)) expect(text).not.toContain(value);
    expect(text).toContain('Müller-Łukasz');
    expect(openDocument(key, PLACE, stored)).toEqual({ ...aProfile() });
  });

  test('takes over nothing that the element table does not know', () => {
    const odd: object = {
      ...aProfile(),
      wallet: [{ number: '4111' }],
      cards: [{ vendor: 'Visa', securityCode: '4111', segments: [{ type: 'Air', pin: '4111' }] }],
      constructor: { x: 1 },
      general: { pin: 1 },
    };
    expect(JSON.stringify(sealDocument(key, PLACE, odd))).not.toContain('4111');
    expect(sealDocument(key, PLACE, odd)['cards']).toEqual([{ vendor: 'Visa', segments: [{ type: 'Air' }] }]);
    expect(Object.keys(sealDocument(key, PLACE, odd))).not.toContain('constructor');
    expect(sealDocument(key, PLACE, odd)).toMatchObject({ general: {} });
  });

  test('is sealed anew only where a value or its place changed', () => {
    const passports = (...numbers: string[]) => ({
      passports: numbers.map((passportNumber) => ({ passportNumber })),
    });
    const stored = sealDocument(key, PLACE, passports('FAKE1', 'FAKE2'));
    const known = new KnownSeals();
    openDocument(key, PLACE, stored, known);

    const again = sealDocument(key, PLACE, passports('FAKE3', 'FAKE1'), known);
    const leaf = (document: object, index: number): unknown =>
      [Reflect.get(document, 'passports')].flat()[index];
    expect(leaf(again, 1)).toEqual(leaf(stored, 0));
    expect(leaf(again, 0)).not.toEqual(leaf(stored, 1));
    expect(openDocument(key, PLACE, again)).toEqual(passports('FAKE3', 'FAKE1'));

    const elsewhere = [...PLACE.slice(0, -1), 'elsewhere'];
    const moved = sealDocument(key, elsewhere, passports('FAKE1'), known);
    expect(leaf(moved, 0)).not.toEqual(leaf(stored, 0));
    expect(openDocument(key, elsewhere, moved)).toEqual(passports('FAKE1'));
  });

  test('still opens when a value was stored before its field became sensitive', () => {
    expect(openDocument(key, PLACE, { passports: [{ passportNumber: 'FAKE1' }] })).toEqual({
      passports: [{ passportNumber: 'FAKE1' }],
    });
  });
});

describe('a data key', () => {
  test('is wrapped by the active key, read by any, and wrapped anew without change', () => {
    const [fresh, old] = [testKeys('new'), testKeys('old')];
    const wrapped = newDataKey(parseKeyRing(old), 'acme');
    const both = parseKeyRing(`${fresh},${old}`);
    const sealed = unwrapDataKey(both, 'acme', wrapped).seal(PLACE, 'x');
    const rewrapped = rewrapDataKey(both, 'acme', wrapped);
    expect(rewrapped).toMatchObject({ keyId: wrapped.keyId, ringKeyId: 'new' });
    expect(unwrapDataKey(parseKeyRing(fresh), 'acme', rewrapped).open(PLACE, sealed)).toBe('x');
    expect(isKeyMissing(errorOf(() => unwrapDataKey(testKeyRing('k'), 'acme', wrapped)))).toBe(true);
    expect(isSealBroken(errorOf(() => unwrapDataKey(both, 'other', wrapped)))).toBe(true);
  });
});
