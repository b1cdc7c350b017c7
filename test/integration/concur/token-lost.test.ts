import { type ApiClient } from '../../../cli/api-client';
import { isApiProblem } from '../../../cli/errors';
import { type RunningSandbox } from '../../../sandbox';
import { startWholeInstallation, type WholeInstallation } from '../../support/installation';
import { waitUntil } from '../../support/wait-until';

const EXPIRY_MS = 61 * 60_000;
const WAIT_MS = 60_000;
const ENTITIES = Array.from({ length: 10 }, (_, n) => ({
  id: `company-${n}`,
  companyUuid: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  login: `somebody-${n}@example.test`,
}));
type TestEntity = (typeof ENTITIES)[number];

let installation: WholeInstallation;
let api: ApiClient;
let sandbox: RunningSandbox;

beforeAll(async () => {
  installation = await startWholeInstallation();
  ({ api, sandbox } = installation);
  await Promise.all(ENTITIES.map(connect));
}, 180_000);

afterAll(() => installation.stop(), 60_000);

/** A company with one traveller, whose refresh token rotates without grace. */
async function connect({ id, companyUuid, login }: TestEntity): Promise<void> {
  const { admin } = sandbox.sandbox;
  const travelConfigId = '4711';
  admin.putCompany({
    companyUuid,
    travelConfigIds: [travelConfigId],
    behaviour: { rotation: 'without-grace' },
  });
  const general = { firstName: 'Some', lastName: 'Body', travelConfigId };
  admin.seedProfile({ companyUuid, loginId: login, sections: { general } });
  await api.addEntity({ id, name: `Example ${id}`, companyUuid, travelConfigId, ids: {}, strategy: 'none' });
  await authorise(id, companyUuid);
}

/** A window, a request token, and everything in step. */
async function authorise(id: string, companyUuid: string): Promise<void> {
  await api.openWindow(id);
  await api.submitToken(id, sandbox.sandbox.admin.issueRequestToken(companyUuid).requestToken);
  await waitUntil(
    `${id} is active and in step`,
    async () => {
      const { stage, counts } = await api.entity(id);
      return stage === 'active' && counts?.synced === 1;
    },
    WAIT_MS,
  );
}

async function changeJobTitle(id: string, jobTitle: string): Promise<void> {
  const [traveller] = await api.travellers(id);
  await api.patchTraveller(id, traveller?.id ?? '', { general: { jobTitle } });
}

async function requestsForAuthorisation(id: string): Promise<number> {
  const events = await api.events({ query: { entity: id } });
  return events.filter(({ kind }) => kind === 'needs-reauthorisation').length;
}

async function statusOf(work: Promise<unknown>): Promise<number | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (isApiProblem(error)) return error.status;
    throw error;
  }
}

const forAll = <T>(work: (entity: TestEntity) => Promise<T>): Promise<T[]> => Promise.all(ENTITIES.map(work));

it('an answer lost after a rotation without grace costs one request for a new authorisation, and no change', async () => {
  const { admin } = sandbox.sandbox;
  admin.reset(['observations']);
  // Concur has rotated and forgets the old token; the new one gets lost on the way.
  admin.addScript(
    ENTITIES.map(({ companyUuid }) => ({
      function: 'refresh',
      companyUuid,
      action: { kind: 'reset', when: 'after' },
    })),
  );
  admin.setClock({ advanceMs: EXPIRY_MS });
  await forAll(({ id }) => changeJobTitle(id, 'Changed before'));
  // The other loop too, unless the first one has asked for a new authorisation already.
  await forAll(({ id }) => statusOf(api.act(id, 'poll')));
  await waitUntil(
    'all of them ask for a new authorisation',
    async () => {
      const entities = await forAll(({ id }) => api.entity(id));
      return entities.every(({ stage }) => stage === 'needs-reauthorisation');
    },
    WAIT_MS,
  );

  // Everything that could make a loop go on: changes, commands, sweeps.
  const asked = structuredClone(admin.tokenRequests);
  await forAll(({ id }) => changeJobTitle(id, 'Changed meanwhile'));
  expect(new Set(await forAll(({ id }) => statusOf(api.act(id, 'poll'))))).toEqual(new Set([409]));
  expect(new Set(await forAll(({ id }) => statusOf(api.act(id, 'publish'))))).toEqual(new Set([409]));
  await installation.sweep();
  await installation.sweep();

  for (const { id, companyUuid } of ENTITIES) {
    // The one whose answer got lost, and a refusal; one more where the loops are half a minute apart.
    expect([2, 3]).toContain(asked[companyUuid]?.requests);
    expect(asked[companyUuid]).toMatchObject({ refreshes: 1, mostAtOnce: 1 });
    const { counts, health, waitingFor } = await api.entity(id);
    expect({ counts, health }).toMatchObject({ counts: { travellers: 1, pending: 1 }, health: 'failing' });
    expect(waitingFor).toContain('request token');
  }

  await forAll(({ id, companyUuid }) => authorise(id, companyUuid));
  for (const { id, companyUuid, login } of ENTITIES) {
    expect(admin.profile(login)?.sections).toMatchObject({ general: { jobTitle: 'Changed meanwhile' } });
    // Nothing more was asked between the loss and the new request token, which was exchanged once.
    expect(admin.tokenRequests[companyUuid]?.requests).toBe((asked[companyUuid]?.requests ?? 0) + 1);
    expect(await requestsForAuthorisation(id)).toBe(1);
  }
  expect(admin.violations).toEqual([]);
}, 180_000);
