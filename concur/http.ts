import {
  type ConcurError,
  ConcurTimeout,
  ConcurUnavailable,
  isConcurError,
  isNotAllowedOrigin,
  UnexpectedAnswer,
} from './errors';
import { type CallEvidence, evidenceOf } from './evidence';
import { type OriginGate } from './origins';

/** Largest answer that is read, bytes; a page of 200 summaries has about 60 kB. */
export const MAX_ANSWER_BYTES = 50 * 1024 * 1024;
const CORRELATION_HEADER = 'concur-correlationid';

export interface TransportRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: URL;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Until the last byte of the answer, milliseconds. */
  readonly timeoutMs: number;
  readonly maxBytes: number;
}

export interface TransportResponse {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
}

/**
 * Carries one request and follows no redirect. Default: {@link undiciTransport}; a simulation calls the
 * sandbox in-process instead.
 * @throws TransportFailure where there is no complete answer
 */
export type Transport = (request: TransportRequest) => Promise<TransportResponse>;

/** Why there was no answer; holds no address and no content. */
export class TransportFailure extends Error {
  constructor(
    readonly reason: 'timeout' | 'unreachable' | 'too-large',
    /** System's code, e.g. `ECONNREFUSED`. */
    readonly systemCode?: string,
  ) {
    super(systemCode === undefined ? reason : `${reason} (${systemCode})`);
    this.name = 'TransportFailure';
  }
}

export interface Call {
  /** Name of the function for the journal and support cases, e.g. `readProfile`. */
  readonly function: string;
  readonly method: TransportRequest['method'];
  readonly origin: string;
  /** Path and query; may hold a login. */
  readonly path: string;
  /** The path without values, e.g. `/api/travelprofile/v2.0/profile?userid_type=login`. */
  readonly template: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  /** Login or UUID of the profile that the call is about. */
  readonly user?: string;
  /**
   * Code of the failure that the answer is, undefined for a success; default: any status but 2xx fails.
   */
  readonly failureOf?: (answer: Answer) => string | undefined;
}

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** Concur's, else the one that was sent. */
  readonly correlationId: string;
  /** Concur's own clock: the `Date` header. */
  readonly serverDate?: Date;
}

/** One call for the journal. Nothing in it is secret; `user` and `evidence` are personal: seal them. */
export interface CallRecord {
  readonly function: string;
  readonly method: string;
  readonly origin: string;
  readonly template: string;
  /** Absent where there was no answer. */
  readonly status?: number;
  readonly outcome: 'answered' | 'timeout' | 'unreachable' | 'too-large' | 'refused-origin' | 'failed';
  readonly correlationIdSent: string;
  readonly correlationId?: string;
  readonly startedAt: Date;
  readonly durationMs: number;
  /** Concur's own clock. */
  readonly serverDate?: Date;
  /** Login or UUID of the profile that the call was about. */
  readonly user?: string;
  /** Code of the failure; absent: a success, of which no body is kept. */
  readonly failure?: string;
  readonly evidence?: CallEvidence;
}

export interface HttpOptions {
  readonly gate: OriginGate;
  readonly transport: Transport;
  readonly now: () => Date;
  /** A fresh UUID. */
  readonly newId: () => string;
  /** CONCUR_TIMEOUT_MS. */
  readonly timeoutMs: number;
  /** CONCUR_UNAVAILABLE_DELAY_MS: the wait after a time-out. */
  readonly unavailableDelayMs: number;
  /** CONCUR_RETRY_BASE_MS: the first wait after another transient failure. */
  readonly retryBaseMs: number;
  /** Told about every call, also one that failed. Must not throw. */
  readonly onCall?: (record: CallRecord) => void;
}

/** Sends one call; any status is an answer. */
export type Send = (call: Call) => Promise<Answer>;

/**
 * THE function that sends (docs/concur.md §2). Whatever goes to Concur passes the gate here, carries a
 * Content-Length and a correlation id of ours, follows no redirect and is told to the journal.
 * @throws NotAllowedOrigin, ConcurTimeout, ConcurUnavailable, UnexpectedAnswer from the returned function
 */
export function createSend(options: HttpOptions): Send {
  return async (call) => {
    const correlationIdSent = options.newId();
    const startedAt = options.now();
    const record = (
      rest: Pick<CallRecord, 'outcome' | 'status' | 'correlationId' | 'serverDate' | 'failure'>,
      response?: Readonly<{ headers: Answer['headers']; body?: string }>,
    ): void => {
      options.onCall?.({
        function: call.function,
        method: call.method,
        origin: call.origin,
        template: call.template,
        correlationIdSent,
        startedAt,
        durationMs: options.now().getTime() - startedAt.getTime(),
        ...(call.user === undefined ? {} : { user: call.user }),
        ...rest,
        ...(rest.failure === undefined
          ? {}
          : { evidence: evidenceOf(sentBy(call, correlationIdSent), response) }),
      });
    };
    let response: TransportResponse;
    try {
      response = await options.transport(requestFor(call, correlationIdSent, options));
    } catch (error) {
      const outcome = outcomeOf(error);
      record({ outcome, failure: outcome });
      throw error instanceof TransportFailure ? inWords(error, correlationIdSent, options) : error;
    }
    const { status, headers } = response;
    const returned = headers[CORRELATION_HEADER]?.trim() || undefined;
    const answered = {
      outcome: 'answered',
      status,
      ...(returned === undefined ? {} : { correlationId: returned }),
      ...serverDateOf(response),
    } as const;
    let answer: Answer | undefined;
    let failure: string | undefined;
    try {
      answer = answerFrom(response, returned ?? correlationIdSent);
      failure = (call.failureOf ?? failureByStatus)(answer);
    } catch (error) {
      // Where the encoding is broken there is no text that could be searched for secrets.
      record({ ...answered, failure: isConcurError(error) ? error.code : 'failed' }, answer ?? { headers });
      throw error;
    }
    record({ ...answered, ...(failure === undefined ? {} : { failure }) }, answer);
    return answer;
  };
}

function failureByStatus({ status }: Answer): string | undefined {
  return status >= 200 && status < 300 ? undefined : `HTTP-${status}`;
}

function sentBy(call: Call, correlationId: string): Parameters<typeof evidenceOf>[0] {
  const { origin, path, headers, body } = call;
  return { url: `${origin}${path}`, headers: { ...headers, [CORRELATION_HEADER]: correlationId }, body };
}

function outcomeOf(error: unknown): CallRecord['outcome'] {
  if (error instanceof TransportFailure) return error.reason;
  return isNotAllowedOrigin(error) ? 'refused-origin' : 'failed';
}

function requestFor(call: Call, correlationId: string, options: HttpOptions): TransportRequest {
  const origin = options.gate.check(call.origin);
  const url = new URL(call.path, origin);
  // A path such as //host would lead elsewhere: what counts is the address that is called in the end.
  options.gate.check(url);
  const body = call.body ?? (call.method === 'POST' ? '' : undefined);
  return {
    method: call.method,
    url,
    headers: {
      ...call.headers,
      // The transport does not unpack answers.
      'accept-encoding': 'identity',
      [CORRELATION_HEADER]: correlationId,
      // Concur refuses chunks (docs/concur.md §2).
      ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
    },
    ...(body === undefined ? {} : { body }),
    timeoutMs: options.timeoutMs,
    maxBytes: MAX_ANSWER_BYTES,
  };
}

function answerFrom(response: TransportResponse, correlationId: string): Answer {
  return {
    status: response.status,
    headers: response.headers,
    body: textFrom(response, correlationId),
    correlationId,
    ...serverDateOf(response),
  };
}

function serverDateOf({ headers }: TransportResponse): Pick<Answer, 'serverDate'> {
  const time = Date.parse(headers['date'] ?? '');
  return Number.isNaN(time) ? {} : { serverDate: new Date(time) };
}

/** Text in the encoding that the answer names. A byte that does not fit is an error, not a `�` in a name. */
function textFrom({ body, headers, status }: TransportResponse, correlationId: string): string {
  if (typeof body === 'string') return body;
  const declared = /charset\s*=\s*"?([\w-]+)/i.exec(headers['content-type'] ?? '')?.[1];
  const start = Buffer.from(body.subarray(0, 100)).toString('latin1');
  const encoding = declared ?? /^(?:ï»¿)?<\?xml[^>]*encoding=["']([\w-]+)/.exec(start)?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(body);
  } catch {
    // The decoder's error says no more than that it failed.
    throw new UnexpectedAnswer(
      'Concur’s answer is not in the encoding it names. It is asked for again; nothing of it was used.',
      { code: 'answer-encoding', correlationId, httpStatus: status },
    );
  }
}

function inWords(failure: TransportFailure, correlationId: string, options: HttpOptions): ConcurError {
  switch (failure.reason) {
    case 'timeout':
      return new ConcurTimeout(
        `Concur did not answer within ${options.timeoutMs} ms. The call is repeated after a while; ` +
          'whether it had an effect is seen then.',
        { correlationId, retryAfterMs: options.unavailableDelayMs },
      );
    case 'unreachable':
      return new ConcurUnavailable(
        `Concur cannot be reached${failure.systemCode === undefined ? '' : ` (${failure.systemCode})`}. ` +
          'The call is repeated; if this lasts, check network, proxy and firewall.',
        { code: 'concur-unreachable', correlationId, retryAfterMs: options.retryBaseMs },
      );
    case 'too-large':
      return new UnexpectedAnswer(
        `Concur’s answer is larger than ${MAX_ANSWER_BYTES / 1024 / 1024} MiB and was not read.`,
        { code: 'answer-too-large', correlationId },
      );
  }
}

/** `Retry-After` of an answer in milliseconds: seconds, or a date on Concur's own clock. */
export function retryAfterMs({ headers, serverDate }: Answer): number | undefined {
  const value = headers['retry-after']?.trim() ?? '';
  if (/^\d{1,6}$/.test(value)) return Number(value) * 1_000;
  const at = Date.parse(value);
  if (Number.isNaN(at) || serverDate === undefined) return undefined;
  return Math.max(0, at - serverDate.getTime());
}
