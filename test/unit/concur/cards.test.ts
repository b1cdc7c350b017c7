import { inspect } from 'node:util';
import { createConcurCards } from '../../../concur';
import { encodeCardsRead, encodeError, encodeOutcome } from '../../../concur/xml';
import { cardName } from '../../../profile';
import { aCard, aCardNumber, aCardsWorld, CARDHOLDER, mistyped } from '../../support/concur/cards';
import { HOME } from '../../support/concur/tokens';
import { aConcurWorld, aTokenAnswer, DELAYS, GOOD_TOKEN, type Reply } from '../../support/concur/world';

const ID = { type: 'login', value: CARDHOLDER } as const;
const one = aCard({}, 1);
const two = aCard({ vendor: 'MasterCard' }, 2);
const company = aCard({ vendor: 'AmericanExpress', usageType: 'Corporate' }, 3);
const SUCCESS: Reply = { body: encodeOutcome([{ code: 'S001', message: 'Success' }]) };
const shown = (...cards: (typeof one)[]): Reply => ({
  body: encodeCardsRead({ loginId: CARDHOLDER, cards, unknown: [] }),
  headers: { 'concur-correlationid': 'theirs-1' },
});
const anError = (message: string, status = 400): Reply => ({
  status,
  body: encodeError({ message, serverTime: '2026-08-01T12:00:00', id: 'E-1' }),
});

/** Answers GETs in turn, the last one again and again, and every POST with one reply. */
function answering(reads: readonly Reply[], write: Reply = SUCCESS) {
  const world = aConcurWorld({ stored: GOOD_TOKEN });
  let read = 0;
  world.at(HOME, ({ method, path }) => {
    if (path.startsWith('/oauth2')) return aTokenAnswer(2);
    if (method === 'POST') return write;
    const reply = reads[Math.min(read, reads.length - 1)] ?? {};
    read += 1;
    return reply;
  });
  const { connection, send } = world;
  const grantedScopes = (): Promise<undefined> => Promise.resolve(undefined);
  return { world, cards: createConcurCards({ connection, send, delays: DELAYS, grantedScopes }) };
}

describe('Reading cards', () => {
  it('asks for them like for a profile', async () => {
    const { world, cards } = answering([shown(one, company)]);
    await expect(cards.readCards({ type: 'uuid', value: 'a/b' })).resolves.toMatchObject({
      loginId: CARDHOLDER,
      cards: [one, company],
      correlationId: 'theirs-1',
    });
    expect(world.seen[0]?.path).toBe('/api/travelprofile/v2.0/fop?userid_type=uuid&userid_value=a%2Fb');
    expect(world.journal[0]).toMatchObject({
      function: 'readCards',
      template: '/api/travelprofile/v2.0/fop?userid_type=uuid',
    });
  });

  it('finds nobody where Concur says so', async () => {
    await expect(answering([anError('Invalid User:x')]).cards.readCards(ID)).resolves.toBeUndefined();
  });

  it('never hands out half of the cards', async () => {
    const { cards } = answering([{ body: '<CorporateFOPResponse LoginId="x"><CreditCards>' }]);
    await expect(cards.readCards(ID)).rejects.toMatchObject({
      name: 'CardsUnreadable',
      failureClass: 'record',
    });
  });

  it.each<[string, Reply]>([
    ['a 403 that stays', { status: 403 }],
    ['E001', { status: 400, body: encodeOutcome([{ code: 'E001', message: 'No access' }]) }],
  ])('names the scope that is missing after %s', async (_what, reply) => {
    const refused = answering([reply]).cards.readCards(ID);
    await expect(refused).rejects.toMatchObject({
      name: 'ScopeMissing',
      code: 'ScopeMissing',
      scope: 'FOP',
      failureClass: 'person',
    });
    await expect(refused).rejects.toThrow(/grant FOP/);
  });

  it.each([
    [401, 'ReauthorisationRequired'],
    [500, 'ConcurUnavailable'],
    [400, 'CardsUnreadable'],
  ])('fails on %i with %s', async (status, name) => {
    await expect(answering([{ status }]).cards.readCards(ID)).rejects.toMatchObject({ name });
  });
});

describe('Writing cards', () => {
  it('reads, sends the complete set without the company’s cards, and reads back', async () => {
    const { world, cards } = answering([shown(one, company), shown(one, company, two)]);
    const result = await cards.writeCards(ID, { put: [two] });
    expect(world.seen.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET']);
    const body = world.seen[1]?.body ?? '';
    expect(body).toContain(one.accountNo);
    expect(body).toContain(two.accountNo);
    expect(body).not.toContain(company.accountNo);
    expect(result).toMatchObject({
      sent: true,
      warnings: [],
      withheld: [],
      differences: [],
      cards: [one, company, two],
    });
    expect(world.journal[1]).toMatchObject({
      function: 'writeCards',
      template: '/api/travelprofile/v2.0/fop',
    });
  });

  it('sends nothing where nothing would change', async () => {
    const { world, cards } = answering([shown(one)]);
    await expect(cards.writeCards(ID, { put: [one] })).resolves.toMatchObject({ sent: false, cards: [one] });
    expect(world.seen).toHaveLength(1);
  });

  it('reports warnings, and what the read back shows otherwise', async () => {
    const warning = {
      code: 'W010',
      message: 'Vendor Code provided was invalid.',
      field: 'CreditCard.Vendor',
    };
    const stranger = aCard({}, 9);
    const { cards } = answering(
      [shown(one, two, company), shown({ ...two, nameOnCard: 'Other' }, stranger, aCard({}, 4))],
      { body: encodeOutcome([warning]) },
    );
    const change = { put: [aCard({}, 5), { ...two, expDate: '2031-01' }], remove: [aCard({}, 4)] };
    const result = await cards.writeCards(ID, change);
    expect(result.warnings).toEqual([{ ...warning, words: 'a vendor code is not valid' }]);
    expect(result.notRemoved).toEqual([{ card: cardName(aCard({}, 4)), reason: 'not-found' }]);
    expect(result.differences).toEqual([
      { card: cardName(one), kind: 'missing', fields: [] },
      { card: cardName(two), kind: 'changed', fields: ['ExpDate', 'NameOnCard'] },
      { card: cardName(aCard({}, 5)), kind: 'missing', fields: [] },
      { card: cardName(company), kind: 'missing', fields: [] },
      { card: cardName(stranger), kind: 'unexpected', fields: [] },
      { card: cardName(aCard({}, 4)), kind: 'unexpected', fields: [] },
    ]);
  });

  it('says where a removed card is still there, and where something unknown got lost', async () => {
    const unknown = [{ path: 'CreditCards/CreditCard[1]', name: 'NewThing', value: '1' }];
    const before = encodeCardsRead({ loginId: CARDHOLDER, cards: [one, two], unknown });
    const { cards } = answering([{ body: before }, shown(one, two)]);
    const { vendor, accountNo } = two;
    const result = await cards.writeCards(ID, { remove: [{ vendor, accountNo }] });
    expect(result.differences).toEqual([
      { card: cardName(two), kind: 'still-there', fields: [] },
      { kind: 'unknown-lost', fields: ['NewThing'] },
    ]);
  });

  it('says of each removed card that it is still there where Concur took none of the others', async () => {
    const refused = { ...one, accountNo: mistyped(one.accountNo) };
    const world = await aCardsWorld({ cards: [two, refused, aCard({}, 4)] });
    const remove = [two, aCard({}, 4)].map(({ vendor, accountNo }) => ({ vendor, accountNo }));
    const result = await world.cards.writeCards(ID, { remove });
    expect(result).toMatchObject({ sent: true, notRemoved: [], warnings: [{ code: 'W009' }] });
    expect(result.differences).toEqual(
      remove.map((card) => ({ card: cardName(card), kind: 'still-there', fields: [] })),
    );
    expect(result.cards).toHaveLength(3);
  });

  it('is refused where Concur shows the cards of another login', async () => {
    const { world, cards } = answering([
      { body: encodeCardsRead({ loginId: 'other@example.test', cards: [one], unknown: [] }) },
    ]);
    await expect(cards.writeCards(ID, { put: [two] })).rejects.toMatchObject({ name: 'IdentityChanged' });
    expect(world.seen).toHaveLength(1);
  });

  it('is refused where Concur knows no such user', async () => {
    const { world, cards } = answering([anError('Invalid User:x')]);
    await expect(cards.writeCards(ID, { put: [two] })).rejects.toMatchObject({
      name: 'CardsRejected',
      code: 'INVALID-USER',
    });
    expect(world.seen).toHaveLength(1);
  });

  it.each<[Reply, object]>([
    [
      { status: 400, body: encodeOutcome([{ code: 'E001', message: 'no' }]) },
      { name: 'CardsRejected', code: 'E001' },
    ],
    [{ body: encodeOutcome([{ code: 'E101', message: 'no' }]) }, { name: 'CardsRejected', code: 'E101' }],
    [anError('There is an error in XML document (1, 2).'), { name: 'CardsRejected', code: 'SCHEMA' }],
    [{ status: 400 }, { name: 'CardsRejected', code: 'HTTP-400' }],
    [
      { status: 200, body: '' },
      { name: 'UnexpectedAnswer', failureClass: 'retry' },
    ],
    [anError('a deadlock'), { code: 'concur-deadlock' }],
  ])('fails by what Concur answers', async (reply, error) => {
    await expect(answering([shown(one)], reply).cards.writeCards(ID, { put: [two] })).rejects.toMatchObject(
      error,
    );
  });

  it('takes a 400 that names only a warning for a refusal, and says which field', async () => {
    const world = await aCardsWorld({ cards: [one] });
    world.sandbox.admin.addScript([
      {
        function: 'fop-write',
        action: {
          kind: 'respond',
          status: 400,
          body: encodeError({
            message: [{ code: 'W011', message: 'Cannot update', field: 'CreditCard.Segment.Mandatory' }],
            wrapper: 'CannotBeChangedProfileSyncMessage',
            serverTime: '2026-08-01T12:00:00',
            id: 'E-1',
          }),
        },
      },
    ]);
    await expect(world.cards.writeCards(ID, { put: [two] })).rejects.toMatchObject({
      name: 'CardsRejected',
      code: 'W011',
      field: 'CreditCard.Segment.Mandatory',
    });
  });
});

describe('Without the scope for cards', () => {
  it('Concur is not even asked where the grant is known to lack it', async () => {
    const world = await aCardsWorld({ cards: [one], known: ['TRVPRF'] });
    const calls = world.journal.length;
    await expect(world.cards.readCards(ID)).rejects.toMatchObject({ name: 'ScopeMissing', scope: 'FOP' });
    await expect(world.cards.writeCards(ID, { put: [two] })).rejects.toMatchObject({ name: 'ScopeMissing' });
    expect(world.journal).toHaveLength(calls);
  });

  it('the refusal of Concur is understood', async () => {
    const world = await aCardsWorld({ cards: [one], scopes: ['TRVPRF'] });
    await expect(world.cards.writeCards(ID, { put: [two] })).rejects.toMatchObject({ name: 'ScopeMissing' });
    expect(world.stored()).toHaveLength(1);
  });

  it('for company cards alone, the others are written, and the company’s stay', async () => {
    const world = await aCardsWorld({ cards: [one, company], scopes: ['TRVPRF', 'FOP'] });
    await expect(world.cards.readCards(ID)).resolves.toMatchObject({ cards: [one] });
    await world.cards.writeCards(ID, { put: [two] });
    expect(world.stored()).toEqual([one, company, two]);
  });
});

describe('A change that was done although its answer was lost', () => {
  it.each(['reset', 'truncate'] as const)('is found done when it is repeated (%s)', async (kind) => {
    const world = await aCardsWorld({ cards: [one] });
    const action = kind === 'reset' ? { kind, when: 'after' as const } : { kind };
    world.sandbox.admin.addScript([{ function: 'fop-write', action }]);
    await expect(world.cards.writeCards(ID, { put: [two] })).rejects.toMatchObject({ failureClass: 'retry' });
    await expect(world.cards.writeCards(ID, { put: [two] })).resolves.toMatchObject({ sent: false });
    expect(world.stored()).toEqual([one, two]);
    expect(world.kinds()).toEqual([]);
  });
});

describe('No failure and no journal shows', () => {
  const number = aCardNumber('Visa', 123_456);
  const secret = number.slice(4);

  it.each<[string, Reply, Reply]>([
    ['a rejection', shown(one), anError(`There is an error in XML document (1, 2): ${number}`)],
    [
      'an E-code',
      shown(one),
      { status: 400, body: encodeOutcome([{ code: 'E001', message: number, field: number }]) },
    ],
    ['a made-up code', shown(one), { body: encodeOutcome([{ code: number, message: number }]) }],
    ['an outage', { status: 500, body: number }, SUCCESS],
    ['a denial', { status: 403, body: number }, SUCCESS],
    [
      'a document that breaks off',
      { body: `<CorporateFOPResponse LoginId="x"><CreditCards>${number}` },
      SUCCESS,
    ],
    ['a masked card', shown(aCard({ accountNo: `${number}**` })), SUCCESS],
  ])('the number of a card: %s', async (_what, read, write) => {
    const { world, cards } = answering([read], write);
    const error: unknown = await cards
      .writeCards(ID, { put: [aCard({ accountNo: number })] })
      .catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(Error);
    const failure = inspect(error, { depth: null, showHidden: true }) + JSON.stringify(error);
    expect(failure + JSON.stringify(world.journal)).not.toContain(secret);
    // Whom the call was about stands in the journal, to be sealed there.
    expect(failure).not.toContain(CARDHOLDER);
  });

  it('nor does a finding', async () => {
    const { cards } = answering([shown(one)]);
    const { cards: _cards, ...result } = await cards.writeCards(ID, {
      put: [aCard({ accountNo: mistyped(number) })],
    });
    expect(result.withheld).toHaveLength(1);
    expect(JSON.stringify(result)).not.toContain(secret.slice(0, 8));
  });
});
