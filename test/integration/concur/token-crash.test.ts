import { type RunningSandbox, startSandbox } from '../../../sandbox';
import { killRemaining } from '../../support/child-processes';
import { testPostgres, type TestPostgres } from '../../support/local-servers';
import { connectedEntity, type ConnectedEntity, make, startCaller } from '../../support/storm/caller';
import { waitUntil } from '../../support/wait-until';

const EXPIRY_MS = 61 * 60_000;
const CALLS = { calls: 10, clockAheadMs: 0 };

let postgres: TestPostgres;
let sandbox: RunningSandbox;
beforeAll(async () => {
  postgres = await testPostgres();
}, 120_000);
afterAll(() => postgres.stop());
beforeEach(async () => {
  sandbox = await startSandbox();
});
afterEach(async () => {
  await killRemaining();
  await sandbox.stop();
});

/** Concur has rotated the refresh token, and the process that asked is killed before it can store the new one. */
async function killedBeforeTheCommit(rotation: 'with-grace' | 'without-grace'): Promise<ConnectedEntity> {
  const { admin } = sandbox.sandbox;
  const entity = await connectedEntity(sandbox, await postgres.createDatabase(), rotation);
  const { companyUuid, setUp } = entity;
  const doomed = await startCaller(setUp);
  admin.reset(['observations']);
  admin.addScript([{ function: 'refresh', companyUuid, action: { kind: 'slow', ms: 2_000, when: 'after' } }]);
  admin.setClock({ advanceMs: EXPIRY_MS });
  const order = make(doomed, CALLS).catch((error: unknown) => error);
  await waitUntil('Concur has rotated', () => admin.tokenRequests[companyUuid]?.refreshes === 1);
  await doomed.end('SIGKILL');
  expect(await order).toBeInstanceOf(Error);
  // It died with the lease; nobody may refresh before that has run out.
  expect(await entity.letLeaseRunOut()).toBe(true);
  return entity;
}

it('a process killed between Concur’s answer and the commit costs nothing where Concur grants grace', async () => {
  const entity = await killedBeforeTheCommit('with-grace');
  try {
    const next = await startCaller(entity.setUp);
    expect(await make(next, CALLS)).toEqual({ succeeded: 10, failed: [], repeated: {} });
    expect(sandbox.sandbox.admin.tokenRequests[entity.companyUuid]?.refreshes).toBe(2);
    expect(await entity.renew()).toBe(true);
  } finally {
    await entity.close();
  }
}, 60_000);

it('without grace the connection is lost, and Concur is asked once by each process that hears of it', async () => {
  const entity = await killedBeforeTheCommit('without-grace');
  try {
    const [one, other] = [await startCaller(entity.setUp), await startCaller(entity.setUp)];
    const dones = await Promise.all([make(one, CALLS), make(other, CALLS)]);
    const failed = dones.flatMap((done) => done.failed);
    expect(failed).toHaveLength(20);
    expect(new Set(failed)).toEqual(new Set(['ReauthorisationRequired']));
    // The lost one, then one refusal for all calls of a process.
    expect(sandbox.sandbox.admin.tokenRequests[entity.companyUuid]).toMatchObject({
      requests: 3,
      refreshes: 1,
    });
  } finally {
    await entity.close();
  }
}, 60_000);
