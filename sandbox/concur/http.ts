import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo } from 'node:net';
import { isConnectionReset, type SandboxLog, type SandboxRequest, type SandboxResponse } from './types';

const LOOPBACK = '127.0.0.1';
const LARGEST_BODY_BYTES = 64 * 1_024 * 1_024;
/** A page in a browser must not reach the admin routes through a name that points here. */
const LOCAL_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i;

export interface Listener {
  readonly port: number;
  readonly origin: string;
  close(): Promise<void>;
}

type Handle = (request: SandboxRequest) => Promise<SandboxResponse>;

/**
 * Serves on loopback only.
 * @param port 0: a free one
 * @throws Error with code EADDRINUSE where the port is taken
 */
export async function listenHttp(port: number, handle: Handle, log: SandboxLog): Promise<Listener> {
  let origin = '';
  const server = createServer((request, response) => {
    serve(request, response, origin, handle).catch((error: unknown) => {
      log.warn({ error: String(error) }, 'simulation: a call could not be answered');
      response.destroy();
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, resolve);
  });
  const actual = addressOf(server).port;
  origin = `http://${LOOPBACK}:${actual}`;
  return { port: actual, origin, close: () => closeServer(server) };
}

function addressOf(server: Server): AddressInfo {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The sandbox has no TCP address.');
  return address;
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  origin: string,
  handle: Handle,
): Promise<void> {
  if (!LOCAL_HOST.test(request.headers.host ?? '') || request.headers.origin !== undefined) {
    response.writeHead(403, { 'x-concordance-sandbox': 'simulation' }).end('Loopback only.');
    return;
  }
  const body = await readBody(request);
  if (body === undefined) {
    response.writeHead(413, { connection: 'close', 'x-concordance-sandbox': 'simulation' }).end('Too large.');
    return;
  }
  try {
    const answer = await handle({
      method: request.method ?? 'GET',
      origin,
      path: request.url ?? '/',
      headers: flatten(request),
      body,
    });
    send(response, answer);
  } catch (error) {
    if (!isConnectionReset(error)) throw error;
    request.socket.resetAndDestroy();
  }
}

async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    const buffer = Buffer.isBuffer(chunk) ? chunk : Buffer.from(String(chunk));
    bytes += buffer.byteLength;
    if (bytes > LARGEST_BODY_BYTES) return undefined;
    chunks.push(buffer);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function flatten(request: IncomingMessage): Record<string, string> {
  const entries = Object.entries(request.headers).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
  );
  return Object.fromEntries(entries);
}

function send(response: ServerResponse, answer: SandboxResponse): void {
  response.sendDate = false;
  response.writeHead(answer.status, answer.headers);
  if (answer.truncated !== true) {
    response.end(answer.body);
    return;
  }
  // The head promises more than what comes before the connection ends.
  response.write(answer.body, () => response.socket?.destroy());
}
