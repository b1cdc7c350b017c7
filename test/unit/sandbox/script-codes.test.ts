import { ACCESS_RULES, OUTCOME_RULES, TEXT_RULES, TOKEN_RULES } from '../../support/concur/contract-codes';
import { Bench, codes, EU, json, US } from './support';

const change = (jobTitle: string) => ({ loginId: 'traveller', sections: { general: { jobTitle } } });

async function benchWithTraveller(): Promise<Bench> {
  const bench = new Bench();
  bench.seed('traveller', { general: { jobTitle: 'Before' } });
  await bench.read('traveller');
  return bench;
}

describe('By script the simulator answers', () => {
  it('every code of the token endpoint, to an exchange and to a refresh', async () => {
    const bench = new Bench();
    const { refreshToken } = await bench.grant();
    for (const code of TOKEN_RULES.keys()) {
      const action = { kind: 'code', code, ...(code === 16 ? { geolocation: EU } : {}) } as const;
      bench.admin.addScript([
        { function: 'exchange', action },
        { function: 'refresh', action },
      ]);
      const answers = [await bench.exchange(bench.requestToken()), await bench.refresh(refreshToken)];
      bench.admin.clearScript();
      for (const answer of answers) {
        expect(answer.status).toBeGreaterThanOrEqual(400);
        expect(json(answer)).toMatchObject({
          code,
          ...(code === 16 ? { geolocation: EU } : {}),
        });
        expect(json(answer)['error']).toMatch(/^[a-z_]+$/);
        expect(json(answer)['error_description']).toMatch(/\w/);
      }
    }
    expect((await bench.refresh(refreshToken, US)).status).toBe(200);
  });

  it('every code of an outcome, with a field, before or after the write takes effect', async () => {
    const bench = await benchWithTraveller();
    for (const when of ['before', 'after'] as const) {
      for (const code of OUTCOME_RULES.keys()) {
        const action = { kind: 'code', code, field: 'General/JobTitle', message: 'as it is', when } as const;
        bench.admin.addScript([{ function: 'profile-write', action }]);
        const answer = await bench.write(change(`${when} ${code}`));
        expect({ status: answer.status, codes: codes(answer) }).toEqual({ status: 200, codes: [code] });
        expect(answer.body).toContain('<Field>General/JobTitle</Field>');
        const jobTitle = when === 'before' ? 'Before' : `after ${code}`;
        expect(bench.stored('traveller').sections['general']).toMatchObject({ jobTitle });
      }
    }
  });

  it('every code of a 400 and every text, to a read and to a write', async () => {
    const bench = await benchWithTraveller();
    const actions = [
      ...[...ACCESS_RULES.keys()].map((code) => [code, { kind: 'code', code }] as const),
      ...TEXT_RULES.map(({ says }) => [says, { kind: 'error', message: says }] as const),
    ];
    for (const [text, action] of actions) {
      bench.admin.addScript([
        { function: 'profile-read', action },
        { function: 'profile-write', action },
      ]);
      for (const answer of [await bench.read('traveller'), await bench.write(change('After'))]) {
        expect(answer.status).toBe(400);
        expect(answer.body).toMatch(/^<\?xml[^>]*>\s*<Error\b|^<Error\b/);
        expect(answer.body.replaceAll('&quot;', '"')).toContain(text);
      }
    }
    expect(bench.stored('traveller').sections['general']).toMatchObject({ jobTitle: 'Before' });
  });
});
