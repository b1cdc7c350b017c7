import { type FastifyReply, type FastifyRequest } from 'fastify';
import { type ApiScope } from '../hub';
import { authenticate, requireScope } from './auth';
import { type ApiDeps } from './deps';
import { isLoopbackHost } from './loopback';

type AccessDeps = Pick<ApiDeps, 'settings' | 'store' | 'uiOrigin'>;

/** Set by proxies: whoever comes through one is not known to sit at this machine. */
const PROXY_HEADERS = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/**
 * The Temporal UI in a browser of this machine cannot hold a key, so it needs none: on a connection within
 * loopback, from exactly its origin, to exactly our address (a foreign name that points to 127.0.0.1 has
 * another Host). Everybody else needs an API key with that scope.
 */
export async function requireCodecAccess(
  request: FastifyRequest,
  deps: AccessDeps,
  scope: ApiScope,
): Promise<void> {
  if (isLocalUi(request, deps)) return;
  request.caller = await authenticate(request, deps.store);
  requireScope(request, scope);
}

/** CORS for the one origin of the UI; nothing for any other. */
export function allowUiOrigin(
  request: FastifyRequest,
  reply: FastifyReply,
  uiOrigin: string | undefined,
): void {
  void reply.header('vary', 'origin');
  if (uiOrigin === undefined || request.headers.origin !== uiOrigin) return;
  void reply.headers({
    'access-control-allow-origin': uiOrigin,
    'access-control-allow-credentials': 'true',
    'access-control-allow-methods': 'POST, OPTIONS',
    'access-control-allow-headers': 'content-type, x-namespace, authorization',
    'access-control-max-age': '600',
  });
}

function isLocalUi(request: FastifyRequest, { settings, uiOrigin }: AccessDeps): boolean {
  const { origin } = request.headers;
  return (
    uiOrigin !== undefined &&
    origin === uiOrigin &&
    isLoopbackHost(settings.API_HOST) &&
    isLoopbackHost(request.socket.remoteAddress ?? '') &&
    PROXY_HEADERS.every((name) => request.headers[name] === undefined) &&
    isOurHost(request, settings)
  );
}

/** `Host` is a name of loopback and the port that is listened on. */
function isOurHost(request: FastifyRequest, settings: AccessDeps['settings']): boolean {
  const { localPort } = request.socket;
  const port = localPort ?? settings.API_PORT;
  return ['127.0.0.1', 'localhost', '[::1]', settings.API_HOST].some(
    (name) => request.headers.host === `${name}:${port}`,
  );
}
