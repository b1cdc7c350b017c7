import { type ApiClient } from '../../../cli/api-client';
import { type RunningSandbox } from '../../../sandbox';
import { workflowIds } from '../../../workflows/messages';
import { startWholeInstallation, type WholeInstallation } from '../../support/installation';
import { plainTemporalClient } from '../../support/secrets/places';
import { waitUntil } from '../../support/wait-until';

const WAIT_MS = 120_000;
const MANY = 200;
/** Each call takes so long that the mass change of the large company lasts many times a single change. */
const SLOW_MS = 300;

interface TestCompany {
  readonly id: string;
  readonly companyUuid: string;
  readonly travellers: number;
}
const large: TestCompany = {
  id: 'large',
  companyUuid: '00000000-0000-4000-8000-000000000001',
  travellers: MANY,
};
const small: TestCompany = {
  id: 'small',
  companyUuid: '00000000-0000-4000-8000-000000000002',
  travellers: 1,
};

let installation: WholeInstallation;
let api: ApiClient;
let sandbox: RunningSandbox;

beforeAll(async () => {
  installation = await startWholeInstallation({ dynamicConfig: { 'matching.enableFairness': 'true' } });
  ({ api, sandbox } = installation);
  await Promise.all([large, small].map(connect));
}, 180_000);

afterAll(() => installation.stop(), 60_000);

const loginOf = ({ id }: TestCompany, n: number): string => `somebody-${n}@${id}.example.test`;

async function connect(company: TestCompany): Promise<void> {
  const { id, companyUuid, travellers } = company;
  const { admin } = sandbox.sandbox;
  const travelConfigId = '4711';
  admin.putCompany({ companyUuid, travelConfigIds: [travelConfigId] });
  const general = { firstName: 'Some', lastName: 'Body', travelConfigId };
  for (let n = 0; n < travellers; n += 1)
    admin.seedProfile({ companyUuid, loginId: loginOf(company, n), sections: { general } });
  await api.addEntity({ id, name: `Example ${id}`, companyUuid, travelConfigId, ids: {}, strategy: 'none' });
  await api.openWindow(id);
  await api.submitToken(id, admin.issueRequestToken(companyUuid).requestToken);
  await waitUntil(
    `${id} is in step`,
    async () => {
      const { stage, counts } = await api.entity(id);
      return stage === 'active' && counts?.synced === travellers;
    },
    WAIT_MS,
  );
}

async function changeAll({ id }: TestCompany, jobTitle: string): Promise<void> {
  const ids = (await api.travellers(id)).map((traveller) => traveller.id).values();
  const change = async (): Promise<void> => {
    for (const traveller of ids) await api.patchTraveller(id, traveller, { general: { jobTitle } });
  };
  await Promise.all(Array.from({ length: 8 }, change));
}

function hasJobTitle(login: string, jobTitle: string): boolean {
  const sections = sandbox.sandbox.admin.profile(login)?.sections;
  return JSON.stringify(sections?.general ?? {}).includes(`"jobTitle":"${jobTitle}"`);
}

function arrived(company: TestCompany, jobTitle: string): number {
  const logins = Array.from({ length: company.travellers }, (_, n) => loginOf(company, n));
  return logins.filter((login) => hasJobTitle(login, jobTitle)).length;
}

it('the mass change of one company does not hold up the single change of another', async () => {
  const { admin } = sandbox.sandbox;
  await api.act(large.id, 'pause');
  await waitUntil('it is paused', async () => (await api.entity(large.id)).stage === 'paused', WAIT_MS);
  await changeAll(large, 'Many');
  admin.setFaults({ rates: { '*': { slow: 1 } }, slowMs: SLOW_MS });
  await api.act(large.id, 'resume');
  await waitUntil('the mass change is under way', () => arrived(large, 'Many') > 0, WAIT_MS);

  await changeAll(small, 'One');
  await waitUntil('the single change has arrived', () => arrived(small, 'One') === 1, WAIT_MS);
  const waiting = MANY - arrived(large, 'Many');
  expect(waiting).toBeGreaterThan(MANY / 2);

  admin.setFaults({ rates: {} });
  await waitUntil('the mass change has arrived', () => arrived(large, 'Many') === MANY, WAIT_MS);
  expect(admin.violations).toEqual([]);
}, 300_000);

it('the tasks of each company carry it as their fairness key', async () => {
  const { client, close } = await plainTemporalClient(installation.temporal.address);
  try {
    for (const { id } of [large, small]) {
      for (const workflowId of [workflowIds.lifecycle(id), workflowIds.poll(id), workflowIds.publish(id)]) {
        const { priority } = await client.workflow.getHandle(workflowId).describe();
        expect({ workflowId, fairnessKey: priority?.fairnessKey }).toEqual({ workflowId, fairnessKey: id });
      }
    }
  } finally {
    await close();
  }
}, 60_000);
