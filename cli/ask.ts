import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { type CliContext } from './context';

/** True where a person can be asked. Questions go to standard error: standard output is for results. */
export function canAsk({ stdin, stderr }: Pick<CliContext, 'stdin' | 'stderr'>): boolean {
  return stdin.isTTY === true && stderr.isTTY === true;
}

/**
 * One line from the terminal; the empty text at the end of input.
 * @param options.hidden what is typed does not appear, for secrets
 */
export async function ask(
  { stdin, stderr }: Pick<CliContext, 'stdin' | 'stderr'>,
  question: string,
  options: { readonly hidden?: boolean } = {},
): Promise<string> {
  stderr.write(question);
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input: stdin,
    output: options.hidden === true ? nowhere : stderr,
    terminal: true,
  });
  const line = await new Promise<string>((resolve, reject) => {
    lines.once('line', resolve);
    lines.once('close', () => resolve(''));
    lines.once('SIGINT', () => reject(new Interrupted()));
  }).finally(() => lines.close());
  if (options.hidden === true) stderr.write('\n');
  return line.trim();
}

/** Ctrl-C at a question. */
export class Interrupted extends Error {
  readonly code = 'interrupted';
  constructor() {
    super('Interrupted; nothing was done.');
    this.name = 'Interrupted';
  }
}

/** The whole of standard input as text. */
export async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const parts: string[] = [];
  for await (const part of stream) parts.push(typeof part === 'string' ? part : part.toString('utf8'));
  return parts.join('');
}
