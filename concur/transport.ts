import { Agent, type Dispatcher, request } from 'undici';
import { type Transport, TransportFailure, type TransportRequest, type TransportResponse } from './http';

const KEEP_ALIVE_MS = 30_000;
const CONNECTIONS_PER_ORIGIN = 64;

export interface UndiciTransport {
  readonly send: Transport;
  /** Ends the connections once the calls in flight are done. */
  close(): Promise<void>;
}

/**
 * The transport over the network: undici with connections kept alive, no redirects, one deadline for
 * the whole answer.
 * @param dispatcher replaces the agent, e.g. by undici's MockAgent in tests; the caller closes it
 */
export function undiciTransport(dispatcher?: Dispatcher): UndiciTransport {
  const own =
    dispatcher === undefined
      ? new Agent({ keepAliveTimeout: KEEP_ALIVE_MS, connections: CONNECTIONS_PER_ORIGIN })
      : undefined;
  const via = dispatcher ?? own;
  return {
    send: (call) => exchange(call, via),
    close: async () => {
      await own?.close();
    },
  };
}

async function exchange(
  call: TransportRequest,
  dispatcher: Dispatcher | undefined,
): Promise<TransportResponse> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), call.timeoutMs);
  try {
    const response = await request(call.url, {
      method: call.method,
      headers: call.headers,
      ...(call.body === undefined ? {} : { body: call.body }),
      ...(dispatcher === undefined ? {} : { dispatcher }),
      signal: deadline.signal,
      // The deadline covers headers and body; undici's own time-outs would only shorten it.
      headersTimeout: 0,
      bodyTimeout: 0,
    });
    return {
      status: response.statusCode,
      headers: flat(response.headers),
      body: await readBody(response.body, call.maxBytes),
    };
  } catch (error) {
    if (error instanceof TransportFailure) throw error;
    if (deadline.signal.aborted) throw new TransportFailure('timeout');
    // undici's error may quote the address or hold the socket: only its code goes on.
    throw new TransportFailure('unreachable', systemCode(error));
  } finally {
    clearTimeout(timer);
  }
}

async function readBody(body: Dispatcher.ResponseData['body'], maxBytes: number): Promise<Uint8Array> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    const part = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    bytes += part.length;
    if (bytes > maxBytes) throw new TransportFailure('too-large');
    chunks.push(part);
  }
  return Buffer.concat(chunks);
}

function flat(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value]],
    ),
  );
}

function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined;
  return error.code;
}
