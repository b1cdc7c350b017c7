import { type HubDatabase } from '../../../hub';
import { planChunk } from '../../../sync/engine/migrate';
import { aCard, mistyped } from '../../support/concur/cards';
import { cardWorld, LOGIN, PERSON } from '../../support/engine/card-world';
import { SETTINGS } from '../../support/engine/world';
import { dumpOf, textOf } from '../../support/hub/everywhere';
import { pgliteDatabase } from '../../support/hub/stores';

let db: HubDatabase;
beforeAll(async () => {
  db = await pgliteDatabase();
});
afterAll(() => db.destroy());

const GHOST = aCard({ usageType: 'Corporate', displayName: 'The company’s' }, 99);
const [ONE, TWO, THREE] = [aCard({}, 1), aCard({ vendor: 'MasterCard' }, 2), aCard({}, 3)];
const numbers = (cards: readonly unknown[]): unknown[] =>
  cards.map((card) =>
    typeof card === 'object' && card !== null && 'accountNo' in card ? card.accountNo : '',
  );

describe('pulling cards', () => {
  test('a profile arrives with its cards, company cards among them, each with a key', async () => {
    const world = await cardWorld(db);
    world.inConcur([ONE, GHOST]);
    await world.pull();
    expect(await world.ofHub()).toMatchObject([ONE, GHOST]);
    expect((await world.ofHub()).every(({ key }) => typeof key === 'string')).toBe(true);
    expect((await world.state()).state).toBe('synced');
  });

  test('a card that was changed, added or removed in Concur is so in the hub', async () => {
    const world = await cardWorld(db);
    world.inConcur([ONE, TWO]);
    await world.pull();
    const [before] = await world.ofHub();
    world.inConcur([{ ...ONE, expDate: '2031-01' }, THREE]);
    expect(await world.pull()).toMatchObject({ changed: 1 });
    expect(await world.ofHub()).toMatchObject([{ ...ONE, expDate: '2031-01', key: before?.key }, THREE]);
    expect(world.calls('fop-write')).toBe(0);
  });

  test('a read of cards that fails blanks no card and holds up no profile, and is made up for', async () => {
    const world = await cardWorld(db);
    world.inConcur([ONE]);
    await world.pull();
    world.sandbox.admin.editProfile(LOGIN, { sections: { general: { jobTitle: 'Head' } } });
    world.inConcur([ONE, TWO]);
    world.sandbox.admin.addScript([{ function: 'fop-read', action: { kind: 'respond', status: 503 } }]);
    await world.pull();
    const { items } = await world.store.travellers.list(world.entityId, { limit: 1 });
    expect(items[0]?.traveller.sections.general).toMatchObject({ jobTitle: 'Head' });
    expect(numbers(await world.ofHub())).toEqual([ONE.accountNo]);
    expect(await world.quarantined()).toMatchObject([{ direction: 'pull' }]);

    await world.pull();
    expect(numbers(await world.ofHub())).toEqual([ONE.accountNo, TWO.accountNo]);
    expect(await world.quarantined()).toEqual([]);
  });

  test('a number that Concur shows in part only is taken for no card, and no message names it', async () => {
    const world = await cardWorld(db);
    world.inConcur([ONE]);
    await world.pull();
    world.inConcur([{ ...ONE, accountNo: 'XXXXXXXXXXXX0001' }]);
    await world.pull();
    expect(numbers(await world.ofHub())).toEqual([ONE.accountNo]);
    const entries = await world.quarantined();
    expect(entries).toMatchObject([{ code: 'CardsIncomplete' }]);
    expect(JSON.stringify(entries)).not.toContain('0001');
  });

  test('an entity without the scope is asked for no cards, and one on v1 neither', async () => {
    const world = await cardWorld(db);
    await world.withScopes((scope) => scope !== 'FOP');
    world.inConcur([ONE]);
    await world.pull();
    const old = await cardWorld(db, { apiVersion: 1 });
    old.inConcur([ONE]);
    await old.pull();
    expect([world.calls('fop-read'), old.calls('fop-read')]).toEqual([0, 0]);
  });

  test('the company’s cards stay in the hub while their scope is missing', async () => {
    const world = await cardWorld(db);
    world.inConcur([ONE, GHOST]);
    await world.pull();
    await world.withScopes((scope) => scope !== 'GHOST');
    world.inConcur([{ ...ONE, expDate: '2031-01' }, GHOST]);
    await world.pull();
    expect(await world.ofHub()).toMatchObject([{ ...ONE, expDate: '2031-01' }, GHOST]);
  });
});

test('a number stands in no row of the database in plain, and in none after an erasure', async () => {
  const world = await cardWorld(db);
  const { store, entityId } = world;
  const [mine, theirs] = [aCard({}, 71_717), aCard({}, 82_828)];
  world.inConcur([mine]);
  await world.pull();
  world.inConcur([{ ...mine, expDate: '2039-09' }, theirs]);
  const { number } = await store.migrations.create(entityId, 'merge', { now: world.clock.now() });
  await world.put({ ...PERSON, cards: [{ ...mine, expDate: '2038-08' }] });
  await planChunk(world.deps, SETTINGS, { entityId, number }, undefined, 10);
  await world.publish();
  world.inConcur([{ ...theirs, accountNo: mistyped(theirs.accountNo), vendor: '' }]);
  await world.pull();
  expect(numbers(await world.ofHub())).toEqual(numbers([mine, theirs]));
  const ends = [mine, theirs].map(({ accountNo }) => accountNo.slice(-9));
  const plain = textOf(await dumpOf(db));
  expect(ends.filter((end) => plain.includes(end))).toEqual([]);

  const { items } = await store.travellers.list(entityId, { limit: 1 });
  await store.travellers.erase(entityId, items[0]?.traveller.id ?? '', { now: world.clock.now() });
  expect(await world.ofHub()).toEqual([]);
  const [row] = await store.sync.load(entityId, 'concur', [items[0]?.traveller.id ?? '']);
  expect(JSON.stringify(row)).not.toContain(mine.accountNo.slice(-9));
});

describe('publishing cards', () => {
  test('a new traveller’s cards follow the profile, and then nothing is left to do', async () => {
    const world = await cardWorld(db);
    await world.put({ ...PERSON, cards: [ONE, TWO] });
    expect(await world.publish()).toMatchObject({ quarantined: 0, remaining: 0 });
    expect(world.ofConcur()).toMatchObject([ONE, TWO]);
    expect(await world.state()).toMatchObject({ state: 'synced', warnings: [] });
    const calls = world.sandbox.admin.calls.length;
    await world.publish();
    expect(world.sandbox.admin.calls.length).toBe(calls);
  });

  test('a partial list never deletes: what only Concur has stays, and comes to the hub', async () => {
    const world = await cardWorld(db);
    world.inConcur([ONE, TWO, GHOST]);
    await world.pull();
    world.inConcur([ONE, TWO, THREE, GHOST]);
    const cards = (await world.ofHub()).map((card) =>
      card.accountNo === ONE.accountNo ? { ...card, nameOnCard: 'Zoë Example' } : card,
    );
    await world.put({ ...PERSON, cards: [...cards] });
    await world.publish();
    expect(numbers(world.ofConcur())).toEqual(numbers([ONE, TWO, THREE, GHOST]));
    expect(world.ofConcur()[0]).toMatchObject({ nameOnCard: 'Zoë Example' });
    expect(numbers(await world.ofHub()).sort()).toEqual(numbers([ONE, TWO, THREE, GHOST]).sort());
    expect(world.sandbox.admin.clears).toEqual([]);
  });

  test('a card that the hub removed is removed, the others and the company’s stay', async () => {
    const world = await cardWorld(db);
    world.inConcur([ONE, TWO, GHOST]);
    await world.pull();
    const cards = (await world.ofHub()).filter(({ accountNo }) => accountNo !== ONE.accountNo);
    await world.put({ ...PERSON, cards });
    await world.publish();
    expect(world.ofConcur()).toMatchObject([TWO, GHOST]);
    expect((await world.state()).state).toBe('synced');
  });

  test('the last card cannot be removed: it is noted, not tried again, and not taken back', async () => {
    const world = await cardWorld(db);
    world.inConcur([ONE, GHOST]);
    await world.pull();
    await world.put({ ...PERSON, cards: [GHOST] });
    await world.publish();
    expect(numbers(world.ofConcur())).toEqual(numbers([ONE, GHOST]));
    expect((await world.state()).warnings).toMatchObject([{ code: 'not-removable', field: 'CreditCards' }]);
    expect(world.calls('fop-write')).toBe(0);
    expect(await world.publish()).toMatchObject({ published: 0, remaining: 0 });
  });

  test('a kind of use that the hub no longer has stays in Concur, and the rest of the card goes', async () => {
    const world = await cardWorld(db);
    world.inConcur([ONE]);
    await world.pull();
    const [{ usageType: _, ...card } = ONE] = await world.ofHub();
    await world.put({ ...PERSON, cards: [{ ...card, nameOnCard: 'Zoë Example' }] });
    await world.publish();
    expect(world.ofConcur()).toMatchObject([{ usageType: 'Business', nameOnCard: 'Zoë Example' }]);
    expect(await world.quarantined()).toEqual([]);
  });

  test('a bad card is withheld with Concur’s code, the others go', async () => {
    const world = await cardWorld(db);
    await world.put({ ...PERSON, cards: [ONE, { ...TWO, accountNo: `${TWO.accountNo.slice(0, -1)}x` }] });
    await world.publish();
    expect(numbers(world.ofConcur())).toEqual([ONE.accountNo]);
    const { warnings } = await world.state();
    expect(warnings).toMatchObject([{ code: 'W009', field: 'CreditCards/AccountNo' }]);
    expect(JSON.stringify(warnings)).not.toContain(TWO.accountNo.slice(-5, -1));
    expect(await world.publish()).toMatchObject({ published: 0, remaining: 0 });
  });

  test('nothing is removed beside a bad card of the same change; one that was noted before hinders nobody', async () => {
    const world = await cardWorld(db);
    const bad = { ...THREE, accountNo: mistyped(THREE.accountNo) };
    world.inConcur([ONE, TWO]);
    await world.pull();
    await world.put({ ...PERSON, cards: [TWO, bad] });
    await world.publish();
    expect(numbers(world.ofConcur())).toEqual(numbers([ONE, TWO]));
    const codes = (await world.state()).warnings.map(({ code }) => code);
    expect(codes.sort()).toEqual(['W009', 'replacement-withheld']);

    world.inConcur([ONE, TWO]);
    await world.put({ ...PERSON, cards: [aCard({}, 4), bad] });
    await world.publish();
    expect(numbers(world.ofConcur())).toEqual(numbers([ONE, aCard({}, 4)]));
    expect((await world.state()).warnings).toMatchObject([{ code: 'W009' }]);
  });

  test('when both sides changed the same of a card the hub wins and Concur’s value is kept', async () => {
    const world = await cardWorld(db);
    world.inConcur([ONE]);
    await world.pull();
    world.inConcur([{ ...ONE, expDate: '2032-02' }]);
    await world.put({ ...PERSON, cards: [{ ...ONE, expDate: '2031-01' }] });
    await world.publish();
    expect(world.ofConcur()).toMatchObject([{ expDate: '2031-01' }]);
    const { items } = await world.store.conflicts.listOpened({ entityId: world.entityId, limit: 10 });
    expect(items).toMatchObject([
      { section: 'cards', concurValue: { expDate: '2032-02' }, hubValue: { expDate: '2031-01' } },
    ]);
  });

  test('a section of its own rule: cards follow Concur where the rest is the hub’s', async () => {
    const world = await cardWorld(db, {
      conflictRule: { default: 'hub-wins', sections: { cards: 'concur-wins' } },
    });
    world.inConcur([ONE]);
    await world.pull();
    world.inConcur([{ ...ONE, expDate: '2032-02' }]);
    await world.put({ ...PERSON, cards: [{ ...ONE, expDate: '2031-01' }] });
    await world.publish();
    expect(await world.ofHub()).toMatchObject([{ expDate: '2032-02' }]);
    expect(world.calls('fop-write')).toBe(0);
  });

  test('a change that is not about cards costs no call about cards', async () => {
    const world = await cardWorld(db);
    world.inConcur([ONE]);
    await world.pull();
    const before = world.calls('fop-read');
    await world.put({ ...PERSON, general: { ...PERSON.general, jobTitle: 'Head' }, cards: [ONE] });
    await world.publish();
    expect([world.calls('fop-read') - before, world.calls('fop-write')]).toEqual([0, 0]);
    await world.put({ ...PERSON, general: { ...PERSON.general, jobTitle: 'Head' }, cards: [ONE, TWO] });
    await world.publish();
    expect([world.calls('fop-read') - before, world.calls('fop-write')]).toEqual([3, 1]);
  });

  test('a crash between profile and cards is found by the next attempt', async () => {
    const world = await cardWorld(db);
    world.inConcur([ONE]);
    await world.pull();
    await world.put({ ...PERSON, general: { ...PERSON.general, jobTitle: 'Head' }, cards: [ONE, TWO] });
    world.sandbox.admin.addScript([{ function: 'fop-write', action: { kind: 'reset', when: 'after' } }]);
    await expect(world.publish()).rejects.toMatchObject({ failureClass: 'retry' });
    expect((await world.state()).state).toBe('pending');
    expect(await world.publish()).toMatchObject({ quarantined: 0, remaining: 0 });
    expect([world.calls('profile-write'), world.calls('fop-write')]).toEqual([1, 1]);
    expect(world.ofConcur()).toMatchObject([ONE, TWO]);
    expect((await world.state()).state).toBe('synced');
  });

  test('cards that Concur refuses wait in quarantine and the profile does not', async () => {
    const world = await cardWorld(db);
    world.inConcur([ONE]);
    await world.pull();
    await world.put({ ...PERSON, general: { ...PERSON.general, jobTitle: 'Head' }, cards: [ONE, TWO] });
    world.inConcur([{ ...ONE, accountNo: 'XXXXXXXXXXXX0001' }]);
    expect(await world.publish()).toMatchObject({ quarantined: 1, remaining: 0 });
    expect(world.sandbox.admin.profile(LOGIN)?.sections).toMatchObject({ general: { jobTitle: 'Head' } });
    expect(await world.quarantined()).toMatchObject([{ code: 'CardsIncomplete', direction: 'publish' }]);
    expect((await world.ofHub()).length).toBe(2);

    world.inConcur([ONE]);
    await world.put({ ...PERSON, general: { ...PERSON.general, jobTitle: 'Boss' }, cards: [ONE, TWO] });
    await world.publish();
    expect(world.ofConcur()).toMatchObject([ONE, TWO]);
    expect(await world.quarantined()).toEqual([]);
  });

  test('without the scope cards stay in the hub, are said to wait, and go once it is granted', async () => {
    const world = await cardWorld(db);
    const all = (await world.store.entities.get(world.entityId)).scopes;
    await world.withScopes((scope) => scope !== 'FOP');
    await world.put({ ...PERSON, cards: [ONE] });
    expect(await world.publish()).toMatchObject({ published: 1, remaining: 0 });
    expect(await world.ofHub()).toMatchObject([ONE]);
    const { warnings } = await world.state();
    expect(warnings).toMatchObject([{ code: 'scope-missing', field: 'CreditCards' }]);
    expect(warnings[0]?.reason).toContain('FOP');
    expect([world.calls('fop-read'), world.calls('fop-write')]).toEqual([0, 0]);

    await world.store.entities.setState(world.entityId, { scopes: all });
    world.sandbox.admin.putCompany({ companyUuid: world.companyUuid, scopes: [...all] });
    await world.connection.renew();
    world.sandbox.admin.editProfile(LOGIN, { sections: { general: { jobTitle: 'Head' } } });
    await world.pull();
    await world.publish();
    expect(world.ofConcur()).toMatchObject([ONE]);
  });

  test('the default of a segment moves: no two cards have it, on either side', async () => {
    const world = await cardWorld(db);
    const air = [{ type: 'Air', default: true }];
    await world.put({ ...PERSON, cards: [{ ...ONE, segments: air }] });
    await world.publish();
    await world.put({
      ...PERSON,
      cards: [
        { ...ONE, segments: air },
        { ...TWO, segments: air },
      ],
    });
    await world.publish();
    await world.publish();
    const holders = (cards: readonly unknown[]) =>
      numbers(cards.filter((card) => JSON.stringify(card).includes('"default":true')));
    expect(holders(world.ofConcur())).toEqual([TWO.accountNo]);
    expect(holders(await world.ofHub())).toEqual([TWO.accountNo]);
  });
});
