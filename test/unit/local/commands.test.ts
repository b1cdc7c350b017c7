import { join } from 'node:path';
import { isExecutable, runCommand, tellingLine } from '../../../workers/local/commands';
import { aProgram } from '../../support/local/fake-programs';
import { useTemporaryFolder } from '../../support/local/temporary-folder';

const folder = useTemporaryFolder();
const options = { env: { PATH: '/usr/bin:/bin' }, timeoutMs: 30_000 };

it('returns what a program printed', async () => {
  await expect(runCommand('echo', ['hello'], options)).resolves.toBe('hello\n');
});

it('says in one line why a program did not do its work', async () => {
  const failing = aProgram(
    join(folder(), 'failing'),
    'echo start >&2',
    'echo "ERROR: no room" >&2',
    'echo end >&2',
    'exit 1',
  );
  await expect(runCommand(failing, [], options)).rejects.toThrow('ERROR: no room');
  await expect(runCommand('no-such-program', [], options)).rejects.toThrow(
    'no-such-program is not installed',
  );
  await expect(runCommand(folder(), [], options)).rejects.toThrow(/may not be executed/);
  await expect(runCommand('false', [], options)).rejects.toThrow('false ended with exit code 1');
});

it('ends a program that takes too long', async () => {
  await expect(runCommand('tail', ['-f', '/dev/null'], { ...options, timeoutMs: 100 })).rejects.toThrow(
    /took longer than 0 s/,
  );
});

it('leaves no timer behind for a program that cannot be started', async () => {
  const timers = (): string[] => process.getActiveResourcesInfo().filter((name) => name === 'Timeout');
  const before = timers().length;
  await runCommand('no-such-program', [], options).catch(() => undefined);
  expect(timers().length).toBeLessThanOrEqual(before);
});

it('knows which files can be executed', async () => {
  expect(await isExecutable(aProgram(join(folder(), 'program')))).toBe(true);
  expect(await isExecutable(folder())).toBe(false);
  expect(await isExecutable(join(folder(), 'missing'))).toBe(false);
});

it('prefers a cause outside the program, then the last error, and leaves out the middle of a long line', () => {
  expect(tellingLine('FATAL: No space left on device\nPANIC: cannot go on\n')).toBe(
    'FATAL: No space left on device',
  );
  expect(tellingLine('a\nError: b\nc\n')).toBe('Error: b');
  expect(tellingLine('a\nb\n\n')).toBe('b');
  expect(tellingLine('')).toBe('');
  expect(tellingLine(`${'x'.repeat(1000)}: disk is full`)).toMatch(/^x{150} … x+: disk is full$/);
});
