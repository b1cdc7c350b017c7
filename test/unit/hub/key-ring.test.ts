import { randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  isEncryptionKeysInvalid,
  isKeyMissing,
  loadOrCreateKeys,
  openKeyRing,
  parseKeyRing,
  rotateKeyFile,
} from '../../../hub';
import { testKeys } from '../../support/hub/stores';

describe('the key ring', () => {
  test('seals with its first key and still knows the others', () => {
    const ring = parseKeyRing(testKeys('new', 'old'));
    expect([ring.activeId, ring.ids]).toEqual(['new', ['new', 'old']]);
    expect(ring.key('old', 'p')).toHaveLength(32);
    expect(ring.key('old', 'p')).not.toEqual(ring.key('new', 'p'));
  });

  test('gives every purpose a key of its own, the same each time', () => {
    const text = testKeys('k');
    const [one, again] = [parseKeyRing(text), parseKeyRing(text)];
    expect(one.key('k', 'temporal-payloads')).toEqual(again.key('k', 'temporal-payloads'));
    expect(one.key('k', 'temporal-payloads')).not.toEqual(one.key('k', 'entity-data-keys'));
  });

  test.each([
    ['', 'holds no key'],
    ['k1', 'entry 1 must read id:base64'],
    [`${testKeys('k1')},k2:AAAA`, 'key k2 must be 32 bytes'],
    ['k1:@@@@', 'key k1 must be 32 bytes'],
    [`${testKeys('k1')},${testKeys('k1')}`, 'k1 stands there twice'],
    [`no good id:${randomBytes(32).toString('base64')}`, 'entry 1 must read id:base64'],
  ])('refuses %p in one line', (text, words) => {
    const parse = (): unknown => parseKeyRing(text);
    expect(parse).toThrow(words);
    expect(parse).toThrow(/^ENCRYPTION_KEYS: [^\n]+$/);
  });

  test('shows no key in its refusals', () => {
    const secret = randomBytes(32).toString('base64');
    for (const text of [secret, `${secret}x`, `k:${secret},k:${secret}`, `k:${secret.slice(4)}`]) {
      expect(messageOf(() => parseKeyRing(text))).not.toContain(secret.slice(4, 20));
    }
  });

  test('says which key is missing', () => {
    const ring = parseKeyRing(testKeys('k1'));
    expect(isKeyMissing(errorOf(() => ring.key('k0', 'p')))).toBe(true);
    expect(messageOf(() => ring.key('k0', 'p'))).toContain('k0');
  });
});

describe('the key file', () => {
  let folder = '';
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'concordance-keys-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('is made once, private, however many ask for it at once', async () => {
    const dataDir = join(folder, 'data');
    const texts = await Promise.all(Array.from({ length: 8 }, () => loadOrCreateKeys(dataDir)));
    expect(new Set(texts).size).toBe(1);
    expect(await readdir(dataDir)).toEqual(['encryption-keys']);
    expect((await stat(join(dataDir, 'encryption-keys'))).mode & 0o777).toBe(0o600);
    expect(await loadOrCreateKeys(dataDir)).toBe(texts[0]);
  });

  test('is not touched where keys are set', async () => {
    const ring = await openKeyRing({ DATA_DIR: folder, ENCRYPTION_KEYS: testKeys('set') });
    expect(ring.activeId).toBe('set');
    expect(await readdir(folder)).toEqual([]);
  });

  test('gets a new active key that a ring opened before finds when it meets it', async () => {
    const running = await openKeyRing({ DATA_DIR: folder });
    const old = running.key('k1', 'p');
    expect(await rotateKeyFile(folder)).toBe('k2');
    const fresh = await openKeyRing({ DATA_DIR: folder });
    expect([running.activeId, fresh.activeId, fresh.ids]).toEqual(['k1', 'k2', ['k2', 'k1']]);
    expect(running.key('k2', 'p')).toEqual(fresh.key('k2', 'p'));
    expect(running.key('k1', 'p')).toEqual(old);
    expect((await readFile(join(folder, 'encryption-keys'), 'utf8')).split(',')).toHaveLength(2);
  });

  test('that cannot be read is refused in words', async () => {
    const error = await loadOrCreateKeys('/dev/null').catch((reason: unknown) => reason);
    expect(isEncryptionKeysInvalid(error) && error.message).toContain('/dev/null');
  });
});

function errorOf(work: () => unknown): unknown {
  try {
    work();
  } catch (error) {
    return error;
  }
  throw new Error('Expected a refusal.');
}

function messageOf(work: () => unknown): string {
  const error = errorOf(work);
  return error instanceof Error ? error.message : '';
}
