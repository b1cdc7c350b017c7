// Compiles the sources to dist/. Run by `npm install` (prepare); safe to run twice, needs no network.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);

function compiler() {
  try {
    return require.resolve('typescript/bin/tsc');
  } catch {
    return undefined;
  }
}

const tsc = compiler();
if (tsc === undefined) {
  // `npm install --omit=dev` has no compiler: what was built before is used.
  if (!existsSync(join(root, 'dist/cli/main.js'))) {
    console.error(
      'concordance: nothing is built and TypeScript is not installed. Run `npm install` with dev dependencies once.',
    );
    process.exit(1);
  }
} else {
  execFileSync(process.execPath, [tsc, '-p', join(root, 'tsconfig.build.json')], {
    stdio: 'inherit',
    cwd: root,
  });
  chmodSync(join(root, 'dist/cli/main.js'), 0o755);
}
