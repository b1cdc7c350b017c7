import { type SyncState } from '../../../hub';
import { aBench, type Bench, call, entityIn, json, problem } from './support';

let bench: Bench;
beforeAll(async () => {
  bench = await aBench();
  await entityIn(bench, 'acme', 'active');
});
afterAll(() => bench.close());

const BASE = '/v1/entities/acme/travellers';
const put = (id: string, body: object) => call(bench, `PUT ${BASE}/${id}`, { body });
const patch = (id: string, body: object) => call(bench, `PATCH ${BASE}/${id}`, { body });
const get = (id: string) => call(bench, `GET ${BASE}/${id}`);
const named = (id: string) => ({ username: `${id}@example.test` });

/** What a pull, or the engine, does to a sync state. */
async function changeState(id: string, change: Partial<SyncState>): Promise<void> {
  await bench.store.sync.transaction(async (tx) => {
    const [locked] = await tx.lock('acme', 'concur', {
      travellerIds: [id],
      logins: [],
      syncIds: [],
      uuids: [],
    });
    if (locked === undefined) throw new Error(`no traveller ${id}`);
    await tx.save([{ state: { ...locked.state, ...change } }]);
  });
}

describe('the Concur login', () => {
  it('of a new traveller binds before anything can be published', async () => {
    const answer = await put('L1', { ...named('L1'), concurLoginId: 'known@concur.test' });
    expect(answer.statusCode).toBe(201);
    expect(json(answer)).toMatchObject({ concurLoginId: 'known@concur.test', status: 'active' });
    const [state] = await bench.store.travellers.syncStates('acme', 'L1');
    expect(state).toMatchObject({ locator: 'known@concur.test' });
  });

  it('of somebody without a UUID may be the one that is held as a possible rename, and no other', async () => {
    await put('L9', { ...named('L9'), concurLoginId: 'before@concur.test' });
    await changeState('L9', { baseConcur: { status: 'active', sections: {} } });
    expect((await patch('L9', { concurLoginId: 'after@concur.test' })).statusCode).toBe(422);
    const held = { entityId: 'acme', loginId: 'after@concur.test', code: 'PossibleRename', reason: '?' };
    await bench.store.sync.transaction((tx) => tx.quarantine([{ ...held, direction: 'pull' }], new Date(0)));
    expect((await patch('L9', { concurLoginId: 'other@concur.test' })).statusCode).toBe(422);
    expect((await patch('L9', { concurLoginId: 'after@concur.test' })).statusCode).toBe(200);
  });

  it('may be corrected until the profile was read, and never after', async () => {
    await put('L2', { ...named('L2'), concurLoginId: 'wrong@concur.test' });
    const corrected = await patch('L2', { concurLoginId: 'right@concur.test' });
    expect(json(corrected)['concurLoginId']).toBe('right@concur.test');
    await changeState('L2', { concurUuid: 'uuid-of-L2' });
    const bound = await patch('L2', { concurLoginId: 'other@concur.test' });
    expect(problem(bound)).toMatchObject({
      status: 422,
      errors: [{ path: 'concurLoginId', code: 'login-bound' }],
    });
    expect(problem(await patch('L2', { concurLoginId: null })).status).toBe(422);
    expect((await patch('L2', { concurLoginId: 'right@concur.test' })).statusCode).toBe(200);
  });

  it('belongs to one traveller', async () => {
    await put('L3', { ...named('L3'), concurLoginId: 'mine@concur.test' });
    const answer = await put('L4', { ...named('L4'), concurLoginId: 'MINE@concur.test' });
    expect(problem(answer)).toMatchObject({ status: 409, code: 'login-taken' });
    expect((await get('L4')).statusCode).toBe(404);
  });

  it('cannot be named while the traveller is being created in Concur', async () => {
    await put('L5', named('L5'));
    await changeState('L5', {
      createIntent: { login: 'L5@example.test', identityHash: 'h', at: '2026-03-02T08:00:00Z' },
    });
    const answer = await patch('L5', { concurLoginId: 'late@concur.test' });
    expect(problem(answer)).toMatchObject({ status: 409, code: 'traveller-busy' });
  });
});
