import { aCard } from '../../support/concur/cards';
import { aBench, type Bench, call, type Call, entityIn, json, problem } from './support';

let bench: Bench;
beforeAll(async () => {
  bench = await aBench();
  await entityIn(bench, 'acme', 'active');
});
afterAll(() => bench.close());

const URL = '/v1/entities/acme/travellers/zoe';
const [ONE, TWO] = [aCard({}, 1), aCard({ vendor: 'MasterCard' }, 2)];
const GHOST = aCard({ usageType: 'Corporate' }, 3);
const patch = (body: object, options: Call = {}) => call(bench, `PATCH ${URL}`, { ...options, body });
const cards = async (options: Call = {}) => json(await call(bench, `GET ${URL}`, options))['cards'];

/** As a pull stores them. */
const stored = (...list: readonly object[]) =>
  bench.store.travellers.upsert(
    {
      ...{ entityId: 'acme', id: 'zoe', username: 'zoe@example.test', status: 'active' },
      sections: { cards: list.map((card) => ({ ...card })) },
    },
    { now: bench.clock.now() },
  );

describe('cards of a traveller', () => {
  it('come back as they were written, each with a key of its own; segments have none', async () => {
    await stored();
    await patch({ cards: [ONE, TWO] });
    const shown = await cards();
    expect(shown).toEqual([
      { ...ONE, key: expect.any(String) as unknown },
      { ...TWO, key: expect.any(String) as unknown },
    ]);
  });

  it('show the end of their number only, and the mask that comes back leaves the number alone', async () => {
    await stored(ONE, TWO);
    const key = bench.key('read', 'write');
    const masked = await cards({ key });
    expect(masked).toMatchObject([
      { accountNo: `••••${ONE.accountNo.slice(-4)}` },
      { accountNo: `••••${TWO.accountNo.slice(-4)}` },
    ]);
    expect(JSON.stringify(masked)).not.toContain(ONE.accountNo);
    const changed = [
      { vendor: 'MasterCard', accountNo: `••••${TWO.accountNo.slice(-4)}`, expDate: '2031-01' },
    ];
    await patch({ cards: changed }, { key });
    expect(await cards()).toMatchObject([{ accountNo: TWO.accountNo, expDate: '2031-01' }]);
  });

  it('keep their key when the number is spelled with spaces', async () => {
    await stored(ONE);
    const before = await cards();
    const spaced = ONE.accountNo.replace(/(\d{4})(?=\d)/g, '$1 ');
    await patch({ cards: [{ ...ONE, accountNo: spaced }] });
    expect(await cards()).toMatchObject(before instanceof Array ? [{ key: keyOf(before) }] : []);
  });

  it('of the company stay as they are, sent back or not, changed or made up', async () => {
    await stored(ONE, GHOST);
    await patch({ cards: [TWO] });
    expect(await cards()).toMatchObject([TWO, GHOST]);
    await patch({
      cards: [TWO, { ...GHOST, expDate: '2040-01' }, { ...aCard({}, 9), usageType: 'Corporate' }],
    });
    expect(await cards()).toMatchObject([TWO, GHOST]);
    await patch({ cards: null });
    expect(await cards()).toMatchObject([GHOST]);
  });

  it('keep what only the company says of a segment', async () => {
    await stored({ ...ONE, segments: [{ type: 'Air', default: true, mandatory: true }] });
    await patch({ cards: [{ ...ONE, segments: [{ type: 'Air', default: false, mandatory: false }] }] });
    expect(await cards()).toMatchObject([{ segments: [{ type: 'Air', default: false, mandatory: true }] }]);
  });

  it('hold nothing empty, and are refused without what a segment needs', async () => {
    await stored(ONE);
    await patch({
      cards: [{ ...ONE, expDate: null, billingAddress: { city: 'Bern', country: null }, segments: [] }],
    });
    const [card] = [await cards()].flat();
    expect(card).toMatchObject({ billingAddress: { city: 'Bern' } });
    expect(JSON.stringify(card)).not.toMatch(/null|expDate|segments|country/);
    const answer = await patch({ cards: [{ ...TWO, segments: [{ default: true }] }] });
    expect(problem(answer).errors).toMatchObject([{ path: 'cards[0].segments[0].type', code: 'required' }]);
    expect(answer.body).not.toContain(TWO.accountNo);
  });
});

function keyOf([first]: readonly unknown[]): unknown {
  return typeof first === 'object' && first !== null && 'key' in first ? first.key : undefined;
}
