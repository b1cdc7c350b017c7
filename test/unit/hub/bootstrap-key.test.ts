import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bootstrapKey, isBootstrapKeyUnusable } from '../../../hub';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'concordance-bootstrap-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const failure = (settings: Parameters<typeof bootstrapKey>[0]): Promise<unknown> =>
  bootstrapKey(settings).catch((error: unknown) => error);

it('is made once, readable by its owner only, also by several processes at once', async () => {
  const DATA_DIR = join(folder, 'data');
  const settings = { API_KEY: undefined, DATA_DIR };
  const keys = await Promise.all(Array.from({ length: 8 }, () => bootstrapKey(settings)));
  expect(new Set(keys).size).toBe(1);
  const path = join(DATA_DIR, 'api-key');
  expect(readFileSync(path, 'utf8').trim()).toBe(keys[0]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

it('is the one of the settings where they name one', async () => {
  expect(await bootstrapKey({ API_KEY: 'from-settings', DATA_DIR: '/dev/null' })).toBe('from-settings');
});

it('says which file is in the way', async () => {
  const error = await failure({ API_KEY: undefined, DATA_DIR: '/dev/null' });
  expect(isBootstrapKeyUnusable(error) && error.message).toMatch(/\/dev\/null\/api-key .* or set API_KEY\.$/);
  writeFileSync(join(folder, 'api-key'), '\n');
  expect(isBootstrapKeyUnusable(await failure({ API_KEY: undefined, DATA_DIR: folder }))).toBe(true);
});
