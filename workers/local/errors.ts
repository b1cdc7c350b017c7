/** Causes of a failure around the local servers; each has one readable message. */
export type LocalServerErrorCode =
  | 'unsupported-platform'
  | 'already-started'
  | 'data-dir-unusable'
  | 'port-in-use'
  | 'port-not-allowed'
  | 'binary-unusable'
  | 'binary-not-found'
  | 'server-ended'
  | 'server-timeout'
  | 'postgres-unavailable'
  | 'postgres-data-foreign'
  | 'postgres-password';

/** Something about the local Temporal or PostgreSQL does not work; `message` says what to do. */
export class LocalServerError extends Error {
  constructor(
    readonly code: LocalServerErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'LocalServerError';
  }
}

export function isLocalServerError(error: unknown): error is LocalServerError {
  return error instanceof LocalServerError;
}

/**
 * The system's code of an error (`ENOENT`, `EADDRINUSE`, a PostgreSQL SQLSTATE), if it has one.
 * By shape, not by `instanceof Error`: errors of Node's own modules belong to another realm under Jest.
 */
export function errorCode(error: unknown): string | undefined {
  const code = propertyOf(error, 'code');
  return typeof code === 'string' ? code : undefined;
}

/** What an error says, in one line. */
export function reasonOf(error: unknown): string {
  const message = propertyOf(error, 'message');
  return (typeof message === 'string' ? message : String(error)).split('\n', 1)[0]?.trim() ?? '';
}

/** A property of something thrown, whatever it is. */
export function propertyOf(error: unknown, name: string): unknown {
  if (typeof error !== 'object' || error === null) return undefined;
  const value: unknown = Reflect.get(error, name);
  return value;
}

/** A folder or file that cannot be used, named by its path and the system's code. */
export function unusableDataDir(path: string, error: unknown): LocalServerError {
  const why = errorCode(error) ?? reasonOf(error);
  return new LocalServerError(
    'data-dir-unusable',
    `DATA_DIR: ${path} cannot be written (${why}). Correct its permissions, make room on the disk, or set DATA_DIR to another folder.`,
    { cause: error },
  );
}
