import { type OutcomeMessage } from './types';

/**
 * What a failure asks for (docs/concur.md §2): try again by itself, a person's act, or a correction of
 * the one record the call was about.
 */
export type FailureClass = 'retry' | 'person' | 'record';

export interface ErrorDetails {
  /** Stable; what stands in quarantine, events and reports. Default: the name of the class. */
  readonly code?: string | undefined;
  readonly correlationId?: string | undefined;
  readonly httpStatus?: number | undefined;
  /** Concur's own texts. They may hold personal data: seal them where they are stored. */
  readonly messages?: readonly OutcomeMessage[] | undefined;
  /** How long to wait before the next try, milliseconds. */
  readonly retryAfterMs?: number | undefined;
  /** Code of the token endpoint (docs/concur.md §1). */
  readonly oauthCode?: number | undefined;
}

/**
 * Base of all failures of this folder. `message` says what to do and holds no personal data, login,
 * token or body; what Concur wrote stands only in `messages`, which neither `util.inspect` nor
 * `JSON.stringify` shows.
 */
export abstract class ConcurError extends Error {
  abstract readonly failureClass: FailureClass;
  readonly code: string;
  readonly correlationId?: string;
  readonly httpStatus?: number;
  readonly retryAfterMs?: number;
  readonly oauthCode?: number;
  readonly #messages: readonly OutcomeMessage[] | undefined;

  constructor(message: string, code: string, details: ErrorDetails = {}) {
    super(message);
    this.name = new.target.name;
    this.code = details.code ?? code;
    if (details.correlationId !== undefined) this.correlationId = details.correlationId;
    if (details.httpStatus !== undefined) this.httpStatus = details.httpStatus;
    if (details.retryAfterMs !== undefined) this.retryAfterMs = details.retryAfterMs;
    if (details.oauthCode !== undefined) this.oauthCode = details.oauthCode;
    this.#messages = details.messages;
  }

  /** Concur's own words about the failure; may hold personal data. */
  get messages(): readonly OutcomeMessage[] | undefined {
    return this.#messages;
  }
}

/** Concur cannot be reached or says it is out of service; nobody has to do anything. */
export class ConcurUnavailable extends ConcurError {
  readonly failureClass = 'retry';
  constructor(message: string, details?: ErrorDetails) {
    super(message, 'ConcurUnavailable', details);
  }
}

/** Concur asks for fewer calls (429). */
export class ConcurThrottled extends ConcurError {
  readonly failureClass = 'retry';
  constructor(message: string, details?: ErrorDetails) {
    super(message, 'ConcurThrottled', details);
  }
}

/** No complete answer within CONCUR_TIMEOUT_MS; whether the call had an effect is not known. */
export class ConcurTimeout extends ConcurError {
  readonly failureClass = 'retry';
  constructor(message: string, details?: ErrorDetails) {
    super(message, 'ConcurTimeout', details);
  }
}

/** An answer that no rule of docs/concur.md covers; whether the call had an effect is not known. */
export class UnexpectedAnswer extends ConcurError {
  readonly failureClass = 'retry';
  constructor(message: string, details?: ErrorDetails) {
    super(message, 'UnexpectedAnswer', details);
  }
}

/** The connection is dead: a new request token is needed. */
export class ReauthorisationRequired extends ConcurError {
  readonly failureClass = 'person';
  constructor(message: string, details?: ErrorDetails) {
    super(message, 'ReauthorisationRequired', details);
  }
}

/** Concur knows us but does not let us: Concur or the client company has to act. */
export class AccessDenied extends ConcurError {
  readonly failureClass = 'person';
  constructor(message: string, details?: ErrorDetails) {
    super(message, 'AccessDenied', details);
  }
}

/** Our own settings, or how the entity is set up, are wrong: the operator has to act. */
export class Misconfigured extends ConcurError {
  readonly failureClass = 'person';
  constructor(message: string, details?: ErrorDetails) {
    super(message, 'Misconfigured', details);
  }
}

/** An address outside the allow-list: nothing was sent to it. */
export class NotAllowedOrigin extends ConcurError {
  readonly failureClass = 'person';
  constructor(message: string, details?: ErrorDetails) {
    super(message, 'NotAllowedOrigin', details);
  }
}

type RefusalDetails = ErrorDetails & { readonly field?: string | undefined };

/** Concur refused a document as a whole; nothing of it was written. */
abstract class RefusedDocument extends ConcurError {
  readonly failureClass = 'record';
  /** Concur's path of the field, where every part of it is a name of the schema. */
  readonly field?: string;
  constructor(message: string, code: string, details?: RefusalDetails) {
    super(message, code, details);
    if (details?.field !== undefined) this.field = details.field;
  }
}

/** Concur refused one profile; nothing of it was written. `code` is Concur's, e.g. `E001` or `SCHEMA`. */
export class ProfileRejected extends RefusedDocument {
  constructor(message: string, details?: RefusalDetails) {
    super(message, 'ProfileRejected', details);
  }
}

/** A profile that Concur sent cannot be read as one. */
export class ProfileUnreadable extends ConcurError {
  readonly failureClass = 'record';
  constructor(message: string, details?: ErrorDetails) {
    super(message, 'ProfileUnreadable', details);
  }
}

/** Concur refused a traveller's cards; none of them was written. `code` is Concur's, e.g. `W011`. */
export class CardsRejected extends RefusedDocument {
  constructor(message: string, details?: RefusalDetails) {
    super(message, 'CardsRejected', details);
  }
}

/** Cards that Concur sent cannot be read as such. */
export class CardsUnreadable extends ConcurError {
  readonly failureClass = 'record';
  constructor(message: string, details?: ErrorDetails) {
    super(message, 'CardsUnreadable', details);
  }
}

/** Concur does not show all that a POST needs to keep every card: nothing was sent. */
export class CardsIncomplete extends ConcurError {
  readonly failureClass = 'record';
  constructor(message: string, details?: ErrorDetails) {
    super(message, 'CardsIncomplete', details);
  }
}

/** The application or the company's grant lacks a scope (docs/concur.md §1): somebody has to grant it. */
export class ScopeMissing extends ConcurError {
  readonly failureClass = 'person';
  constructor(
    message: string,
    readonly scope: string,
    details?: ErrorDetails,
  ) {
    super(message, 'ScopeMissing', details);
  }
}

/** The login belongs to somebody already; logins are unique across all of Concur. */
export class LoginTaken extends ConcurError {
  readonly failureClass = 'record';
  constructor(message: string, details?: ErrorDetails) {
    super(message, 'LoginTaken', details);
  }
}

/** The login names another person than the bound one: nothing was sent. */
export class IdentityChanged extends ConcurError {
  readonly failureClass = 'record';
  constructor(message: string, details?: ErrorDetails) {
    super(message, 'IdentityChanged', details);
  }
}

/** What an entity on Travel Profile v1 cannot have (docs/concur.md §5): nothing was sent. */
export class NotInVersion1 extends ConcurError {
  readonly failureClass = 'record';
  constructor(message: string, details?: ErrorDetails) {
    super(message, 'NotInVersion1', details);
  }
}

/** XML that is cut off, malformed or not what was asked for. Partial content is never handed out. */
export class ConcurUnreadable extends ConcurError {
  readonly failureClass = 'record';
  constructor(message: string, details?: ErrorDetails) {
    super(message, 'ConcurUnreadable', details);
  }
}

/** A change that cannot be said in Concur's schema; `path` names the element, never its value. */
export class ConcurUnwritable extends ConcurError {
  readonly failureClass = 'record';
  constructor(
    message: string,
    readonly path: string,
    details?: ErrorDetails,
  ) {
    super(message, 'ConcurUnwritable', details);
  }
}

export const isConcurError = (e: unknown): e is ConcurError => e instanceof ConcurError;
export const isConcurUnavailable = (e: unknown): e is ConcurUnavailable => e instanceof ConcurUnavailable;
export const isConcurThrottled = (e: unknown): e is ConcurThrottled => e instanceof ConcurThrottled;
export const isConcurTimeout = (e: unknown): e is ConcurTimeout => e instanceof ConcurTimeout;
export const isUnexpectedAnswer = (e: unknown): e is UnexpectedAnswer => e instanceof UnexpectedAnswer;
export const isReauthorisationRequired = (e: unknown): e is ReauthorisationRequired =>
  e instanceof ReauthorisationRequired;
export const isAccessDenied = (e: unknown): e is AccessDenied => e instanceof AccessDenied;
export const isMisconfigured = (e: unknown): e is Misconfigured => e instanceof Misconfigured;
export const isNotAllowedOrigin = (e: unknown): e is NotAllowedOrigin => e instanceof NotAllowedOrigin;
export const isProfileRejected = (e: unknown): e is ProfileRejected => e instanceof ProfileRejected;
export const isProfileUnreadable = (e: unknown): e is ProfileUnreadable => e instanceof ProfileUnreadable;
export const isCardsRejected = (e: unknown): e is CardsRejected => e instanceof CardsRejected;
export const isCardsUnreadable = (e: unknown): e is CardsUnreadable => e instanceof CardsUnreadable;
export const isCardsIncomplete = (e: unknown): e is CardsIncomplete => e instanceof CardsIncomplete;
export const isScopeMissing = (e: unknown): e is ScopeMissing => e instanceof ScopeMissing;
export const isLoginTaken = (e: unknown): e is LoginTaken => e instanceof LoginTaken;
export const isIdentityChanged = (e: unknown): e is IdentityChanged => e instanceof IdentityChanged;
export const isNotInVersion1 = (e: unknown): e is NotInVersion1 => e instanceof NotInVersion1;
export const isConcurUnreadable = (e: unknown): e is ConcurUnreadable => e instanceof ConcurUnreadable;
export const isConcurUnwritable = (e: unknown): e is ConcurUnwritable => e instanceof ConcurUnwritable;
