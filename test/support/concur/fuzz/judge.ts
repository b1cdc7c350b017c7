import { inspect } from 'node:util';
import { isConcurError } from '../../../../concur';
import { MARK } from './answers';

/** A result may be longer than its document, because characters are escaped, but not by an expansion. */
const MOST_GROWTH = 12;
const SMALL = 20_000;
const PROTOTYPES = [Object.prototype, Array.prototype, Function.prototype, String.prototype, Map.prototype];
const KNOWN = new Set<unknown>([Object.prototype, Array.prototype, Date.prototype]);

/** What is wrong with what a call came to; undefined where nothing is. */
export function faultOfResult(result: unknown, inputBytes: number): string | undefined {
  let length = 0;
  const stack: unknown[] = [result];
  while (stack.length > 0) {
    const value = stack.pop();
    if (typeof value === 'string') length += value.length;
    if (typeof value !== 'object' || value === null) continue;
    if (!KNOWN.has(Object.getPrototypeOf(value))) return 'an object has a foreign prototype';
    for (const [key, inner] of Object.entries(value)) {
      length += key.length;
      stack.push(inner);
    }
  }
  const most = SMALL + MOST_GROWTH * inputBytes;
  return length > most ? `a result of ${length} characters came of ${inputBytes} bytes` : undefined;
}

/** An error must be one of the client's own and show nothing of the document. */
export function faultOfError(error: unknown): string | undefined {
  if (!isConcurError(error)) {
    return `an error that is none of the client's: ${error instanceof Error ? (error.stack ?? error.message) : typeof error}`;
  }
  const shown = `${error.message} ${error.stack ?? ''} ${inspect(error)} ${JSON.stringify(error)}`;
  return shown.includes(MARK) || shown.includes('root:')
    ? `${error.name} quotes the document: ${shown.slice(0, 300)}`
    : undefined;
}

/** A snapshot of the objects that everything inherits from; a later one that differs was polluted. */
export function prototypes(): string {
  return PROTOTYPES.map((prototype) => Reflect.ownKeys(prototype).map(String).join(',')).join(';');
}
