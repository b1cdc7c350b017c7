import { z } from 'zod';
import { type Delays } from './classify';
import { UnexpectedAnswer } from './errors';
import { type Answer, retryAfterMs, type Send } from './http';
import { type OriginGate } from './origins';
import { classifyTokenError } from './token-errors';
import { type TokenGrant } from './tokens';

const TOKEN_PATH = '/oauth2/v0/token';
const CONNECTIONS_PATH = '/app-mgmt/v0/connections';
const UNREADABLE = 'token-answer-unreadable';
const SECOND_MS = 1000;
/** Where an answer names no lifetime: 60 minutes, docs/concur.md §1. */
const DEFAULT_ACCESS_SECONDS = 3600;
/** `refresh_expires_in` is a point in time (epoch seconds); below this it can only be a duration. */
const EARLIEST_EPOCH_SECONDS = 1_000_000_000;

/** Data centres of Concur's, tried in this order where one says "lives elsewhere" but not where. */
export const KNOWN_BASES: readonly string[] = ['us2', 'eu2', 'apj1', 'us', 'emea', 'eu1', 'usg'].map(
  (name) => `https://${name}.api.concursolutions.com`,
);

const numeric = z.coerce.number().finite().optional().catch(undefined);
const grantSchema = z.object({
  access_token: z.string().min(1),
  expires_in: numeric,
  refresh_token: z.string().min(1).optional().catch(undefined),
  refresh_expires_in: numeric,
  scope: z.string().optional().catch(undefined),
  geolocation: z.string().optional().catch(undefined),
});

export interface OAuthOptions {
  readonly send: Send;
  readonly gate: OriginGate;
  readonly now: () => Date;
  readonly clientId: string;
  readonly clientSecret: string;
  /** CONCUR_AUTH_URL. */
  readonly authUrl: string;
  /** Other data centres for code 16; see {@link basesBeside}. */
  readonly otherBases: readonly string[];
  /** How long to wait after an outage, the same as for every other call. */
  readonly delays: Delays;
}

/** A grant, and whether Concur named a geolocation that is not allowed (and is left out of the grant). */
export interface TokenAnswer {
  readonly grant: TokenGrant;
  readonly refusedGeolocation: boolean;
}

/** Asked before every token request; what it throws stops that request. */
export type Permit = () => Promise<void>;

export interface OAuth {
  /** Origin of the global entry. */
  readonly authOrigin: string;
  /** @throws ConcurError of any class, see {@link classifyTokenError} */
  exchangeRequestToken(
    ask: { companyUuid: string; requestToken: string },
    permit?: Permit,
  ): Promise<TokenAnswer>;
  /** @throws ConcurError of any class, see {@link classifyTokenError} */
  refresh(stored: { refreshToken: string; geolocation?: string }, permit?: Permit): Promise<TokenAnswer>;
  /** Ends the connection on Concur's side, where Concur lets us. */
  disconnect(at: { accessToken: string; origin: string }): Promise<'disconnected' | 'not-supported'>;
}

/** The data centres to try beside the global entry: Concur's, or with another entry what is configured. */
export function basesBeside(authUrl: string, allowedOrigins: readonly string[]): readonly string[] {
  return new URL(authUrl).hostname.endsWith('.concursolutions.com') ? KNOWN_BASES : allowedOrigins;
}

interface TokenRequest {
  readonly name: string;
  readonly permit: Permit;
  readonly form: Readonly<Record<string, string>>;
}

const always: Permit = () => Promise.resolve();

/** The token endpoint (docs/concur.md §1). Secrets go into the body of a form, never into an address. */
export function createOAuth(options: OAuthOptions): OAuth {
  const authOrigin = options.gate.check(options.authUrl);

  const ask = async ({ name, form, permit }: TokenRequest, origin: string): Promise<Answer> => {
    await permit();
    return options.send({
      function: name,
      method: 'POST',
      origin,
      path: TOKEN_PATH,
      template: TOKEN_PATH,
      // Exactly this: Concur refuses a charset parameter.
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
      body: new URLSearchParams({
        client_id: options.clientId,
        client_secret: options.clientSecret,
        ...form,
      }).toString(),
      failureOf: (answer) => {
        if (!isOk(answer)) return failureOf(answer, options.delays).error.code;
        return grantSchema.safeParse(jsonOf(answer.body)).success ? undefined : UNREADABLE;
      },
    });
  };

  async function grantFrom(base: string, request: TokenRequest): Promise<TokenAnswer> {
    const first = options.gate.check(base);
    const answer = await ask(request, first);
    if (isOk(answer)) return readGrant(answer, options);
    let failure = failureOf(answer, options.delays);
    if (failure.class !== 'elsewhere') throw failure.error;
    for (const origin of elsewhere(failure.geolocation, first)) {
      const next = await ask(request, origin);
      if (isOk(next)) return readGrant(next, options, origin);
      failure = failureOf(next, options.delays);
      if (failure.class !== 'elsewhere') throw failure.error;
    }
    throw failure.error;
  }

  function elsewhere(said: string | undefined, tried: string): readonly string[] {
    const named = said?.trim();
    if (named !== undefined && options.gate.allows(named)) {
      const origin = options.gate.check(named);
      if (origin !== tried) return [origin];
    }
    return options.otherBases.filter(
      (base) => options.gate.allows(base) && options.gate.check(base) !== tried,
    );
  }

  return {
    authOrigin,
    exchangeRequestToken: ({ companyUuid, requestToken }, permit = always) =>
      grantFrom(authOrigin, {
        name: 'exchangeRequestToken',
        permit,
        form: {
          grant_type: 'password',
          username: companyUuid,
          password: requestToken,
          credtype: 'authtoken',
        },
      }),
    refresh: ({ refreshToken, geolocation }, permit = always) =>
      grantFrom(geolocation ?? authOrigin, {
        name: 'refreshToken',
        permit,
        form: { grant_type: 'refresh_token', refresh_token: refreshToken },
      }),
    async disconnect({ accessToken, origin }) {
      const answer = await options.send({
        function: 'disconnect',
        method: 'DELETE',
        origin,
        path: CONNECTIONS_PATH,
        template: CONNECTIONS_PATH,
        headers: { authorization: `Bearer ${accessToken}` },
      });
      if (isOk(answer)) return 'disconnected';
      // Documented for users only: a refusal is no failure of the offboarding.
      if (answer.status >= 400 && answer.status < 500) return 'not-supported';
      throw failureOf(answer, options.delays).error;
    },
  };
}

function isOk({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

function failureOf(answer: Answer, { unavailableDelayMs }: Delays): ReturnType<typeof classifyTokenError> {
  const { status, body, correlationId } = answer;
  const wait = retryAfterMs(answer) ?? (status === 503 ? unavailableDelayMs : undefined);
  return classifyTokenError(status, body, {
    correlationId,
    ...(wait === undefined ? {} : { retryAfterMs: wait }),
  });
}

/** @param answeredBy the data centre that turned out to be the company's */
function readGrant(answer: Answer, options: OAuthOptions, answeredBy?: string): TokenAnswer {
  const parsed = grantSchema.safeParse(jsonOf(answer.body));
  if (!parsed.success) {
    throw new UnexpectedAnswer(
      'Concur’s token answer holds no access token. It is asked again; give the correlation id to Concur ' +
        'if this lasts.',
      { code: UNREADABLE, correlationId: answer.correlationId, httpStatus: answer.status },
    );
  }
  const { data } = parsed;
  const named = data.geolocation?.trim() ?? '';
  const isRefused = named !== '' && !options.gate.allows(named);
  // It may carry a path such as /oauth2/v0/token: the origin is what counts.
  const geolocation = named === '' || isRefused ? answeredBy : options.gate.check(named);
  const now = options.now().getTime();
  const refreshExpiresAt = expiryOf(data.refresh_expires_in, now);
  return {
    refusedGeolocation: isRefused,
    grant: {
      accessToken: data.access_token,
      accessTokenExpiresAt: new Date(now + (data.expires_in ?? DEFAULT_ACCESS_SECONDS) * SECOND_MS),
      ...(data.refresh_token === undefined ? {} : { refreshToken: data.refresh_token }),
      ...(refreshExpiresAt === undefined ? {} : { refreshTokenExpiresAt: refreshExpiresAt }),
      ...(geolocation === undefined ? {} : { geolocation }),
      scopes: (data.scope ?? '').split(/\s+/).filter((scope) => scope !== ''),
    },
  };
}

function expiryOf(seconds: number | undefined, nowMs: number): Date | undefined {
  if (seconds === undefined || seconds <= 0) return undefined;
  return new Date(seconds < EARLIEST_EPOCH_SECONDS ? nowMs + seconds * SECOND_MS : seconds * SECOND_MS);
}

function jsonOf(body: string): unknown {
  try {
    const json: unknown = JSON.parse(body);
    return json;
  } catch {
    // No JSON is no grant; the schema says so.
    return undefined;
  }
}
