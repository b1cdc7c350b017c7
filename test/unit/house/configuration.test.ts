import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { settingsSchema } from '../../../config';

const ROOT = join(__dirname, '../../..');
const page = readFileSync(join(ROOT, 'docs/configuration.md'), 'utf8');

describe('docs/configuration.md', () => {
  it('is what the schema of the settings says', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/config-docs.mjs', '--check'], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });

  it('has one line for each setting', () => {
    const lines = [...page.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
    expect(lines.sort()).toEqual(Object.keys(settingsSchema.shape).sort());
  });
});
