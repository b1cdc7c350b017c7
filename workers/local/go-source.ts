import { join } from 'node:path';
import { type BinarySource, withProgress } from './binary-sources';
import { fetchEnvironment } from './child-environment';
import { runCommand } from './commands';

const MODULE = 'github.com/temporalio/cli/cmd/temporal';
const VERSION = 'v1.5.1';
/** Takes about five minutes on two cores; three times that before it is given up. */
const BUILD_TIMEOUT_MS = 15 * 60_000;
const SHORT_TIMEOUT_MS = 60_000;

/** Builds the Temporal CLI from source, where Go is installed. */
export function goSource(): BinarySource {
  return {
    title: `go install (${VERSION})`,
    cachedAs: `temporal-go-${VERSION}`,
    async obtain(workFolder, context) {
      const env = fetchEnvironment(context.env);
      await runCommand('go', ['version'], { env, timeoutMs: SHORT_TIMEOUT_MS });
      context.log(
        `Building the Temporal CLI ${VERSION} with Go; this happens once and takes about five minutes …`,
      );
      await withProgress(
        context.log,
        `Building the Temporal CLI ${VERSION}`,
        runCommand('go', ['install', `${MODULE}@${VERSION}`], {
          env: { ...env, GOBIN: workFolder },
          timeoutMs: BUILD_TIMEOUT_MS,
        }),
      );
      return join(workFolder, 'temporal');
    },
  };
}
