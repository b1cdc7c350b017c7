import { codeInText, wordsFor } from './codes';
import {
  AccessDenied,
  CardsRejected,
  CardsUnreadable,
  type ConcurError,
  ConcurThrottled,
  ConcurUnavailable,
  type ErrorDetails,
  isConcurUnreadable,
  LoginTaken,
  Misconfigured,
  ProfileRejected,
  ProfileUnreadable,
  ReauthorisationRequired,
  ScopeMissing,
  UnexpectedAnswer,
} from './errors';
import { fieldOfSchema } from './fields';
import { type Answer, retryAfterMs } from './http';
import { type OutcomeMessage } from './types';
import { decodeOutcome, type Outcome } from './xml';

/** Longer texts are cut: what is kept is sealed and shown to people. */
const MAX_TEXT = 2000;

/** What a call was about: it decides whether an odd answer is the record's or the connection's. */
export type CallSubject = 'list' | 'read' | 'create' | 'update' | 'read-cards' | 'write-cards';

export interface Delays {
  /** After a 503, milliseconds. */
  readonly unavailableDelayMs: number;
  /** After another transient failure, milliseconds. */
  readonly retryBaseMs: number;
}

export interface Classified {
  /** Absent where the answer is a success. */
  readonly error?: ConcurError;
  /** True where Concur says that it knows no such user: EC1 or "Invalid User:". */
  readonly notFound: boolean;
  /** All that the answer says, texts turned into messages with a code of ours. */
  readonly messages: readonly OutcomeMessage[];
  readonly uuid?: string;
}

/**
 * What an answer of the profile service means (docs/concur.md §2, §3). What it says decides before its
 * status does, because a 400 may be passing and a 200 may be a refusal.
 */
export function classifyAnswer(answer: Answer, subject: CallSubject, delays: Delays): Classified {
  const outcome = outcomeOf(answer);
  const messages = messagesOf(outcome, answer);
  const codes = messages.map((message) => message.code);
  const error = errorOf(answer, outcome, messages, subject, delays);
  return {
    ...(error === undefined ? {} : { error }),
    notFound: codes.some(isNoSuchUser),
    messages,
    ...(outcome?.uuid === undefined ? {} : { uuid: outcome.uuid }),
  };
}

/** True where a code says that Concur knows no such user, which is an answer and no trouble. */
export function isNoSuchUser(code: string): boolean {
  return code === 'EC1' || code === 'INVALID-USER';
}

/** True where a code says that the field was not written but the rest was. */
export function isWarning(code: string): boolean {
  return code === 'UNKNOWN' || /^W\d/.test(code);
}

function isRead(subject: CallSubject): boolean {
  return subject === 'read' || subject === 'read-cards';
}

function isAboutCards(subject: CallSubject): boolean {
  return subject === 'read-cards' || subject === 'write-cards';
}

function isSuccess(code: string): boolean {
  return /^S\d/.test(code);
}

/** @returns undefined where the body is no outcome: a profile, a list, a page of a proxy */
function outcomeOf(answer: Answer): Outcome | undefined {
  try {
    return decodeOutcome(answer.body);
  } catch (error) {
    if (isConcurUnreadable(error)) return undefined;
    throw error;
  }
}

function messagesOf(outcome: Outcome | undefined, answer: Answer): OutcomeMessage[] {
  const coded = (outcome?.messages ?? []).map((message) => ({
    ...message,
    message: message.message.slice(0, MAX_TEXT),
  }));
  const text = outcome?.text ?? (outcome === undefined && answer.status >= 400 ? answer.body.trim() : '');
  if (text === '' || coded.length > 0) return coded;
  const code = codeInText(text) ?? `HTTP-${answer.status}`;
  return [{ code, message: text.slice(0, MAX_TEXT), correlationId: answer.correlationId }];
}

function errorOf(
  answer: Answer,
  outcome: Outcome | undefined,
  messages: readonly OutcomeMessage[],
  subject: CallSubject,
  delays: Delays,
): ConcurError | undefined {
  const { status } = answer;
  const isOk = status >= 200 && status < 300;
  const details: ErrorDetails = {
    correlationId: answer.correlationId,
    httpStatus: status,
    ...(messages.length === 0 ? {} : { messages }),
  };
  const isTaken = subject === 'create' && messages.some(({ code }) => code === 'W005');
  if (isTaken) return loginTaken(details);
  const isAnswered = outcome !== undefined || subject === 'list' || isRead(subject);
  const isDone = messages.every(({ code }) => isSuccess(code) || isWarning(code));
  if (isOk && isAnswered && outcome?.isError !== true && isDone) return undefined;
  return fromMessages(messages, details, delays, subject) ?? fromStatus(answer, details, delays, subject);
}

function fromMessages(
  messages: readonly OutcomeMessage[],
  details: ErrorDetails,
  delays: Delays,
  subject: CallSubject,
): ConcurError | undefined {
  const says = (code: string): boolean => messages.some((message) => message.code === code);
  const refusal = messages.find(({ code }) => isRefusal(code));
  const isTaken = messages.some(
    ({ code, message }) => isRefusal(code) && codeInText(message) === 'LoginTaken',
  );
  const status = details.httpStatus ?? 0;
  if (isTaken) return loginTaken(details);
  if (says('DEADLOCK')) {
    return new ConcurUnavailable('Concur was busy with the same record. The call is repeated shortly.', {
      ...details,
      code: 'concur-deadlock',
      retryAfterMs: delays.retryBaseMs,
    });
  }
  if (says('LIMIT')) return throttled(details, undefined, delays);
  if (says('CHUNKED')) {
    return new Misconfigured(
      'Concur received the request in chunks, which it does not take. Check whether a proxy rewrites requests.',
      details,
    );
  }
  if (says('EC4')) {
    return new Misconfigured(
      'The application is not set up for the travel configuration (EC4). Check travelConfigId of the ' +
        'entity, or ask Concur to enable it.',
      { ...details, code: 'EC4' },
    );
  }
  const access = ['EC2', 'EC3'].find((code) => says(code));
  if (access !== undefined) {
    return new AccessDenied(
      `Concur has to act: it refuses access (${access}: ${wordsFor(access) ?? ''}). Open a support case.`,
      { ...details, code: access },
    );
  }
  // Concur's E001 with a 403 is about our access, not about the record.
  if (status === 401 || status === 403) return undefined;
  // A refused status refuses, even if all that it names is warnings.
  const isRefused = status >= 400 && status < 500;
  const deciding = refusal ?? (isRefused ? messages.find(isNamed) : undefined);
  if (deciding === undefined || subject === 'list') return undefined;
  const others = messages.filter((message) => message !== deciding);
  return rejected(deciding, { ...details, messages: [deciding, ...others] }, subject);
}

function isNamed({ code }: OutcomeMessage): boolean {
  return !isSuccess(code) && !code.startsWith('HTTP-');
}

/** A code of the outcome that refuses: E, a text we know, or one that no document names. */
function isRefusal(code: string): boolean {
  return !isSuccess(code) && !isWarning(code) && !code.startsWith('HTTP-');
}

function rejected(message: OutcomeMessage, details: ErrorDetails, subject: CallSubject): ConcurError {
  const field = fieldOfSchema(message.field);
  const words = wordsFor(message.code) ?? 'a code that no document of SAP’s explains';
  if (isAboutCards(subject)) return cardsRejected(message.code, field, details, subject);
  if (subject === 'read') {
    return new ProfileUnreadable(
      `Concur does not show the profile (${safeCode(message.code)}: ${words}). It is read again later.`,
      { ...details, code: safeCode(message.code) },
    );
  }
  return new ProfileRejected(
    `Concur refused the profile (${safeCode(message.code)}${field === undefined ? '' : `, ${field}`}: ${words}). ` +
      'Nothing of it was written. Correct the traveller in the hub, then retry.',
    { ...details, code: safeCode(message.code), field },
  );
}

/** A read is refused with E001 only where something is not accessible; a write also for other reasons. */
function cardsRejected(
  rawCode: string,
  field: string | undefined,
  details: ErrorDetails,
  subject: CallSubject,
): ConcurError {
  const code = safeCode(rawCode);
  const words = wordsFor(code) ?? 'a code that no document of SAP’s explains';
  if (subject === 'read-cards' && code === 'E001') return cardScopeMissing(details);
  if (subject === 'read-cards') {
    return new CardsUnreadable(
      `Concur does not show the cards (${code}: ${words}). They are read again later.`,
      {
        ...details,
        code,
      },
    );
  }
  return new CardsRejected(
    `Concur refused the cards (${code}${field === undefined ? '' : `, ${field}`}: ${words}). None of them was ` +
      'written. Correct the card, then retry.',
    { ...details, code, field },
  );
}

function cardScopeMissing(details: ErrorDetails): ScopeMissing {
  return new ScopeMissing(
    'Concur does not let the application see cards, also with a fresh token. Most likely the scope FOP was ' +
      'not granted: ask Concur to grant FOP (and GHOST for company cards), then renew the connection. If ' +
      'profiles are refused as well, the connection was revoked.',
    'FOP',
    details,
  );
}

/** A code comes from outside: what does not look like one, or could be a number of a card, gets into no message. */
function safeCode(code: string): string {
  return /^(?!.*\d{6})[A-Z0-9-]{1,20}$/i.test(code) ? code : 'UNNAMED';
}

function loginTaken(details: ErrorDetails): LoginTaken {
  return new LoginTaken(
    'The login belongs to another user; logins are unique across all of Concur. Give the traveller ' +
      'another username in the hub, or bind the traveller to the existing profile.',
    details,
  );
}

function throttled(details: ErrorDetails, retryAfterMs: number | undefined, delays: Delays): ConcurThrottled {
  return new ConcurThrottled('Concur asks for fewer requests. The call is repeated more slowly.', {
    ...details,
    retryAfterMs: retryAfterMs ?? delays.retryBaseMs,
  });
}

function fromStatus(
  answer: Answer,
  details: ErrorDetails,
  delays: Delays,
  subject: CallSubject,
): ConcurError {
  const { status } = answer;
  const namedMs = retryAfterMs(answer);
  if (status === 401) {
    return new ReauthorisationRequired(
      'Concur does not accept our access token (401), not even a fresh one. Ask the customer’s Concur ' +
        'contact for a new request token and submit it.',
      details,
    );
  }
  if (status === 403 && isAboutCards(subject)) return cardScopeMissing(details);
  if (status === 403) {
    return new AccessDenied(
      'Concur has to act: it denies access (403), also with a fresh token. The connection was revoked, or the ' +
        'application may not use this company or product. Open a support case.',
      details,
    );
  }
  if (status === 429) return throttled(details, namedMs, delays);
  if (status >= 500 || status === 408) {
    const wait = status === 503 ? delays.unavailableDelayMs : delays.retryBaseMs;
    return new ConcurUnavailable(`Concur is out of order (${status}). The call is repeated after a while.`, {
      ...details,
      retryAfterMs: namedMs ?? wait,
    });
  }
  if (status >= 300 && status < 400) {
    return new ConcurUnavailable(
      `Concur answered with a redirect (${status}), which is never followed. The call is repeated; if this ` +
        'lasts, check the entity’s geolocation.',
      { ...details, code: 'concur-redirect', retryAfterMs: delays.unavailableDelayMs },
    );
  }
  // A bare 400 to a write is about the record. A bare 404 is not: it may be a gateway's or a wrong base.
  if (status === 400 && (subject === 'create' || subject === 'update')) {
    return new ProfileRejected(
      'Concur refused the profile (400) in words that no rule knows; they are kept with the record.',
      { ...details, code: 'HTTP-400' },
    );
  }
  if (status === 400 && isAboutCards(subject)) {
    const Kind = subject === 'read-cards' ? CardsUnreadable : CardsRejected;
    return new Kind(
      'Concur refused the call about cards (400) in words that no rule knows; they are kept with the record.',
      { ...details, code: 'HTTP-400' },
    );
  }
  if (status === 400 && subject === 'read') {
    return new ProfileUnreadable(
      'Concur refused to show the profile (400) in words that no rule knows; they are kept with the record.',
      { ...details, code: 'HTTP-400' },
    );
  }
  return new UnexpectedAnswer(
    `Concur answered with ${status} in a way that no rule covers. The call is repeated a few times; give ` +
      'the correlation id to Concur if this lasts.',
    { ...details, retryAfterMs: namedMs ?? delays.retryBaseMs },
  );
}
