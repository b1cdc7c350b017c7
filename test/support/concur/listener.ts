import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

export type Handler = (request: IncomingMessage, body: string, response: ServerResponse) => void;

/** A server on loopback that counts who connects: what a mock of the client cannot show. */
export interface Listener {
  readonly port: number;
  /** `http://127.0.0.1:<port>` */
  readonly origin: string;
  /** Sockets opened so far. */
  connections(): number;
  /** `METHOD /path` of each request so far. */
  readonly requests: string[];
  answer: Handler;
  close(): Promise<void>;
}

/** @param host loopback, IPv4 or IPv6 */
export async function listen(host = '127.0.0.1'): Promise<Listener> {
  let opened = 0;
  const requests: string[] = [];
  const server: Server = createServer((request, response) => {
    requests.push(`${request.method ?? ''} ${request.url ?? ''}`);
    let body = '';
    request.setEncoding('utf8').on('data', (part: string) => (body += part));
    request.on('end', () => listener.answer(request, body, response));
  });
  server.on('connection', () => (opened += 1));
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  const listener: Listener = {
    port: address.port,
    origin: `http://${host}:${address.port}`,
    connections: () => opened,
    requests,
    answer: (_request, _body, response) => void response.end(),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return listener;
}
