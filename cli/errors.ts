import { isSettingsError } from '../config';
import { errorCode, reasonOf } from '../workers/local/errors';

/** How the command ended, for scripts. */
export const EXIT = {
  done: 0,
  /** Nothing, or not all, was done; standard error says what to do. */
  failed: 1,
  usage: 2,
  /** Done, but somebody has to look at something. */
  attention: 3,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Something that ends the command; `message` says what to do next and is shown as it stands. */
export class CliError extends Error {
  readonly exit: ExitCode = EXIT.failed;
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** The command was called in a way it does not understand. */
export class UsageError extends CliError {
  override readonly exit: ExitCode = EXIT.usage;
  constructor(message: string) {
    super('usage', message);
  }
}

export interface FieldProblem {
  readonly path: string;
  readonly code: string;
  readonly message: string;
}

/** The API refused: RFC 9457 problem with the API's stable code. */
export class ApiProblem extends CliError {
  constructor(
    readonly status: number,
    code: string,
    message: string,
    readonly errors: readonly FieldProblem[] = [],
  ) {
    const fields = errors.map(({ path, message: words }) => `  ${path === '' ? '(body)' : path}: ${words}`);
    super(code, [message, ...fields].join('\n'));
  }
}

/** Nobody answers there. */
export class Unreachable extends CliError {
  constructor(message: string, options?: ErrorOptions) {
    super('unreachable', message, options);
  }
}

/** What was asked for is under way but had not ended when the command stopped waiting. */
export class StillUnderWay extends CliError {
  constructor(message: string) {
    super('still-under-way', message);
  }
}

export function isCliError(error: unknown): error is CliError {
  return error instanceof CliError;
}

export function isApiProblem(error: unknown): error is ApiProblem {
  return error instanceof ApiProblem;
}

export function isUnreachable(error: unknown): error is Unreachable {
  return error instanceof Unreachable;
}

export interface Failure {
  readonly code: string;
  readonly message: string;
  readonly exit: ExitCode;
}

/** Any error as a person shall read it: never a stack trace. */
export function failureOf(error: unknown): Failure {
  if (isCliError(error)) return { code: error.code, message: error.message, exit: error.exit };
  const code = errorCode(error);
  if (isSettingsError(error)) return { code: error.code, message: error.message, exit: EXIT.failed };
  // Our own rooms give their errors a lower-case code and a message that says what to do.
  if (code !== undefined && /^[a-z]+(-[a-z]+)*$/.test(code)) {
    return { code, message: reasonOf(error), exit: EXIT.failed };
  }
  const message = `Something unexpected went wrong: ${reasonOf(error)} Run the command again with --verbose to see where.`;
  return { code: code ?? 'unexpected', message, exit: EXIT.failed };
}
