import { type HubDatabase, type HubStore, type KeyRing, parseKeyRing } from '../../../hub';
import { aTraveller, SENSITIVE, T0 } from '../../support/builders';
import { createEntity } from '../../support/hub/suite/context';
import { pgliteDatabase, storeOn, testKeys } from '../../support/hub/stores';

const [oldKey, newKey, lostKey] = [testKeys('k1'), testKeys('k2'), testKeys('k0')];
const oldRing = parseKeyRing(oldKey);
/** Of a process that was started before the new key was put in front. */
const oldFirstRing = parseKeyRing(`${oldKey},${newKey}`);
const bothRing = parseKeyRing(`${newKey},${oldKey}`);
const newRing = parseKeyRing(newKey);

describe('the rotation of keys', () => {
  let db: HubDatabase;
  beforeAll(async () => {
    db = await pgliteDatabase();
  });
  afterAll(() => db.destroy());

  /** An entity with a traveller, a token and a call, sealed. */
  async function sealed(store: HubStore): Promise<string> {
    const entityId = await createEntity(store);
    const write = aTraveller();
    await store.travellers.upsert({ entityId, ...write, id: 'T1' }, { now: T0 });
    const accessToken = `access of ${entityId}`;
    const grant = { accessToken, refreshToken: 'r', accessTokenExpiresAt: T0, scopes: [] };
    await store.credentials.commitGrant(entityId, grant);
    await store.calls.add([
      {
        ...{ id: `call of ${entityId}`, entityId, at: T0, system: 'concur', method: 'GET', route: '/r' },
        ...{ durationMs: 1, content: { user: 'ada' } },
      },
    ]);
    return entityId;
  }

  async function opensWith(ring: KeyRing, entityIds: readonly string[]): Promise<void> {
    const store = storeOn(db, ring);
    for (const id of entityIds) {
      const { traveller } = await store.travellers.get(id, 'T1');
      expect(traveller.sections.tsaInfo?.dateOfBirth).toBe(SENSITIVE.dateOfBirth);
      expect((await store.credentials.load(id)).accessToken).toBe(`access of ${id}`);
      expect((await store.calls.get(`call of ${id}`))?.content).toEqual({ user: 'ada' });
    }
  }

  async function rotateAll(store: HubStore): Promise<number> {
    const { remaining } = await store.entities.rewrapKeys({ limit: 1_000 });
    return remaining;
  }

  it('leaves everything open with the new key alone, also when it was interrupted and repeated', async () => {
    const before = storeOn(db, oldRing);
    const ids: string[] = [];
    for (let n = 0; n < 5; n += 1) ids.push(await sealed(before));
    // Shredded ones have no key to wrap, and count for nothing.
    await before.entities.shred(await sealed(before), { now: T0 });

    const half = await storeOn(db, bothRing).entities.rewrapKeys({ limit: 2 });
    expect(half).toEqual({
      ...{ rewrapped: 2, remaining: 3, activeKeyId: 'k2', unreadable: [] },
      next: expect.any(String) as string,
    });
    await opensWith(bothRing, ids);
    // Another process, or the same after a crash.
    const store = storeOn(db, bothRing);
    expect(await store.entities.rewrapKeys({ limit: 1_000 })).toMatchObject({ rewrapped: 3, remaining: 0 });
    expect(await store.entities.rewrapKeys({ limit: 1_000 })).toMatchObject({ rewrapped: 0, remaining: 0 });
    await opensWith(newRing, ids);
  });

  it('goes with entities that are created meanwhile, by new processes and by old ones', async () => {
    const [oldStore, newStore] = [storeOn(db, oldFirstRing), storeOn(db, bothRing)];
    const ids = [await sealed(oldStore)];
    const meanwhile = await Promise.all([
      sealed(oldStore),
      rotateAll(newStore),
      sealed(newStore),
      rotateAll(newStore),
    ]);
    for (const id of meanwhile) if (typeof id === 'string') ids.push(id);
    await opensWith(bothRing, ids);
    // An old process may have added one since: that is what `remaining` and another run are for.
    expect(await rotateAll(newStore)).toBe(0);
    await opensWith(newRing, ids);
  });

  it('names entities whose key is not in the ring, and rotates the others', async () => {
    const lost = await sealed(storeOn(db, parseKeyRing(lostKey)));
    const known = await sealed(storeOn(db, oldRing));
    const store = storeOn(db, bothRing);
    expect(await store.entities.rewrapKeys({ limit: 1 })).toMatchObject({ unreadable: [lost], next: lost });
    expect(await store.entities.rewrapKeys({ limit: 5, after: lost })).toMatchObject({ rewrapped: 1 });
    expect(await rotateAll(store)).toBe(1);
    await opensWith(newRing, [known]);
    await opensWith(parseKeyRing(lostKey), [lost]);
  });
});
