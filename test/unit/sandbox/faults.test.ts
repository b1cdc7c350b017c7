import { ConnectionReset, type FaultKind } from '../../../sandbox';
import { Bench, codes } from './support';

const change = (jobTitle: string) => ({ loginId: 'traveller', sections: { general: { jobTitle } } });

async function benchWithTraveller(seed: string | number = 1): Promise<Bench> {
  const bench = new Bench({}, { seed });
  bench.seed('traveller', { general: { jobTitle: 'Before' } });
  await bench.read('traveller');
  return bench;
}

function jobTitle(bench: Bench): unknown {
  return bench.stored('traveller').sections['general'];
}

describe('faults by rate', () => {
  it.each([
    ['http500', 500, 'Before'],
    ['http503', 503, 'Before'],
    ['http429', 429, 'Before'],
    ['slow', 200, 'After'],
    ['slowAnswer', 200, 'After'],
    ['truncated', 200, 'After'],
  ] as const)('%s answers %i and leaves the title %s', async (kind: FaultKind, status, title) => {
    const bench = await benchWithTraveller();
    bench.admin.setFaults({ rates: { 'profile-write': { [kind]: 1 } }, slowMs: 7_000, retryAfterSeconds: 9 });
    const response = await bench.write(change('After'));
    expect(response.status).toBe(status);
    expect(jobTitle(bench)).toMatchObject({ jobTitle: title });
    if (kind === 'http429') expect(response.headers['retry-after']).toBe('9');
    if (kind.startsWith('slow')) expect(bench.slept).toEqual([7_000]);
    if (kind === 'truncated') {
      expect(response.truncated).toBe(true);
      expect(Number(response.headers['content-length'])).toBeGreaterThan(response.body.length);
    }
  });

  it.each([
    ['resetBefore', 'before', 'Before'],
    ['resetAfter', 'after', 'After'],
  ] as const)('%s throws and leaves the title as it is %s processing', async (kind, when, title) => {
    const bench = await benchWithTraveller();
    bench.admin.setFaults({ rates: { 'profile-write': { [kind]: 1 } } });
    await expect(bench.write(change('After'))).rejects.toEqual(new ConnectionReset(when));
    expect(jobTitle(bench)).toMatchObject({ jobTitle: title });
    expect(bench.admin.counters['profile-write']).toEqual({ [`reset-${when}`]: 1 });
  });

  it('come in the same sequence for the same seed, and with about their rate', async () => {
    const sequence = async (seed: number): Promise<readonly number[]> => {
      const bench = await benchWithTraveller(seed);
      bench.admin.setFaults({ rates: { '*': { http500: 0.3 } } });
      const statuses: number[] = [];
      for (let n = 0; n < 200; n += 1) statuses.push((await bench.read('traveller')).status);
      return statuses;
    };
    const one = await sequence(1);
    expect(await sequence(1)).toEqual(one);
    expect(await sequence(2)).not.toEqual(one);
    const share = one.filter((status) => status === 500).length / one.length;
    expect(share).toBeGreaterThan(0.15);
    expect(share).toBeLessThan(0.45);
  });

  it('do not change which ids the simulator gives out', async () => {
    const [calm, stormy] = [await benchWithTraveller(), await benchWithTraveller()];
    stormy.admin.setFaults({ rates: { summary: { resetBefore: 0.5 } } });
    await calm.create('new-one');
    await stormy.create('new-one');
    expect(stormy.stored('new-one').uuid).toBe(calm.stored('new-one').uuid);
  });

  it('are refused where the rates exceed 1', () => {
    expect(() => new Bench().admin.setFaults({ rates: { '*': { http500: 0.6, http503: 0.6 } } })).toThrow(
      /exceed 1/,
    );
  });
});

describe('faults by script', () => {
  it('answer the nth fitting call as told, once', async () => {
    const bench = await benchWithTraveller();
    bench.admin.addScript([
      { function: 'profile-read', login: 'TRAVELLER', nth: 2, action: { kind: 'respond', status: 503 } },
    ]);
    bench.seed('other');
    const statuses: number[] = [];
    for (const login of ['traveller', 'other', 'traveller', 'traveller'])
      statuses.push((await bench.read(login)).status);
    expect(statuses).toEqual([200, 200, 503, 200]);
  });

  it('repeat as often as told, and follow the order of the rules', async () => {
    const bench = await benchWithTraveller();
    bench.admin.addScript([
      {
        function: 'profile-read',
        times: 2,
        action: { kind: 'respond', status: 429, headers: { 'retry-after': '3' } },
      },
      { function: '*', times: 'always', action: { kind: 'respond', status: 500, body: '<Error/>' } },
    ]);
    const statuses: number[] = [];
    for (let n = 0; n < 4; n += 1) statuses.push((await bench.read('traveller')).status);
    expect(statuses).toEqual([429, 429, 500, 500]);
  });

  it('can commit a write and answer otherwise, or not at all', async () => {
    const bench = await benchWithTraveller();
    bench.admin.addScript([
      { function: 'profile-write', action: { kind: 'respond', status: 500, when: 'after' } },
      { function: 'profile-write', nth: 2, action: { kind: 'reset', when: 'after' } },
    ]);
    expect((await bench.write(change('One'))).status).toBe(500);
    expect(jobTitle(bench)).toMatchObject({ jobTitle: 'One' });
    await expect(bench.write(change('Two'))).rejects.toBeInstanceOf(ConnectionReset);
    expect(jobTitle(bench)).toMatchObject({ jobTitle: 'Two' });
  });

  it('let a Concur user edit the profile between a read and a write', async () => {
    const bench = await benchWithTraveller();
    bench.admin.addScript([
      {
        function: 'profile-read',
        action: {
          kind: 'edit',
          login: 'traveller',
          patch: { sections: { general: { division: 'South' } } },
          when: 'after',
        },
      },
    ]);
    expect((await bench.read('traveller')).body).not.toContain('South');
    expect((await bench.read('traveller')).body).toContain('<Division>South</Division>');
  });

  it('revoke tokens, slow down, move the clock', async () => {
    const bench = await benchWithTraveller();
    const before = Date.parse(bench.admin.clock.now);
    bench.admin.addScript([
      { action: { kind: 'slow', ms: 61_000 } },
      { action: { kind: 'advance-clock', ms: 61_000 } },
      { nth: 2, action: { kind: 'revoke', companyUuid: bench.company.companyUuid, what: 'access' } },
    ]);
    expect((await bench.read('traveller')).status).toBe(200);
    expect(bench.slept).toEqual([61_000]);
    expect(Date.parse(bench.admin.clock.now) - before).toBe(61_000);
    expect((await bench.read('traveller')).status).toBe(403);
  });

  it('count what came of each function, codes included', async () => {
    const bench = await benchWithTraveller();
    expect(codes(await bench.write(change('x'.repeat(300))))).toEqual(['W002']);
    await bench.read('nobody');
    expect(bench.admin.counters).toEqual({
      exchange: { ok: 1 },
      'profile-read': { ok: 1, '400': 1 },
      'profile-write': { ok: 1, 'code:W002': 1 },
    });
  });
});
