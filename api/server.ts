import { type AddressInfo } from 'node:net';
import { createApi } from './app';
import { type Api, type ApiDeps } from './deps';
import { errorCode } from './failure-log';
import { isLoopbackHost } from './loopback';

export interface RunningApi {
  /** E.g. `http://127.0.0.1:8080`. */
  readonly url: string;
  /** Answers what is under way, then closes. The store stays open. */
  stop(): Promise<void>;
}

/** The API cannot be started as it is set up; `message` is one line that names the setting. */
export class ApiStartError extends Error {
  constructor(
    readonly code: 'api-plain-refused' | 'api-port-busy' | 'api-host-unusable',
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = 'ApiStartError';
  }
}

export function isApiStartError(error: unknown): error is ApiStartError {
  return error instanceof ApiStartError;
}

/**
 * Listens on API_HOST and API_PORT (0: a free port).
 * @throws ApiStartError
 */
export async function startApi(deps: ApiDeps): Promise<RunningApi> {
  const { API_HOST: host, API_PORT: port, API_ALLOW_PLAIN: allowPlain } = deps.settings;
  if (!isLoopbackHost(host) && !allowPlain) {
    throw new ApiStartError(
      'api-plain-refused',
      `API_HOST: ${host} is reachable from other machines and this API speaks plain HTTP. Use 127.0.0.1, or put a proxy with TLS in front and set API_ALLOW_PLAIN=true.`,
    );
  }
  const app = await createApi(deps);
  try {
    await app.listen({ host: host.replace(/^\[|\]$/g, ''), port });
  } catch (error) {
    await app.close();
    throw startError(error, host, port);
  }
  return { url: urlOf(app), stop: () => app.close() };
}

function startError(error: unknown, host: string, port: number): unknown {
  const code = errorCode(error);
  if (code === 'EADDRINUSE') {
    const words = `API_PORT: port ${port} of ${host} is in use. Stop what uses it, or set API_PORT to a free one.`;
    return new ApiStartError('api-port-busy', words, { cause: error });
  }
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND' || code === 'EACCES') {
    const words = `API_HOST: this machine cannot listen on ${host}, port ${port} (${code}). Set API_HOST to one of its addresses.`;
    return new ApiStartError('api-host-unusable', words, { cause: error });
  }
  return error;
}

function urlOf(app: Api): string {
  const address: AddressInfo | string | null = app.server.address();
  if (address === null || typeof address === 'string') throw new Error('the API does not listen on a port');
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return `http://${host}:${address.port}`;
}
