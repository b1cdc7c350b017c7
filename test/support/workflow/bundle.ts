import { bundleWorkflowCode, DefaultLogger, type WorkflowBundle } from '@temporalio/worker';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const FOLDER = join(tmpdir(), 'concordance-test-bundles');
const OUTDATED_MS = 3_600_000;

/**
 * The workflows as the worker bundles them. Made once per process (3–5 s): Jest loads this module anew for
 * every test file, therefore the bundle lies in a file meanwhile.
 */
export async function testBundle(
  workflowsPath = require.resolve('../../../workflows/index'),
): Promise<WorkflowBundle> {
  const name = createHash('sha256').update(workflowsPath).digest('hex').slice(0, 16);
  const file = join(FOLDER, `${process.pid}-${name}.js`);
  if (isOfThisProcess(file)) return { code: readFileSync(file, 'utf8') };
  const bundle = await bundleWorkflowCode({
    workflowsPath,
    failureConverterPath: require.resolve('../../../client/failure-converter'),
    logger: new DefaultLogger('ERROR'),
  });
  mkdirSync(FOLDER, { recursive: true });
  removeOutdated();
  writeFileSync(file, bundle.code);
  return bundle;
}

/** A file that an earlier process of the same id left is older than this process. */
function isOfThisProcess(file: string): boolean {
  return existsSync(file) && statSync(file).mtimeMs > Date.now() - process.uptime() * 1000;
}

function removeOutdated(): void {
  for (const name of readdirSync(FOLDER)) {
    const file = join(FOLDER, name);
    const { mtimeMs } = statSync(file, { throwIfNoEntry: false }) ?? { mtimeMs: Date.now() };
    if (Date.now() - mtimeMs > OUTDATED_MS) rmSync(file, { force: true });
  }
}
