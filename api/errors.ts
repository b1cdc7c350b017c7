import { type FastifyError, type FastifyReply, type FastifyRequest } from 'fastify';
import { type HubError, isHubError } from '../hub';
import { describeFailure, errorCode } from './failure-log';
import { invalid, isProblem, Problem, sendProblem } from './problem';
import { isInvalidRequest } from './validation';

/** HTTP status of what the hub refuses; its messages name ids only. Anything else is our failure. */
const HUB_STATUS: Readonly<Record<string, number>> = {
  'agency-unknown': 404,
  'entity-unknown': 404,
  'traveller-unknown': 404,
  'migration-unknown': 404,
  'reconciliation-unknown': 404,
  'quarantine-unknown': 404,
  'conflict-unknown': 404,
  'entity-conflict': 409,
  'username-taken': 409,
  'version-conflict': 409,
  'migration-open': 409,
  'migration-not-planning': 409,
  'reconciliation-open': 409,
  'locator-taken': 409,
  'entity-erased': 409,
  // The entity was erased, or a key was taken out of ENCRYPTION_KEYS: the message says both.
  'key-missing': 409,
};

/** Fastify's own refusals: code and words of ours, because its messages quote the URL and the body. */
const FRAMEWORK: Readonly<Record<string, readonly [status: number, code: string, detail: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: [413, 'body-too-large', 'The body is larger than this route takes.'],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [
    415,
    'unsupported-media-type',
    'Send JSON with Content-Type application/json, or application/merge-patch+json with PATCH.',
  ],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: [400, 'bad-request', 'Content-Length does not match the body.'],
  FST_ERR_CTP_INVALID_JSON_BODY: [400, 'invalid-json', 'The body is not valid JSON.'],
  FST_ERR_BAD_URL: [400, 'bad-url', 'The URL is not properly percent-encoded.'],
  FST_ERR_MAX_PARAM_LENGTH: [404, 'unknown', 'There is nothing under this address: an id in it is too long.'],
};

/** Codes of connection failures of PostgreSQL and of the network beneath it. */
const STORE_AWAY = /^(ECONN|ETIMEDOUT|ENOTFOUND|EPIPE|EHOSTUNREACH|57P0[123]|53300|08)/;

export function handleError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const problem = toProblem(error, request.method);
  if (problem.status >= 500) {
    const route = request.routeOptions.url ?? 'unknown';
    request.log.error({ route, problem: problem.code, ...describeFailure(error) }, 'request failed');
  }
  if (problem.status === 503) void reply.header('retry-after', '5');
  return sendProblem(reply, problem);
}

function toProblem(error: unknown, method: string): Problem {
  if (isProblem(error)) return error;
  if (isInvalidRequest(error)) return schemaProblem(error.part, method, error.errors);
  if (isHubError(error)) return hubProblem(error);
  const code = errorCode(error) ?? '';
  const known = FRAMEWORK[code];
  if (known !== undefined) return new Problem(...known);
  if (error instanceof SyntaxError) return new Problem(400, 'invalid-json', 'The body is not valid JSON.');
  const status = statusOf(error);
  if (status >= 400 && status < 500) {
    return new Problem(status, 'bad-request', 'The request cannot be understood.');
  }
  if (STORE_AWAY.test(code)) {
    return new Problem(503, 'store-unavailable', 'The database does not answer. Try again in a moment.');
  }
  return new Problem(
    500,
    'internal',
    'Something failed on our side. The log knows it by the id in `instance`.',
  );
}

/** An id that cannot exist is unknown; only a PUT, which names a new one, is told what is wrong with it. */
function schemaProblem(
  part: string,
  method: string,
  errors: ReturnType<typeof invalid>['more']['errors'],
): Problem {
  if (part === 'params' && method !== 'PUT') {
    return new Problem(404, 'unknown', 'There is nothing under this address: an id in it cannot exist.');
  }
  return invalid(errors ?? []);
}

function hubProblem(error: HubError): Problem {
  const status = HUB_STATUS[error.code];
  if (status !== undefined) return new Problem(status, error.code, error.message);
  return new Problem(
    500,
    error.code,
    'Something failed on our side. The log knows it by the id in `instance`.',
  );
}

function statusOf(error: unknown): number {
  const status = error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
  return typeof status === 'number' ? status : 500;
}

/** For failures before a route is found. */
export function handleFrameworkError(
  error: FastifyError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  void sendProblem(reply, toProblem(error, request.method));
}

export function handleUnknownRoute(_request: FastifyRequest, reply: FastifyReply): FastifyReply {
  return sendProblem(
    reply,
    new Problem(404, 'unknown-route', 'This API has no such route with that method. See /docs.'),
  );
}
