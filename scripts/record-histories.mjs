// Records the histories of test/replay/histories again, on a dev server of its own; takes about 90 s.
//   node scripts/record-histories.mjs                all
//   node scripts/record-histories.mjs poll-loop      one
// Do this only for a new scenario: a workflow change must replay the old ones, with patched() if need be.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const recorder = ['test/support/run-ts.mjs', 'test/support/replay/record.ts'];
const histories = join(root, 'test/replay/histories');
const args = [...recorder, histories, ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' });
process.exitCode = status ?? 1;
