import { createServer, type Server } from 'node:http';
import { type AddressInfo } from 'node:net';
import { waitUntil } from '../../support/wait-until';
import { Bench } from './support';

/** Answers every post with that status and keeps what came. */
async function subscriber(status: number): Promise<{ url: string; bodies: string[]; server: Server }> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => (text += chunk.toString('utf8')));
    request.on('end', () => {
      bodies.push(text);
      response.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address: AddressInfo | string | null = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}/pushes`, bodies, server };
}

describe('the pushes of the simulated Concur', () => {
  it('name what changed, without values, for the company that is subscribed', async () => {
    const { url, bodies, server } = await subscriber(202);
    const bench = new Bench();
    bench.admin.subscribe({ companyUuid: bench.company.companyUuid, url });
    await bench.create('traveller');
    bench.admin.editProfile('traveller', { sections: { general: { jobTitle: 'Pilot' } } });
    await waitUntil('both pushes arrive', () => bodies.length === 2);
    expect(bodies.map((body): unknown => JSON.parse(body))).toMatchObject([
      { eventType: 'TravelProfileCreated', facts: { companyId: 'company-one', loginId: 'traveller' } },
      { eventType: 'TravelProfileUpdated', facts: { attributes: ['general'] } },
    ]);
    expect(bodies.join()).not.toContain('Pilot');
    await bench.sandbox.close();
    server.close();
  });

  it('are tried again, given up in the end, and hold up no call', async () => {
    const { url, bodies, server } = await subscriber(500);
    const bench = new Bench();
    bench.admin.subscribe({ companyUuid: bench.company.companyUuid, url, kind: 'notification' });
    await bench.create('traveller');
    await waitUntil('the push is given up', () => bench.admin.counters.push?.failed === 1);
    expect(bodies).toHaveLength(3);
    expect(Object.fromEntries(new URLSearchParams(bodies[0]))).toMatchObject({ userid_type: 'login' });
    await bench.sandbox.close();
    server.close();
  });

  it('go to this machine only', () => {
    const bench = new Bench();
    const { companyUuid } = bench.company;
    for (const url of [
      'http://192.0.2.1/x',
      'https://127.0.0.1/x',
      'http://localhost.example.com/x',
      'file:///x',
    ])
      expect(() => bench.admin.subscribe({ companyUuid, url })).toThrow();
    expect(bench.admin.subscriptions).toEqual([]);
  });
});
