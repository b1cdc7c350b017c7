// `npm test`: every kind of test that there is, then one line with the sums.
//   npm test                          all
//   npm test -- pull                  files whose path has "pull" in it; other options go to Jest as well
//   npm test -- --selectProjects unit one kind
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const jest = require.resolve('jest/bin/jest');
const kinds = require('../jest.config.cjs').projects.map(({ displayName }) => displayName);

/** One test file at a time: each starts, loads and kills whole installations. */
const SERIAL = ['chaos'];
/** Minutes of starting and killing whole installations: `npm run chaos`, or --selectProjects chaos. */
const ON_REQUEST = ['chaos'];
const GROUPS = [
  { kinds: kinds.filter((kind) => !SERIAL.includes(kind)), workers: ['--maxWorkers=2'] },
  { kinds: kinds.filter((kind) => SERIAL.includes(kind)), workers: ['--runInBand'] },
];

function hasTests(kind) {
  const folder = join(root, 'test', kind);
  return (
    existsSync(folder) && readdirSync(folder, { recursive: true }).some((name) => name.endsWith('.test.ts'))
  );
}

/** Takes `--selectProjects a b` out of the arguments: Jest gets its projects from us. */
function readArguments(all) {
  const from = all.indexOf('--selectProjects');
  if (from < 0) return { chosen: undefined, rest: all };
  const after = all.slice(from + 1);
  const other = after.findIndex((word) => !kinds.includes(word));
  const end = other < 0 ? after.length : other;
  return { chosen: after.slice(0, end), rest: [...all.slice(0, from), ...after.slice(end)] };
}

/** What a run of Jest came to; a file that could not even be loaded counts as one failure. */
function sumsOf(file, status) {
  if (!existsSync(file)) return { passed: 0, failed: status === 0 ? 0 : 1 };
  const result = JSON.parse(readFileSync(file, 'utf8'));
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  return { passed: result.numPassedTests, failed: failed === 0 && status !== 0 ? 1 : failed };
}

const { chosen, rest } = readArguments(process.argv.slice(2));
const folder = mkdtempSync(join(tmpdir(), 'concordance-tests-'));
const total = { passed: 0, failed: 0 };
let exitCode = 0;

for (const [index, group] of GROUPS.entries()) {
  const projects = group.kinds.filter(
    (kind) => hasTests(kind) && (chosen?.includes(kind) ?? !ON_REQUEST.includes(kind)),
  );
  if (projects.length === 0) continue;
  const results = join(folder, `${index}.json`);
  const args = [
    '--passWithNoTests',
    '--json',
    `--outputFile=${results}`,
    ...(rest.some((word) => /^(--maxWorkers|-w|--runInBand|-i)\b/.test(word)) ? [] : group.workers),
    ...rest,
    // Last: it takes every word behind it.
    '--selectProjects',
    ...projects,
  ];
  // Jest writes what people read to standard error, and with --json the rest to standard output.
  const { status } = spawnSync(process.execPath, [jest, ...args], {
    cwd: root,
    stdio: ['inherit', 'ignore', 'inherit'],
  });
  const sums = sumsOf(results, status);
  total.passed += sums.passed;
  total.failed += sums.failed;
  if (status !== 0) exitCode = status ?? 1;
}

rmSync(folder, { recursive: true, force: true });
console.log(`${total.passed} passed, ${total.failed} failed`);
process.exitCode = total.failed > 0 && exitCode === 0 ? 1 : exitCode;
