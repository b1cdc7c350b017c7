import { createServer, type Server } from 'node:net';
import { once } from 'node:events';
import { freePort, isPortFree, rememberedOrFreePort, requireFreePort } from '../../../workers/local';
import { failureOf } from '../../support/local/failure-of';

let server: Server;
let busy: number;

/** Somebody else's server on some port of this host. */
async function listen(host: string): Promise<void> {
  server = createServer().listen({ port: 0, host });
  await once(server, 'listening');
  const address = server.address();
  busy = typeof address === 'object' && address !== null ? address.port : 0;
}

afterEach(async () => {
  server.close();
  await once(server, 'close');
});

it.each(['127.0.0.1', '0.0.0.0', '::'])('names the setting of a port that is busy on %s', async (host) => {
  await listen(host);
  const refusal = await failureOf(requireFreePort(busy, 'TEMPORAL_PORT'));
  expect(refusal.code).toBe('port-in-use');
  expect(refusal.message).toMatch(new RegExp(`^TEMPORAL_PORT: port ${busy} is in use\\. [^\n]*$`));
});

it('has no objection to a free port', async () => {
  await listen('127.0.0.1');
  const port = await freePort();
  await expect(requireFreePort(port, 'TEMPORAL_PORT')).resolves.toBeUndefined();
  expect(await isPortFree(port)).toBe(true);
});

it('takes the port of the last time if it is free, else another', async () => {
  await listen('127.0.0.1');
  const port = await freePort();
  expect(await rememberedOrFreePort(port)).toBe(port);
  expect(await rememberedOrFreePort(busy)).not.toBe(busy);
  expect(await rememberedOrFreePort(undefined)).toBeGreaterThan(0);
});
