import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type ApiScope, hashApiKey, type HubStore } from '../hub';
import { type Api } from './deps';
import { Problem } from './problem';

/** Who asks. */
export interface Caller {
  readonly keyId: string;
  readonly scopes: readonly ApiScope[];
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The scope a key must have, `public`, or `codec` and `push` where another check decides. Every route names one. */
    readonly access?: ApiScope | 'public' | 'codec' | 'push';
  }
  interface FastifyRequest {
    /** Null on routes that need no key. */
    caller: Caller | null;
  }
}

const BEARER = /^Bearer +(\S+)$/i;

/**
 * Checks the key before the body is read. A route that does not say who may call it is a mistake and ends
 * the start.
 */
export function registerAuth(app: Api, store: HubStore): void {
  app.decorateRequest('caller', null);
  app.addHook('onRoute', (route) => {
    if (route.config?.access === undefined && route.schema?.hide !== true) {
      throw new Error(`Route ${route.url} does not say which scope it needs.`);
    }
  });
  app.addHook('onRequest', async (request: FastifyRequest, _reply: FastifyReply) => {
    const { access } = request.routeOptions.config;
    if (access === undefined || access === 'public' || access === 'codec' || access === 'push') return;
    request.caller = await authenticate(request, store);
    requireScope(request, access);
  });
}

/** @throws Problem 401 */
export async function authenticate(request: FastifyRequest, store: HubStore): Promise<Caller> {
  const [, key] = BEARER.exec(request.headers.authorization ?? '') ?? [];
  if (key === undefined) {
    throw new Problem(401, 'api-key-missing', 'Send an API key: `Authorization: Bearer <key>`.');
  }
  const known = await store.apiKeys.verify(hashApiKey(key));
  if (known === undefined)
    throw new Problem(401, 'api-key-unknown', 'This API key is not known or was revoked.');
  return { keyId: known.id, scopes: known.scopes };
}

export function hasScope(request: FastifyRequest, scope: ApiScope): boolean {
  return request.caller?.scopes.includes(scope) === true;
}

/** Scopes do not include one another: a key has exactly those it was made with. @throws Problem 403 */
export function requireScope(request: FastifyRequest, scope: ApiScope): void {
  if (hasScope(request, scope)) return;
  throw new Problem(403, 'scope-missing', `This needs an API key with the scope \`${scope}\`.`, { scope });
}
