import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

function makeFolder(): string {
  return realpathSync(mkdtempSync(join(tmpdir(), 'concordance-test-')));
}

/** A new folder for each test, removed after it. Call at the top of a file. */
export function useTemporaryFolder(): () => string {
  let folder = '';
  beforeEach(() => {
    folder = makeFolder();
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  return () => folder;
}

/**
 * One folder for all tests of the file, which take it over from each other.
 * @param afterEachTest runs after each test, while the folder is still there
 */
export function useSharedFolder(afterEachTest: (folder: string) => Promise<void>): () => string {
  let folder = '';
  beforeAll(() => {
    folder = makeFolder();
  });
  afterEach(() => afterEachTest(folder));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return () => folder;
}
