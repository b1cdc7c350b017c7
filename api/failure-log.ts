import { types } from 'node:util';

/** The code of a system's, a driver's or a framework's error. Also of another realm: Node's own, within Jest. */
export function errorCode(error: unknown): string | undefined {
  if (!isError(error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

function isError(error: unknown): error is Error {
  return error instanceof Error || types.isNativeError(error);
}

/**
 * What a log may say about an error: its class, code and place. Messages stay out, because those of the
 * database quote values (`Key (…)=(…)`).
 */
export function describeFailure(error: unknown): Record<string, unknown> {
  if (!isError(error)) return { error: typeof error };
  const code = errorCode(error);
  const frames = error.stack?.split('\n').filter((line) => line.trimStart().startsWith('at '));
  return {
    error: error.name,
    ...(code === undefined ? {} : { code }),
    ...(frames === undefined ? {} : { at: frames.slice(0, 8).map((line) => line.trim()) }),
  };
}
