import { encodeProfileWrite } from '../../concur/xml';
import { publishOnce } from '../../sync/engine/publish';
import { alternate, type Run } from '../lib/alternate';
import { at, BareConcur, inParallel } from '../lib/bare-concur';
import { type Bench, type BenchContext, demandEqual } from '../lib/bench';
import { loginOf, personSections } from '../lib/people';
import { TRAVEL_CONFIG_ID } from '../lib/world';

const WRITES_AT_ONCE = 500;
const JOB_TITLE = 'Published';

/** Travellers that Concur does not know are created there. */
export const publishNew: Bench = {
  name: 'publish',
  title: 'Publish: travellers that are created in Concur',
  quick: { items: 200, rounds: 2 },
  full: { items: 10_000, rounds: 5 },
  async run(context) {
    const measured = await alternate(context, [
      {
        name: 'ours',
        does: 'publishOnce: leases, checks, reads, commits an intent, creates, reads back, settles, stores',
        prepare: () => ourRun(context),
      },
      {
        name: 'bare',
        does: 'undici + fast-xml-parser: GET, POST of ready XML, GET, parses all three answers',
        prepare: () => bareRun(context),
      },
    ]);
    return {
      ...measured,
      notes: ['The yardstick leases, checks, encodes, compares, journals and stores nothing.'],
    };
  },
};

async function ourRun({ world, size }: BenchContext): Promise<Run> {
  await world.sandbox.ask({ kind: 'clear' });
  const company = await world.newCompany();
  const entity = await world.connect(company);
  for (let first = 0; first < size.items; first += WRITES_AT_ONCE) {
    const writes = numbers(first, Math.min(first + WRITES_AT_ONCE, size.items)).map((number) => ({
      id: `t${String(number).padStart(6, '0')}`,
      username: loginOf(company, number),
      status: 'active' as const,
      sections: personSections(number, JOB_TITLE),
    }));
    await world.store.travellers.upsertMany(entity.id, writes, { now: new Date() });
  }
  let result: Awaited<ReturnType<typeof publishOnce>> | undefined;
  return {
    work: async () => {
      result = await publishOnce(entity.deps, world.settings, entity.id);
      await world.flushJournal();
    },
    check: async () => {
      demandEqual('ours, published', result?.published, size.items);
      demandEqual('ours, quarantined', result?.quarantined, 0);
      demandEqual('ours, remaining', result?.remaining, 0);
      demandEqual('ours, in step', (await world.store.entities.counts(entity.id)).synced, size.items);
      await demandCreated(world.sandbox, company, size.items);
    },
  };
}

async function bareRun({ world, size }: BenchContext): Promise<Run> {
  await world.sandbox.ask({ kind: 'clear' });
  const company = await world.newCompany();
  const bare = new BareConcur((await world.connect(company)).token);
  const people = numbers(0, size.items).map((number) => readyPerson(company, number));
  let created = 0;
  return {
    work: () =>
      inParallel(people, world.settings.concurrency, async ({ login, xml }) => {
        const before = await bare.read(login);
        const written = await bare.write(xml);
        const after = await bare.read(login);
        const shown = at(after.document, 'ProfileResponse', 'General', 'JobTitle');
        if (before.status >= 400 && written.status < 300 && shown === JOB_TITLE) created += 1;
      }),
    check: async () => {
      await bare.close();
      demandEqual('bare, created', created, size.items);
      await demandCreated(world.sandbox, company, size.items);
    },
  };
}

async function demandCreated(
  sandbox: BenchContext['world']['sandbox'],
  companyUuid: string,
  items: number,
): Promise<void> {
  const census = await sandbox.ask({ kind: 'census', companyUuid });
  demandEqual('profiles in Concur', census.profiles, items);
  demandEqual('rules of Concur broken', census.violations[0], undefined);
}

function readyPerson(company: string, number: number): { login: string; xml: string } {
  const login = loginOf(company, number);
  const sections = personSections(number, JOB_TITLE);
  const xml = encodeProfileWrite({
    action: 'Create',
    loginId: login,
    status: 'active',
    sections: { ...sections, general: { ...sections.general, travelConfigId: TRAVEL_CONFIG_ID } },
    password: 'Simulated-1-Password',
  });
  return { login, xml };
}

function numbers(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/** As between two data centres: what counts then is how much of the waiting is done at once. */
export const publishFar: Bench = {
  ...publishNew,
  name: 'publish-20ms',
  title: `${publishNew.title}, 20 ms away`,
  delayMs: 20,
  slow: true,
};
