import { type Command } from 'commander';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SEARCH_ATTRIBUTE_TYPES } from '../../../client';
import { type CliContext } from '../../../cli/context';
import { createProgram } from '../../../cli/program';
import { settingsSchema } from '../../../config';

const ROOT = join(__dirname, '../../..');
const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8');
const pagesIn = (folder: string): string[] =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join(folder, name));
const PAGES = [...pagesIn('.'), ...pagesIn('docs'), ...pagesIn('docs/decisions')];

/** What GitHub makes of a heading. */
function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replace(/ /g, '-');
}

function anchorsOf(page: string): Set<string> {
  return new Set([...read(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading)));
}

/** Links within the repository that lead nowhere. Pictures are made from a running system. */
function brokenLinks(page: string): string[] {
  const links = [...read(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);
  return links.filter((target) => {
    if (/^(https?:|mailto:)/.test(target) || target.endsWith('.png')) return false;
    const [path = '', anchor] = target.split('#');
    const file = path === '' ? page : join(dirname(page), path);
    return !existsSync(join(ROOT, file)) || (anchor !== undefined && !anchorsOf(file).has(anchor));
  });
}

function commandsOf(command: Command, before: readonly string[] = []): string[] {
  return command.commands
    .filter((each) => each.name() !== 'help')
    .flatMap((each) => {
      const path = [...before, each.name()];
      const below = commandsOf(each, path);
      const own = below.length === 0 || each.name() === 'sandbox' ? [path.join(' ')] : [];
      return [...own, ...below];
    });
}

const nothingRuns = (): never => {
  throw new Error('no command is run here');
};
/** Enough to put the commands together; none is run. */
const context: CliContext = {
  env: {},
  folder: ROOT,
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  clock: { now: nothingRuns, monotonicMs: nothingRuns, sleep: nothingRuns },
  onSignal: nothingRuns,
  forceExit: nothingRuns,
  loadParts: nothingRuns,
  loadProbes: nothingRuns,
};
const commands = commandsOf(createProgram(context).program);

describe('the documents', () => {
  it.each(PAGES)('%s links to what exists', (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });

  it('list each decision in the index of decisions', () => {
    const records = readdirSync(join(ROOT, 'docs/decisions')).filter((name) => /^\d{4}-/.test(name));
    const index = read('docs/decisions/README.md');
    expect(records.filter((name) => !index.includes(`(${name})`))).toEqual([]);
  });

  it('name settings that exist', () => {
    const known = new Set(Object.keys(settingsSchema.shape));
    const named = PAGES.flatMap((page) => [
      ...read(page).matchAll(/`((?:API|CONCUR|POLL|TEMPORAL|REQUEST_TOKEN|REFRESH|ENCRYPTION)_[A-Z_]+)`/g),
    ]).map(([, name = '']) => name);
    // Read by @temporalio/envconfig, or with a blank to be filled in.
    const others = new Set(['TEMPORAL_API_KEY', 'TEMPORAL_TLS', 'TEMPORAL_TLS_', 'TEMPORAL_']);
    expect([...new Set(named)].filter((name) => !known.has(name) && !others.has(name))).toEqual([]);
  });

  it('list each command in README.md, and no other', () => {
    const [, table = ''] = read('README.md').split('## Commands');
    const [rows = ''] = table.split('Exit codes');
    const named = [...rows.matchAll(/^\| (`[^|]+?) +\|/gm)].flatMap(([, cell = '']) =>
      [...cell.matchAll(/`([a-z][a-z-]*(?: [a-z][a-z-]*)?)/g)].map(([, command = '']) => command),
    );
    expect(named.sort()).toEqual([...commands].sort());
  });

  it('call commands that exist', () => {
    const called = PAGES.flatMap((page) => [
      ...read(page).matchAll(/(?:npx |`)concordance ([a-z][a-z-]*(?: [a-z][a-z-]*)?)/g),
    ]).map(([, words = '']) => words);
    const known = (words: string): boolean =>
      commands.some((command) => `${words} `.startsWith(`${command} `) || command.startsWith(`${words} `));
    expect([...new Set(called)].filter((words) => !known(words))).toEqual([]);
  });

  it('name each search attribute and its type in docs/operations.md', () => {
    const rows = [...read('docs/operations.md').matchAll(/^\| `(Concordance\w+)` +\| (\w+) +\|$/gm)];
    const named = Object.fromEntries(rows.map(([, name = '', type = '']) => [name, type]));
    expect(named).toEqual(SEARCH_ATTRIBUTE_TYPES);
  });
});
