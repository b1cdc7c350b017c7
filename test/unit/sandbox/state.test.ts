import { appendFileSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createConcurSandbox } from '../../../sandbox';
import { Bench } from './support';

describe('the state of the simulated Concur', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sandbox-state-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('outlives a restart: companies, profiles, tokens, behaviour and clock', async () => {
    const stateFile = join(folder, 'sub', 'state.jsonl');
    const first = new Bench({ name: 'Kept' }, { stateFile });
    const { refreshToken } = await first.grant();
    await first.create('traveller');
    first.admin.setBehaviour({ rotation: 'with-grace' });
    first.admin.setClock({ advanceMs: 1_000 });
    const before = first.stored('traveller');
    await first.sandbox.close();
    expect(statSync(stateFile).mode & 0o777).toBe(0o600);

    const second = new Bench({}, { stateFile });
    expect(second.company.name).toBe('Kept');
    expect(second.stored('traveller')).toEqual(before);
    expect(second.admin.behaviour.rotation).toBe('with-grace');
    expect(second.admin.clock.offsetMs).toBe(1_000);
    expect((await second.refresh(refreshToken)).status).toBe(200);
    await second.create('another');
    expect(second.stored('another').uuid).not.toBe(before.uuid);
    await second.sandbox.close();
  });

  it('knows after a kill all that it had confirmed, and nothing of a line cut in two', async () => {
    const stateFile = join(folder, 'state.jsonl');
    const killed = new Bench({}, { stateFile });
    const { refreshToken } = await killed.grant();
    await killed.create('traveller');
    killed.admin.editProfile('traveller', { sections: { general: { firstName: 'Later' } } });
    const confirmed = killed.stored('traveller');
    appendFileSync(stateFile, '{"profile":{"uuid":"cut');

    const next = new Bench({}, { stateFile });
    expect(next.admin.profiles()).toEqual([confirmed]);
    expect((await next.refresh(refreshToken)).status).toBe(200);
    await next.create('another');
    await next.sandbox.close();
    expect(new Bench({}, { stateFile }).admin.profiles()).toHaveLength(2);
  });

  it('rewrites its file instead of letting it grow without end, and keeps everything', async () => {
    const stateFile = join(folder, 'state.jsonl');
    const bench = new Bench({}, { stateFile });
    await bench.create('traveller');
    const middleName = 'x'.repeat(50_000);
    for (let n = 0; n < 500; n += 1) {
      bench.admin.editProfile('traveller', { sections: { general: { jobTitle: `${n}`, middleName } } });
    }
    expect(statSync(stateFile).size).toBeLessThan(10_000_000);
    const [kept] = new Bench({}, { stateFile }).admin.profiles();
    expect(kept).toEqual(bench.stored('traveller'));
    await bench.sandbox.close();
  });

  it('says which file it cannot read', () => {
    const stateFile = join(folder, 'state.jsonl');
    writeFileSync(stateFile, '{"version":99}\n');
    expect(() => createConcurSandbox({ stateFile })).toThrow(/state file .*state\.jsonl.*Delete/);
  });

  it('never keeps a password', async () => {
    const stateFile = join(folder, 'state.jsonl');
    const bench = new Bench({}, { stateFile });
    await bench.create('traveller');
    await bench.sandbox.close();
    expect(readFileSync(stateFile, 'utf8')).not.toContain('Not-A-Real-1');
  });

  it('is the same for the same seed and the same calls', async () => {
    const run = async (): Promise<unknown> => {
      const bench = new Bench({}, { seed: 'a seed' });
      await bench.create('one');
      await bench.create('two');
      return [bench.admin.profiles(), bench.admin.calls];
    };
    expect(await run()).toEqual(await run());
  });

  it('holds 20,000 profiles and pages through all of them quickly', async () => {
    const bench = new Bench();
    for (let n = 0; n < 20_000; n += 1) bench.seed(`traveller-${n}`, { general: { firstName: 'Test' } });
    let rows = 0;
    for (let page = 1; page <= 100; page += 1) {
      const { body } = await bench.summary({ LastModifiedDate: '1900-01-01T12:00:00', Page: String(page) });
      rows += body.split('<ProfileSummary>').length - 1;
    }
    expect(rows).toBe(20_000);
  });

  it('is each sandbox’s own', () => {
    createConcurSandbox().admin.putCompany({ companyUuid: 'one' });
    expect(createConcurSandbox().admin.companies()).toEqual([]);
  });
});
