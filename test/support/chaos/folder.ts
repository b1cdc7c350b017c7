import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dataDirOf, killCommands } from './command';
import { killServersOf } from './processes';

/**
 * A folder for the tests of a file, which go on from each other. Afterwards every process that still runs on
 * it is ended, by its pid, and the folder is removed. Call at the top of a file.
 */
export function useChaosFolder(): () => string {
  let folder = '';
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'concordance-chaos-')));
  });
  afterAll(async () => {
    await killCommands();
    await killServersOf(dataDirOf(folder));
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);
  return () => folder;
}
