import { type Dispatcher, request } from 'undici';
import { CliError, Unreachable } from './errors';
import { errorCode, reasonOf } from '../workers/local/errors';

export interface Sent {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Path below the base, each part encoded. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Received {
  readonly status: number;
  /** Parsed JSON; undefined for an empty body. */
  readonly value: unknown;
}

const TIMEOUT_MS = 60_000;
const JSON_TYPE = 'application/json';
const NOBODY_THERE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
]);
const BROKE_OFF = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);

/**
 * One JSON request to the API or the sandbox.
 * @param hint what to do when nobody answers, for the message
 * @throws Unreachable when no answer comes
 */
export async function sendJson(
  base: string,
  sent: Sent,
  hint: string,
  dispatcher?: Dispatcher,
): Promise<Received> {
  const url = new URL(sent.path, base);
  for (const [name, value] of Object.entries(sent.query ?? {})) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  const body = sent.body === undefined ? undefined : JSON.stringify(sent.body);
  try {
    const response = await request(url, {
      method: sent.method,
      headers: {
        accept: JSON_TYPE,
        ...(body === undefined ? {} : { 'content-type': sent.contentType ?? JSON_TYPE }),
        ...sent.headers,
      },
      ...(body === undefined ? {} : { body }),
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
      ...(dispatcher === undefined ? {} : { dispatcher }),
    });
    const text = await response.body.text();
    return { status: response.statusCode, value: parse(text, response.statusCode, base) };
  } catch (error) {
    throw unanswered(error, base, hint);
  }
}

function parse(text: string, status: number, base: string): unknown {
  if (text.trim() === '') return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch (error) {
    if (status >= 400) return undefined;
    throw new CliError(
      'unexpected-answer',
      `What answers at ${base} is not Concordance: it sent no JSON. Check API_HOST and API_PORT.`,
      { cause: error },
    );
  }
}

function unanswered(error: unknown, base: string, hint: string): unknown {
  const code = codeOf(error);
  if (code !== undefined && NOBODY_THERE.has(code)) {
    return new Unreachable(`Nothing answers at ${base}. ${hint}`, { cause: error });
  }
  if (code !== undefined && BROKE_OFF.has(code)) {
    return new Unreachable(`The connection to ${base} broke off. Look whether it still runs. ${hint}`, {
      cause: error,
    });
  }
  if (
    code === 'UND_ERR_HEADERS_TIMEOUT' ||
    code === 'UND_ERR_BODY_TIMEOUT' ||
    code === 'UND_ERR_CONNECT_TIMEOUT'
  ) {
    return new Unreachable(`${base} did not answer within ${TIMEOUT_MS / 1_000} s. Try again.`, {
      cause: error,
    });
  }
  if (code?.startsWith('UND_ERR_') === true) {
    return new Unreachable(`${base} cannot be called: ${reasonOf(error)}. ${hint}`, { cause: error });
  }
  return error;
}

/** A name with several addresses fails with one error for all of them. */
function codeOf(error: unknown): string | undefined {
  const code = errorCode(error);
  if (code !== undefined) return code;
  return error instanceof AggregateError ? errorCode(error.errors[0]) : undefined;
}
