/** Waits for a line on standard input, then tries the lock at the given path, prints the outcome and keeps it. */
import { once } from 'node:events';
import { tryLock } from '../../../workers/local/file-lock';

async function main(path: string): Promise<void> {
  process.stdout.write('"ready"\n');
  await once(process.stdin, 'data');
  const lock = tryLock(path);
  process.stdout.write(`${JSON.stringify('holder' in lock ? 'refused' : 'taken')}\n`);
  await once(process.stdin, 'end');
}

void main(process.argv[2] ?? '');
