import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';

const ROOT = join(__dirname, '../../..');
const TOOL = join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');

const configSchema = z.object({
  forbidden: z.array(z.object({ name: z.string(), comment: z.string(), severity: z.string() })),
});

/** Rule → a file, and what must not stand in it. */
const FORBIDDEN: Readonly<Record<string, readonly [file: string, source: string]>> = {
  'profile-imports': ['profile/a.ts', "import { type T } from '../config/index';\nexport type A = T;"],
  'config-imports': ['config/a.ts', "export { value } from '../hub/index';"],
  'concur-imports': ['concur/a.ts', "import { type T } from '../hub/types';\nexport type A = T;"],
  'gds-imports': ['gds/a.ts', "export { value } from '../hub/index';"],
  'hub-imports': ['hub/a.ts', "import { type T } from '../sync/engine/pull';\nexport type A = T;"],
  'sync-imports': ['sync/engine/a.ts', "import { type T } from '../../api/index';\nexport type A = T;"],
  'sync-types': ['sync/engine/b.ts', "export { value } from '../../hub/index';"],
  'workflows-imports': ['workflows/a.ts', "export { value } from '../sync/engine/pull';"],
  'workflows-types': ['workflows/b.ts', "export { value } from '../activities/index';"],
  'activities-imports': ['activities/a.ts', "export { value } from '../workflows/poll';"],
  'activities-types': ['activities/b.ts', "export { value } from '../client/connect';"],
  'client-imports': ['client/a.ts', "import { type T } from '../activities/index';\nexport type A = T;"],
  'client-types': ['client/b.ts', "export { value } from '../hub/types';"],
  'api-imports': ['api/a.ts', "export { value } from '../concur/index';"],
  'api-types': ['api/b.ts', "export { value } from '../sync/engine/pull';"],
  'sandbox-imports': ['sandbox/a.ts', "export { value } from '../concur/index';"],
  'workers-imports': ['workers/a.ts', "export { value } from '../cli/index';"],
  'cli-imports': ['cli/a.ts', "export { value } from '../test/builders';"],
  'model-is-pure': ['sync/model/a.ts', "export { readFileSync } from 'node:fs';"],
  'workflows-use-the-sdk-only': ['workflows/c.ts', "export { z } from 'zod';"],
  'temporal-stays-outside': ['sync/engine/c.ts', "export { Client } from '@temporalio/client';"],
  'xml-in-one-place': ['api/c.ts', "export { XMLParser } from 'fast-xml-parser';"],
  'sql-in-one-place': ['api/d.ts', "export { Kysely } from 'kysely';"],
  'declared-packages': ['cli/b.ts', "export { default } from 'fast-check';"],
  'no-cycles': ['hub/c.ts', "export { d } from './d';\nexport const c = 1;"],
  'no-type-cycles': ['hub/e.ts', "import { type F } from './f';\nexport type E = F;"],
  resolvable: ['hub/g.ts', "export { nobody } from './nobody';"],
};

/** What the forbidden imports point at. */
const TARGETS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    [
      'activities/index',
      'api/index',
      'cli/index',
      'client/connect',
      'concur/index',
      'config/index',
      'hub/index',
      'hub/types',
      'sync/engine/pull',
      'test/builders',
      'workflows/poll',
    ].map((file) => [`${file}.ts`, 'export const value = 1;\nexport type T = number;\n']),
  ),
  'hub/d.ts': "export { c } from './c';\nexport const d = 1;\n",
  'hub/f.ts': "import { type E } from './e';\nexport type F = E | 1;\n",
};

function cruise(folder: string) {
  const args = [TOOL, '--config', '.dependency-cruiser.cjs', '--output-type', 'err-long', '.'];
  const { stdout, status } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
  return { stdout, status };
}

const oneLine = (text: string): string => text.replace(/\s+/g, ' ').trim();

// Two runs of a tool that reads the whole tree; seconds, more where the machine is busy.
jest.setTimeout(180_000);

describe('the rooms and what they may import', () => {
  const { forbidden: rules } = configSchema.parse(jest.requireActual(join(ROOT, '.dependency-cruiser.cjs')));
  let folder: string;
  let words: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'concordance-layers-'));
    for (const name of ['.dependency-cruiser.cjs', 'tsconfig.json', 'package.json']) {
      copyFileSync(join(ROOT, name), join(folder, name));
    }
    symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'), 'dir');
    for (const [path, source] of [...Object.entries(TARGETS), ...Object.values(FORBIDDEN)]) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), source);
    }
    words = oneLine(cruise(folder).stdout);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('has an example of a violation for each rule', () => {
    expect(Object.keys(FORBIDDEN).sort()).toEqual(rules.map(({ name }) => name).sort());
  });

  it.each(rules)('$name refuses what it forbids, in its own words', ({ name, comment, severity }) => {
    const [file = ''] = FORBIDDEN[name] ?? [];
    expect(words).toContain(`${severity} ${name}: ${file} →`);
    expect(words).toContain(oneLine(comment));
  });

  it('is kept by the whole tree', () => {
    const { stdout, status } = cruise(ROOT);
    expect({ status, stdout: status === 0 ? '' : stdout }).toEqual({ status: 0, stdout: '' });
  });
});
