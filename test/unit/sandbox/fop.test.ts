import { type ViolationKind } from '../../../sandbox';
import { expectViolations } from '../../support/sandbox-watch/expect-violations';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeCards, encodeCardsWrite } from '../../../concur/xml';
import { type CreditCard } from '../../../profile';
import { ALL_SCOPES, type SandboxResponse } from '../../../sandbox';
import { aCard, mistyped } from '../../support/concur/cards';
import { Bench, codes, json } from './support';

const LOGIN = 'traveller';
const PATH = '/api/travelprofile/v2.0/fop';
const one = aCard({}, 1);
const two = aCard({ vendor: 'MasterCard' }, 2);
const company = aCard({ vendor: 'AmericanExpress', usageType: 'Corporate' }, 3);

function benchWith(cards: readonly CreditCard[], ...bench: ConstructorParameters<typeof Bench>): Bench {
  const made = new Bench(...bench);
  made.seed(LOGIN);
  made.admin.seedCards(LOGIN, cards);
  return made;
}

const get = (bench: Bench, value = LOGIN, type = 'login'): Promise<SandboxResponse> =>
  bench.call('GET', `${PATH}?userid_type=${type}&userid_value=${value}`);
const post = (bench: Bench, body: string): Promise<SandboxResponse> => bench.call('POST', PATH, { body });
const write = (bench: Bench, cards: readonly CreditCard[]): Promise<SandboxResponse> =>
  post(bench, encodeCardsWrite(LOGIN, cards));
const raw = (inner: string): string =>
  `<CorporateFOPResponse LoginId="${LOGIN}"><CreditCards>${inner}</CreditCards></CorporateFOPResponse>`;
const rawCard = (inner = ''): string =>
  `<CreditCard DisplayName="d"><Vendor>Visa</Vendor><AccountNo>${one.accountNo}</AccountNo>${inner}</CreditCard>`;

describe('cards in the simulated Concur', () => {
  it('are shown by login and UUID, the company’s own among them', async () => {
    const bench = benchWith([one, company]);
    const shown = { loginId: LOGIN, cards: [one, company], unknown: [] };
    expect(decodeCards((await get(bench)).body)).toEqual(shown);
    expect(decodeCards((await get(bench, bench.stored(LOGIN).uuid, 'uuid')).body)).toEqual(shown);
    expect((await get(bench, 'nobody')).body).toContain('Invalid User:nobody');
    expect((await bench.call('GET', PATH)).status).toBe(400);
    expectViolations(bench.admin, ['bad-query']);
  });

  it('are replaced by a POST: known ones updated, new ones added, missing ones deleted', async () => {
    const bench = benchWith([one, two, company]);
    await get(bench);
    const response = await write(bench, [{ ...two, nameOnCard: 'Other' }, aCard({}, 4)]);
    expect(codes(response)).toEqual(['S001']);
    expect(bench.admin.cards(LOGIN)).toEqual([{ ...two, nameOnCard: 'Other' }, company, aCard({}, 4)]);
    expect(bench.admin.clears).toMatchObject([{ field: 'CreditCards', how: 'missing-from-list' }]);
    expectViolations(bench.admin, []);
  });

  it.each(['without a read', 'after a read that a write used up', 'after a read that another card followed'])(
    'note a violation where one is deleted %s',
    async (how) => {
      const bench = benchWith([one, two]);
      if (how !== 'without a read') await get(bench);
      if (how.includes('used up')) await write(bench, [one, two]);
      if (how.includes('followed')) bench.admin.seedCards(LOGIN, [one, aCard({}, 8)]);
      expect(codes(await write(bench, [one]))).toEqual(['S001']);
      expect(bench.admin.cards(LOGIN)).toEqual([one]);
      expectViolations(bench.admin, ['cards-not-read']);
      expect(bench.admin.violations[0]?.detail).toContain('1 card(s)');
    },
  );

  it.each<[what: string, inner: string, code: string, kind: ViolationKind]>([
    ['an empty list', '', 'E002', 'schema'],
    ['a company card', rawCard('<UsageType>Corporate</UsageType>'), 'E001', 'read-only-element'],
    [
      'Mandatory',
      rawCard('<Segments><Segment Type="Air" Default="true" Mandatory="false"/></Segments>'),
      'W011',
      'read-only-element',
    ],
  ])('refuse %s', async (_what, inner, code, kind) => {
    const bench = benchWith([one]);
    const response = await post(bench, raw(inner));
    expect(response.status).toBe(400);
    expect(codes(response)).toEqual([code]);
    expectViolations(bench.admin, [kind]);
    expect(bench.admin.cards(LOGIN)).toEqual([one]);
  });

  it.each([
    ['an unknown element', rawCard('<Colour>red</Colour>')],
    ['a wrong order', '<CreditCard><AccountNo>1</AccountNo><Vendor>Visa</Vendor></CreditCard>'],
    ['no number', '<CreditCard><Vendor>Visa</Vendor></CreditCard>'],
    ['a month of another form', rawCard('<ExpDate>05/2029</ExpDate>')],
    ['an empty month', rawCard('<ExpDate/>')],
    ['an unknown segment', rawCard('<Segments><Segment Type="Boat" Default="true"/></Segments>')],
    ['a segment without Default', rawCard('<Segments><Segment Type="Air"/></Segments>')],
    ['an unknown usage', rawCard('<UsageType>Private</UsageType>')],
  ])('break the schema with %s', async (_what, inner) => {
    const bench = benchWith([one]);
    expect((await post(bench, raw(inner))).body).toContain('There is an error in XML document (');
    expectViolations(bench.admin, ['schema']);
    expect(bench.admin.cards(LOGIN)).toEqual([one]);
  });

  it('warn of a number or vendor that is not valid and leave that card as it is', async () => {
    const bench = benchWith([one]);
    await get(bench);
    const wrong = aCard({ accountNo: mistyped(aCard({}, 6).accountNo) });
    const misspelled = { ...aCard({}, 7), vendor: 'visa' };
    expect(codes(await write(bench, [one, wrong, misspelled]))).toEqual(['W009', 'W010']);
    expect(bench.admin.cards(LOGIN)).toEqual([one]);
    // Where nothing can be written nothing is replaced.
    expect(codes(await write(bench, [wrong]))).toEqual(['W009']);
    expect(bench.admin.cards(LOGIN)).toEqual([one]);
  });

  it('take the default of a segment from all others, and keep what is mandatory', async () => {
    const air = (isDefault: boolean, rest = {}) => [{ type: 'Air', default: isDefault, ...rest }];
    const bench = benchWith([
      { ...one, segments: air(true) },
      { ...two, segments: air(false, { mandatory: true }) },
      { ...company, segments: air(true) },
    ]);
    await write(
      bench,
      [one, two].map((card) => ({ ...card, segments: air(true) })),
    );
    expect(bench.admin.cards(LOGIN)).toMatchObject([
      { segments: air(false) },
      { segments: air(true, { mandatory: true }) },
      { segments: air(false) },
    ]);
  });

  it.each([
    ['FOP', 403, 403],
    ['GHOST', 200, 200],
  ])('need scopes: without %s', async (scope, reading, writing) => {
    const scopes = ALL_SCOPES.filter((each) => each !== scope);
    const bench = benchWith([one, company], { scopes });
    const response = await get(bench);
    expect(response.status).toBe(reading);
    expect(response.body).not.toContain(company.accountNo);
    expect((await write(bench, [one])).status).toBe(writing);
    expect(bench.admin.cards(LOGIN)).toEqual([one, company]);
  });

  it.each([true, false])('move the stamp of the profile or not: %s', async (cardsMoveStamp) => {
    const bench = benchWith([one]);
    bench.admin.setBehaviour({ cardsMoveStamp });
    const { modifiedAt } = bench.stored(LOGIN);
    bench.admin.setClock({ advanceMs: 60_000 });
    await write(bench, [one]);
    expect(bench.stored(LOGIN).modifiedAt).toBe(modifiedAt + (cardsMoveStamp ? 60_000 : 0));
  });

  it('belong to profiles of the company', async () => {
    const bench = new Bench();
    bench.admin.putCompany({ companyUuid: 'company-two' });
    bench.admin.seedProfile({ companyUuid: 'company-two', loginId: LOGIN });
    expect((await get(bench)).body).toContain('Invalid User:');
    expect((await write(bench, [one])).body).toContain('Invalid User:');
  });

  it('outlive a restart', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'sandbox-cards-'));
    const stateFile = join(folder, 'state.jsonl');
    const bench = benchWith([one, company], {}, { stateFile });
    await get(bench);
    await write(bench, [one, two]);
    await bench.sandbox.close();
    expect(readFileSync(stateFile, 'utf8')).toContain(two.accountNo);
    const next = new Bench({}, { stateFile });
    expect(next.admin.cards(LOGIN)).toEqual([one, company, two]);
    await next.sandbox.close();
    rmSync(folder, { recursive: true });
  });

  it('are seen and set by the admin, and stand nowhere else in plain', async () => {
    const lines: unknown[] = [];
    const log = {
      info: (...line: unknown[]) => lines.push(line),
      warn: (...line: unknown[]) => lines.push(line),
    };
    const bench = benchWith([], {}, { log });
    const put = await bench.sandbox.handle({
      method: 'PUT',
      path: `/_admin/cards/${LOGIN}`,
      headers: {},
      body: JSON.stringify([one, company]),
    });
    expect(json(put)).toEqual({ cards: [one, company] });
    const admin = (path: string): Promise<SandboxResponse> =>
      bench.sandbox.handle({ method: 'GET', path, headers: {} });
    expect(json(await admin(`/_admin/cards/${LOGIN}`))).toEqual({ cards: [one, company] });
    expect((await admin('/_admin/cards/nobody')).status).toBe(404);
    const bad = await bench.sandbox.handle({
      method: 'PUT',
      path: `/_admin/cards/${LOGIN}`,
      headers: {},
      body: '[{"colour":"red"}]',
    });
    expect(bad.status).toBe(422);

    await write(bench, [two, aCard({ accountNo: mistyped(one.accountNo) })]);
    await post(bench, raw(rawCard('<Colour/>')));
    const rest = await Promise.all(
      ['profiles', 'calls', 'violations', 'counters'].map((name) => admin(`/_admin/${name}`)),
    );
    const shown = JSON.stringify([lines, rest]);
    expectViolations(bench.admin, ['cards-not-read', 'schema']);
    for (const { accountNo } of [one, two, company]) expect(shown).not.toContain(accountNo.slice(0, -1));
  });
});
