import { STATUS_CODES } from 'node:http';
import { type FastifyReply } from 'fastify';
import { type FieldError, type ProblemJson } from './schemas/problem';

export const PROBLEM_TYPE = 'application/problem+json';

/** A refusal with its HTTP status and a stable `code`. `detail` says what to do and holds no values. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    detail: string,
    readonly more: { readonly errors?: readonly FieldError[]; readonly [member: string]: unknown } = {},
  ) {
    super(detail);
    this.name = 'Problem';
  }
}

export function isProblem(error: unknown): error is Problem {
  return error instanceof Problem;
}

/** RFC 9457. `instance` ends with the id that the log has as `reqId`. */
export function problemJson(problem: Problem, callId: string): ProblemJson {
  return {
    type: `urn:concordance:problem:${problem.code}`,
    title: STATUS_CODES[problem.status] ?? 'Error',
    status: problem.status,
    code: problem.code,
    detail: problem.message,
    instance: `urn:concordance:call:${callId}`,
    ...problem.more,
  };
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
  return reply
    .code(problem.status)
    .type(PROBLEM_TYPE)
    .send(JSON.stringify(problemJson(problem, reply.request.id)));
}

/** One field is wrong: 422 with one entry in `errors`. */
export function invalidField(path: string, code: string, message: string): Problem {
  return invalid([{ path, code, message }]);
}

export function invalid(errors: readonly FieldError[]): Problem {
  const detail =
    errors.length === 1
      ? 'One field cannot be accepted; nothing was changed.'
      : `${errors.length} fields cannot be accepted; nothing was changed.`;
  return new Problem(422, 'invalid', detail, { errors });
}
