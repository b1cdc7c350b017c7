import { settingsSchema } from '../../../config/settings';
import { type HubDatabase, type HubStore } from '../../../hub';
import { type EntityStateChange } from '../../../hub/contract';
import { startInputs } from '../../../workers/start-inputs';
import { anEntity, minutesAfter, T0 } from '../../support/builders';
import { pgliteDatabase, storeOn } from '../../support/hub/stores';

/** What is started again when Temporal has forgotten everything. */
let db: HubDatabase;
let store: HubStore;
beforeAll(async () => {
  db = await pgliteDatabase();
  store = storeOn(db);
});
afterAll(() => db.destroy());

const inputs = () => startInputs(store, settingsSchema.parse({}));
const stateOf = async (entityId: string) => (await inputs().lifecycle(entityId)).state;

const WINDOW = { issuedAt: T0.getTime(), expiresAt: minutesAfter(720).getTime() };
const OPEN: EntityStateChange = {
  requestTokenIssuedAt: T0,
  requestTokenExpiresAt: minutesAfter(720),
};

async function entityIn(state: EntityStateChange): Promise<string> {
  const definition = anEntity();
  await store.entities.create({ ...definition, strategy: 'publish' }, { now: T0 });
  await store.entities.setState(definition.id, state);
  return definition.id;
}

/** A token in the vault, and the command that was accepted for it. */
async function handedIn(entityId: string, delivered: boolean): Promise<string> {
  const credentialId = `${entityId}-credential`;
  const at = { issuedAt: T0, expiresAt: minutesAfter(720), now: T0 };
  await store.credentials.putRequestToken(entityId, credentialId, `rt-${entityId}`, at);
  const request = { id: `${entityId}-token`, entityId, kind: 'token-received' };
  await store.requests.create({ ...request, payload: { credentialId, ...WINDOW } }, { now: T0 });
  if (delivered) await store.requests.markDelivered(request.id, { now: T0 });
  return credentialId;
}

describe('a lifecycle', () => {
  it.each(['exchanging', 'awaiting-request-token'] as const)(
    'goes on with the exchange of a token that it had been told of in stage %s',
    async (stage) => {
      const entityId = await entityIn({ ...OPEN, stage, waitingFor: 'Correct it. Then resume the entity.' });
      const credentialId = await handedIn(entityId, true);
      expect(await stateOf(entityId)).toMatchObject({
        stage: 'exchanging',
        window: WINDOW,
        receipt: { ...WINDOW, credentialId },
        waitingFor: undefined,
      });
    },
  );

  it('waits for a token that it has yet to hear of, or that has led nowhere', async () => {
    const pending = await entityIn({ ...OPEN, stage: 'awaiting-request-token' });
    await handedIn(pending, false);
    const gone = await entityIn({ ...OPEN, stage: 'awaiting-request-token' });
    await store.credentials.deleteRequestToken(gone, await handedIn(gone, true));
    const refused = await entityIn({ stage: 'requested', waitingFor: 'Support: it was not taken.' });
    await handedIn(refused, true);
    for (const entityId of [pending, gone])
      expect(await stateOf(entityId)).toMatchObject({ stage: 'awaiting-request-token', receipt: undefined });
    expect(await stateOf(refused)).toMatchObject({
      stage: 'requested',
      receipt: undefined,
      waitingFor: 'Support: it was not taken.',
    });
  });

  it('opens its first migration by itself, but none after one was turned down', async () => {
    const shown = { stage: 'migrating', waitingFor: 'Support: choose a migration strategy.' } as const;
    const first = await entityIn(shown);
    expect(await stateOf(first)).toMatchObject({
      stage: 'migrating',
      waitingFor: undefined,
      migrated: false,
    });
    const { number } = await store.migrations.create(first, 'publish', { now: T0 });
    expect(await stateOf(first)).toMatchObject({ migration: number, waitingFor: shown.waitingFor });
    await store.migrations.updateMigration(first, number, { state: 'rejected' });
    await store.entities.setState(first, { waitingFor: null });
    const state = await stateOf(first);
    expect(state.migration).toBeUndefined();
    expect(state.waitingFor).toBe('Support: migration 1 was rejected. Plan another one when ready.');
  });

  it('keeps what an offboarding was to do, also one that is not shown yet', async () => {
    for (const stage of ['offboarding', 'active'] as const) {
      const entityId = await entityIn({ stage });
      const request = { id: `${entityId}-offboard`, entityId, kind: 'offboard', payload: { erase: true } };
      await store.requests.create(request, { now: T0 });
      expect((await stateOf(entityId)).offboard).toBeUndefined();
      await store.requests.markDelivered(request.id, { now: T0 });
      expect(await stateOf(entityId)).toMatchObject({ stage, offboard: { erase: true } });
    }
  });

  it('is paused, active or without authorisation as before', async () => {
    const paused = await entityIn({ stage: 'paused' });
    expect(await stateOf(paused)).toMatchObject({ stage: 'paused', paused: true });
    const lost = await entityIn({
      stage: 'needs-reauthorisation',
      healthReason: 'Concur refused the token.',
    });
    expect(await stateOf(lost)).toMatchObject({
      stage: 'needs-reauthorisation',
      problem: 'Concur refused the token.',
    });
    const active = await entityIn({ stage: 'active' });
    const { number } = await store.migrations.create(active, 'publish', { now: T0 });
    await store.migrations.updateMigration(active, number, { state: 'completed', completedAt: T0 });
    expect(await stateOf(active)).toMatchObject({ stage: 'active', paused: false, migrated: true });
  });
});

describe('a migration', () => {
  const migrating = async () => {
    const entityId = await entityIn({ stage: 'migrating' });
    await store.migrations.create(entityId, 'publish', { now: T0 });
    return {
      entityId,
      change: (change: Parameters<HubStore['migrations']['updateMigration']>[2]) =>
        store.migrations.updateMigration(entityId, 1, change),
      input: () => inputs().migration(entityId, 1),
    };
  };

  it('is planned again from the first traveller on', async () => {
    const { entityId, input } = await migrating();
    expect(await input()).toEqual({ entityId, number: 1, strategy: 'publish' });
  });

  it('does not begin for an entity that leaves, also one that was opened a moment too late', async () => {
    const { entityId, input } = await migrating();
    for (const stage of ['offboarding', 'offboarded'] as const) {
      await store.entities.setState(entityId, { stage });
      expect(await input()).toBeUndefined();
    }
  });

  it('waits for the approval of the same digest', async () => {
    const { change, input } = await migrating();
    await change({ state: 'awaiting-approval', digest: 'd1', plannedAt: T0 });
    expect((await input())?.progress).toMatchObject({
      state: 'awaiting-approval',
      digest: 'd1',
      approved: false,
    });
  });

  it.each(['executing', 'verifying'] as const)('goes on %s what was approved', async (state) => {
    const { change, input } = await migrating();
    const { counts } = await change({ state, digest: 'd1', plannedAt: T0, approvedAt: T0 });
    expect((await input())?.progress).toEqual({ state, digest: 'd1', approved: true, counts });
  });

  it.each(['completed', 'rejected', 'cancelled', 'failed'] as const)('that is %s is over', async (state) => {
    const { change, input } = await migrating();
    await change({ state, completedAt: T0 });
    expect(await input()).toBeUndefined();
  });
});
