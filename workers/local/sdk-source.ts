import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type BinarySource, withProgress } from './binary-sources';
import { fetchEnvironment } from './child-environment';
import { isExecutable, runCommand } from './commands';
import { errorCode, reasonOf } from './errors';

const DOWNLOAD_TIMEOUT_MS = 5 * 60_000;

/**
 * The SDK only downloads a server in order to start it, and doing so creates its process-wide runtime,
 * which our worker must be free to configure: so it happens in a process of its own.
 */
const SCRIPT = `
const [, testing, kind, downloadDir] = process.argv;
const { TestWorkflowEnvironment } = require(testing);
const options = { server: { executable: { type: 'cached-download', downloadDir } } };
const start = kind === 'cli' ? 'createLocal' : 'createTimeSkipping';
TestWorkflowEnvironment[start](options).then((environment) => environment.teardown()).catch((error) => {
  process.stderr.write(String(error.message) + '\\n');
  process.exitCode = 1;
});
`;

/** The download of Temporal's SDK, from temporal.download. */
export function sdkSource(kind: 'cli' | 'test-server', sdkVersion: string): BinarySource {
  const program = kind === 'cli' ? 'temporal' : 'temporal-test-server';
  return {
    title: "the SDK's own download",
    cachedAs: `${program}-sdk-typescript-${sdkVersion}`,
    async obtain(workFolder, context) {
      const testing = resolveTesting();
      if (testing === undefined) throw new Error('@temporalio/testing is not installed');
      context.log(`Fetching ${program} with the Temporal SDK; this happens once …`);
      const ran = await withProgress(
        context.log,
        `Fetching ${program}`,
        runCommand(process.execPath, ['-e', SCRIPT, testing, kind, workFolder], {
          env: fetchEnvironment(context.env),
          timeoutMs: DOWNLOAD_TIMEOUT_MS,
        }).then(
          () => undefined,
          (error: unknown) => ({ failure: reasonOf(error) }),
        ),
      );
      // On a slow machine the download succeeds and the SDK's start, limited to 5 s, does not.
      const names = (await readdir(workFolder)).filter((name) => name.startsWith(program));
      for (const name of names) if (await isExecutable(join(workFolder, name))) return join(workFolder, name);
      throw new Error(ran?.failure ?? 'the SDK reported success but left no program');
    },
  };
}

function resolveTesting(): string | undefined {
  try {
    return require.resolve('@temporalio/testing');
  } catch (error) {
    if (errorCode(error) === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
