import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

const ROOT = join(__dirname, '../../..');
const NOT_OURS = new Set(['node_modules', 'dist', 'data', 'coverage', 'docs', '.git']);

const manifest = z
  .object({
    dependencies: z.record(z.string(), z.string()),
    devDependencies: z.record(z.string(), z.string()),
  })
  .parse(JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')));
const direct = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });

const [product = '', tools = ''] = readFileSync(join(ROOT, 'docs/dependencies.md'), 'utf8')
  .split(/^## /m)
  .slice(1);

/** Package → what for, from the lines of a table. */
function linesOf(chapter: string): Map<string, string> {
  const rows = chapter.matchAll(/^\| `([^`]+)` +\| +(.+?) +\| +(.+?) +\|$/gm);
  return new Map([...rows].map(([, name = '', purpose = '']) => [name, purpose]));
}

/** Run or read by other tools, or pinned for their sake: no source of ours imports them. */
const isNotImported = (purpose: string): boolean => /^(tool\b|pinned, not imported)/.test(purpose);

function sources(folder: string): string[] {
  return readdirSync(join(ROOT, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return NOT_OURS.has(entry.name) ? [] : sources(path);
    return /\.(ts|mjs|cjs)$/.test(entry.name) ? [path] : [];
  });
}

const imported = new Set(
  sources('.').flatMap((path) => {
    const text = readFileSync(join(ROOT, path), 'utf8');
    const specifiers = text.matchAll(
      /(?:\bfrom|\bimport|\brequire(?:\.resolve)?\(|\bimport\(|\bresolve\()\s*'([^'.][^']*)'/g,
    );
    return [...specifiers].map(([, specifier = '']) =>
      specifier
        .split('/')
        .slice(0, specifier.startsWith('@') ? 2 : 1)
        .join('/'),
    );
  }),
);

describe('docs/dependencies.md', () => {
  it('has a line for each package that the product needs, and no other', () => {
    expect([...linesOf(product).keys()].sort()).toEqual(Object.keys(manifest.dependencies).sort());
  });

  it('has a line for each development tool, and no other', () => {
    expect([...linesOf(tools).keys()].sort()).toEqual(Object.keys(manifest.devDependencies).sort());
  });

  it.each(direct)('%s is imported, or said not to be', (name) => {
    const purpose = linesOf(product).get(name) ?? linesOf(tools).get(name) ?? '';
    expect(purpose).not.toBe('');
    if (!isNotImported(purpose)) expect([...imported]).toContain(name);
  });
});

describe('package.json', () => {
  it('pins each version exactly', () => {
    const versions = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies });
    const loose = versions.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version));
    expect(loose).toEqual([]);
  });
});
