import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openRunFile, readRunState } from '../../../workers/local/run-file';
import { useTemporaryFolder } from '../../support/local/temporary-folder';

const folder = useTemporaryFolder();

it('keeps what was written, for the next process to read', () => {
  openRunFile(folder()).update({
    temporal: { pid: 7, startedAt: 'x-1', port: 7233, uiPort: 8233 },
    sandbox: { ports: { concur: 4711 } },
  });
  openRunFile(folder()).update({ api: { port: 8080 } });
  expect(readRunState(folder())).toEqual({
    temporal: { pid: 7, startedAt: 'x-1', port: 7233, uiPort: 8233 },
    sandbox: { ports: { concur: 4711 } },
    api: { port: 8080 },
  });
});

it('removes the sections that are given as undefined', () => {
  const file = openRunFile(folder());
  file.update({ api: { port: 8080 }, postgres: { port: 5432 } });
  file.update({ api: undefined });
  expect(readRunState(folder())).toEqual({ postgres: { port: 5432 } });
});

it('can be read by its owner only', () => {
  const file = openRunFile(folder());
  file.update({ api: { port: 8080 } });
  expect(statSync(file.path).mode & 0o777).toBe(0o600);
});

it('is never seen half written: it is replaced, not changed', () => {
  const file = openRunFile(folder());
  file.update({ api: { port: 8080 } });
  const before = statSync(file.path).ino;
  file.update({ api: { port: 8081 } });
  expect(statSync(file.path).ino).not.toBe(before);
  expect(existsSync(`${file.path}.new`)).toBe(false);
});

it('counts as empty when it cannot be understood', () => {
  writeFileSync(join(folder(), 'run.json'), '{"temporal":{"port":"many"}}');
  expect(readRunState(folder())).toEqual({});
  writeFileSync(join(folder(), 'run.json'), '{"tem');
  expect(readRunState(folder())).toEqual({});
});

it('refuses to write what the next reader would not understand', () => {
  const file = openRunFile(folder());
  expect(() => file.update({ api: { port: 0 } })).toThrow();
  expect(existsSync(file.path)).toBe(false);
  expect(() => readFileSync(file.path)).toThrow();
});
