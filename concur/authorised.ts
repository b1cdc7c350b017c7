import { type Connection } from './connection';
import { type Answer, type Call, type Send } from './http';
import { type AnswerInfo } from './types';

/** What every call of the Travel Profile services is sent with (docs/concur.md §3). */
export const XML_HEADERS = { accept: 'application/xml', 'content-type': 'application/xml' } as const;

/** A call before it has a token and an origin. */
export type UnauthorisedCall = Omit<Call, 'origin'>;

/** Sends a call of one entity with its token, to its geolocation. */
export type SendAuthorised = (call: UnauthorisedCall) => Promise<Answer>;

/** `OAuth` is Travel Profile v1's own (docs/concur.md §5). */
export type AuthorisationScheme = 'Bearer' | 'OAuth';

/**
 * THE function that puts a token on a call. On 401 and 403 the token is refreshed once and the call
 * repeated once (docs/concur.md §2); what is answered then stands. Where several schemes are possible, the
 * next one is tried only after that and on a 401; one that is taken is kept.
 */
export function createSendAuthorised(
  connection: Connection,
  send: Send,
  schemes: readonly [AuthorisationScheme, ...AuthorisationScheme[]] = ['Bearer'],
): SendAuthorised {
  let [scheme] = schemes;
  return async (call) => {
    const token = await connection.accessToken();
    const answer = await send(withToken(call, token, scheme));
    if (answer.status !== 401 && answer.status !== 403) return answer;
    const fresh = await connection.forceRefresh(token.value);
    const again = await send(withToken(call, fresh, scheme));
    if (again.status !== 401) return again;
    for (const other of schemes.filter((candidate) => candidate !== scheme)) {
      const inOtherScheme = await send(withToken(call, fresh, other));
      if (inOtherScheme.status === 401) continue;
      scheme = other;
      return inOtherScheme;
    }
    return again;
  };
}

function withToken(
  call: UnauthorisedCall,
  token: { readonly value: string; readonly origin: string },
  scheme: AuthorisationScheme,
): Call {
  return {
    ...call,
    origin: token.origin,
    headers: { ...call.headers, authorization: `${scheme} ${token.value}` },
  };
}

export function infoOf(answer: Answer): AnswerInfo {
  return {
    correlationId: answer.correlationId,
    ...(answer.serverDate === undefined ? {} : { serverDate: answer.serverDate }),
  };
}
