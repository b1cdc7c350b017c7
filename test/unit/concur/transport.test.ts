import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { randomUUID } from 'node:crypto';
import {
  createOriginGate,
  createSend,
  type Send,
  undiciTransport,
  type UndiciTransport,
} from '../../../concur';
import { DELAYS } from '../../support/concur/world';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** The real agent against a server on loopback: what undici's mock cannot show. */
describe('On the wire', () => {
  let server: Server;
  let transport: UndiciTransport;
  let origin: string;
  let handler: Handler;

  beforeAll(async () => {
    server = createServer((request, response) => handler(request, response));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the server has no port');
    origin = `http://127.0.0.1:${address.port}`;
    transport = undiciTransport();
  });

  afterAll(async () => {
    await transport.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  const aSend = (timeoutMs = 2_000): Send =>
    createSend({
      gate: createOriginGate([origin]),
      transport: transport.send,
      now: () => new Date(),
      newId: randomUUID,
      timeoutMs,
      ...DELAYS,
    });

  const post = (body: string, timeoutMs?: number) =>
    aSend(timeoutMs)({
      function: 'example',
      method: 'POST',
      origin,
      path: '/x',
      template: '/x',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
      body,
    });

  it('every body has a length and no chunks, and the type is sent as it was said', async () => {
    const seen: IncomingMessage['headers'][] = [];
    handler = (request, response) => {
      seen.push(request.headers);
      request.resume().on('end', () => response.end('é'));
    };
    await expect(post('a=ü')).resolves.toMatchObject({ status: 200, body: 'é' });
    await post('');
    expect(seen[0]).toMatchObject({
      'content-length': '4',
      'content-type': 'application/x-www-form-urlencoded',
    });
    expect(seen[1]).toMatchObject({ 'content-length': '0' });
    for (const headers of seen) expect(headers).not.toHaveProperty('transfer-encoding');
  });

  it('a redirect stays an answer', async () => {
    const paths: (string | undefined)[] = [];
    handler = (request, response) => {
      paths.push(request.url);
      response.writeHead(307, { location: `${origin}/elsewhere` }).end();
    };
    await expect(post('a=1')).resolves.toMatchObject({ status: 307 });
    expect(paths).toEqual(['/x']);
  });

  it('an answer that breaks off is no answer', async () => {
    handler = (_request, response) => {
      response.writeHead(200, { 'content-length': '1000' });
      response.write('<ProfileResponse>', () => response.destroy());
    };
    await expect(post('a=1')).rejects.toMatchObject({ code: 'concur-unreachable' });
  });

  it('a body that never ends runs into the deadline', async () => {
    handler = (_request, response) => {
      response.writeHead(200);
      response.write('<ProfileResponse>');
    };
    await expect(post('a=1', 100)).rejects.toMatchObject({ code: 'ConcurTimeout' });
  });
});
