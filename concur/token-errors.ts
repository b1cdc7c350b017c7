import { z } from 'zod';
import { type Party, TOKEN_CODES, type TokenErrorClass } from './codes';
import {
  AccessDenied,
  type ConcurError,
  ConcurThrottled,
  ConcurUnavailable,
  type ErrorDetails,
  Misconfigured,
  ReauthorisationRequired,
  UnexpectedAnswer,
} from './errors';

/** Error body of the token endpoint; `error_description` is not read, for it may quote what was sent. */
const tokenErrorSchema = z.object({
  code: z.coerce.number().int().optional().catch(undefined),
  error: z
    .string()
    .regex(/^[a-z_]{1,40}$/)
    .optional()
    .catch(undefined),
  geolocation: z.string().optional().catch(undefined),
});

export interface TokenFailure {
  readonly class: TokenErrorClass | 'unknown';
  readonly error: ConcurError;
  /** Where the company lives, as the body says; not yet checked against the allow-list. */
  readonly geolocation?: string;
}

export interface TokenErrorContext {
  readonly correlationId?: string;
  readonly retryAfterMs?: number;
}

/**
 * What a refusal of the token endpoint asks for, and of whom (docs/concur.md §1, token error codes).
 * @param body as it came; anything but Concur's JSON is taken for an unknown error
 */
export function classifyTokenError(
  httpStatus: number,
  body: string,
  context: TokenErrorContext = {},
): TokenFailure {
  const { code, error, geolocation } = parseBody(body);
  const known = code === undefined ? undefined : TOKEN_CODES[code];
  const details: ErrorDetails = { httpStatus, ...context, oauthCode: code };
  const cls =
    httpStatus >= 500 || httpStatus === 408 || httpStatus === 429 ? 'retry' : (known?.class ?? 'unknown');
  const said =
    known === undefined
      ? `${error ?? 'no reason given'}, code ${code ?? 'none'}`
      : `code ${code ?? ''}: ${known.words}`;
  return {
    class: cls,
    error: errorFor(cls, httpStatus, said, details, known?.party),
    ...(geolocation === undefined ? {} : { geolocation }),
  };
}

function errorFor(
  cls: TokenFailure['class'],
  status: number,
  said: string,
  details: ErrorDetails,
  party: Party = 'Concur',
): ConcurError {
  switch (cls) {
    case 'retry':
      return status === 429
        ? new ConcurThrottled('Concur asks for fewer token requests. It is asked again more slowly.', details)
        : new ConcurUnavailable(
            `Concur gives out no tokens right now (${status}). It is asked again.`,
            details,
          );
    case 'new-request-token':
      return new ReauthorisationRequired(
        `A new request token is needed (${said}). Ask the customer’s Concur contact for one ("API token ` +
          'request") and submit it before it expires.',
        details,
      );
    case 'elsewhere':
      return new AccessDenied(
        `Concur has to act: no data centre knows the company (${said}). Open a support case and ask where it lives.`,
        details,
      );
    case 'access':
      return new AccessDenied(
        party === 'Concur'
          ? `Concur has to act (${said}). Open a support case with Concur.`
          : `The client company has to act (${said}). Ask its Concur administrator; if that does not help, ` +
              'open a support case with Concur.',
        details,
      );
    case 'configuration':
      return new Misconfigured(
        `Our settings are wrong (${said}). Check CONCUR_CLIENT_ID, CONCUR_CLIENT_SECRET and how SAP set up ` +
          'the application.',
        details,
      );
    case 'unknown':
      return new UnexpectedAnswer(
        `Concur refused a token (${status}; ${said}) for a reason that no document of SAP’s names. Give the ` +
          'correlation id to Concur if this lasts.',
        details,
      );
  }
}

function parseBody(body: string): z.output<typeof tokenErrorSchema> {
  try {
    const parsed = tokenErrorSchema.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : {};
  } catch {
    // A proxy's page, or nothing: the status alone decides.
    return {};
  }
}
