import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { DEMO } from '../../../cli/tour/scene';
import { readRunState } from '../../../workers/local';
import { postgresUrl } from '../../../workers/local/postgres-server';
import { apiOf, sandboxOf, text } from '../../support/chaos/clients';
import { type CommandEvent, dataDirOf, runCommand, type RunningCommand } from '../../support/chaos/command';
import { approve, planCompany, type Sides, untilMigration } from '../../support/chaos/company';
import { useChaosFolder } from '../../support/chaos/folder';
import { argumentsOf, familyOf, serversOf } from '../../support/chaos/processes';
import { judgeSandboxAt } from '../../support/sandbox-watch/expect-violations';
import {
  BROKEN,
  CANARIES,
  CARD,
  HUB_CARD,
  PASSPORT,
  PLANTS,
  PUSH_SECRET,
  WRONG_PUSH_SECRET,
  WRONG_TOKEN,
} from '../../support/secrets/canaries';
import {
  CLIENT_SECRET,
  documentNumbers,
  KEY_FILES,
  keysOf,
  personalData,
  tokensOf,
} from '../../support/secrets/kept';
import { type Needle, NeedleSearch } from '../../support/secrets/needles';
import {
  filesBelow,
  found,
  histories,
  type Place,
  plainTemporalClient,
  rows,
} from '../../support/secrets/places';
import { plantArgument, plantHistory, plantRow } from '../../support/secrets/plants';
import { waitUntil } from '../../support/wait-until';

const STEP_MS = 120_000;
const COMPANY = { ...DEMO, travellers: 5 };
const { entityId, companyUuid } = COMPANY;
const SOURCES = join(__dirname, 'run-cli.mjs');

const folder = useChaosFolder();
const dataDir = () => dataDirOf(folder());
let start: RunningCommand;
let ready: CommandEvent;
let sides: Sides;
let readOnlyKey = '';
const answers: Place[] = [];
/** Every token and key that was given out: who gave them forgets those that were revoked. */
const tokens = new Map<string, Needle>();

const noteTokens = (): void => tokensOf(dataDir()).forEach((each) => tokens.set(each.value, each));

/** Asks the API, and keeps the answer among the places unless the key may see what is sensitive. */
async function ask(
  line: string,
  options: { key?: string; body?: string; kept?: boolean; headers?: Record<string, string> } = {},
): Promise<string> {
  const [method = '', path = ''] = line.split(' ');
  const key = options.key ?? readFileSync(join(dataDir(), 'api-key'), 'utf8').trim();
  const response = await fetch(`${text(ready, 'api')}${path}`, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...options.headers },
    ...(options.body === undefined ? {} : { body: options.body }),
  });
  const answer = await response.text();
  if (options.kept !== false) answers.push({ where: `answer to ${line}`, bytes: Buffer.from(answer) });
  return answer;
}

/** What somebody at Concur, or a Concur user, does. */
async function admin(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${sides.sandbox.base}/_admin/${path}`, {
    method,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  expect([path, response.ok]).toEqual([path, true]);
  return response.json();
}

const stageIs = (stage: string): Promise<void> =>
  waitUntil(`stage ${stage}`, async () => (await sides.api.entity(entityId)).stage === stage, STEP_MS);

const callsSchema = z.looseObject({ items: z.array(z.looseObject({ id: z.string() })) });
const failedCalls = async () =>
  callsSchema.parse(JSON.parse(await ask('GET /v1/calls?failed=true'))).items.map(({ id }) => id);

const databaseUrl = (): string => {
  const password = readFileSync(join(dataDir(), 'postgres-password'), 'utf8').trim();
  return postgresUrl(readRunState(dataDir()).postgres?.port ?? 0, password);
};

/** All that must never be found; numbers of documents are sealed wherever the hub keeps them. */
function search(): NeedleSearch {
  noteTokens();
  const numbers = documentNumbers(COMPANY.travellers).filter(({ value }) => value.length >= 8);
  const plants = Object.values(PLANTS);
  return new NeedleSearch([
    ...plants,
    ...CANARIES,
    ...tokens.values(),
    ...keysOf(dataDir()),
    CLIENT_SECRET,
    ...numbers,
  ]);
}

/** Nothing is found but the plants; and each of these where it was planted. */
function expectOnlyPlants(
  all: readonly Place[],
  expected: readonly (keyof typeof PLANTS)[],
  where: string[],
): void {
  const everything = found(search(), all);
  const isPlant = (what: string): boolean => / planted \w+ \(/.test(what);
  expect(everything.filter((what) => !isPlant(what))).toEqual([]);
  const plants = everything.filter(isPlant);
  for (const kind of expected)
    expect([kind, plants.some((what) => what.includes(PLANTS[kind].name))]).toEqual([kind, true]);
  for (const place of where) expect(plants.join('\n')).toContain(place);
}

async function rowsNow(): Promise<Place[]> {
  const found: Place[] = [];
  for await (const place of rows(databaseUrl())) found.push(place);
  return found;
}

async function historiesNow(): Promise<Place[]> {
  const { client, close } = await plainTemporalClient(text(ready, 'temporalAddress'));
  try {
    const found: Place[] = [];
    for await (const place of histories(client)) found.push(place);
    return found;
  } finally {
    await close();
  }
}

/** What people and other programs are shown, by keys that may not see what is sensitive. */
async function lookAtEverything(): Promise<void> {
  const ofEntity = ['', '/travellers', '/migrations/1', '/migrations/1/items'].map(
    (what) => `/v1/entities/${entityId}${what}`,
  );
  const lists = ['entities', 'calls', 'events', 'quarantine', 'conflicts', 'status'].map(
    (what) => `/v1/${what}`,
  );
  for (const path of [...ofEntity, ...lists]) await ask(`GET ${path}`, { key: readOnlyKey });
  for (const id of await failedCalls()) {
    await ask(`GET /v1/calls/${id}/support-case`);
    await ask(`GET /v1/calls/${id}/support-case`, { key: readOnlyKey });
  }
}

async function lookAtMetrics(): Promise<void> {
  const answer = await fetch(text(ready, 'metrics'));
  const bytes = Buffer.from(await answer.arrayBuffer());
  expect(bytes.toString()).toContain('concordance_concur_calls_total');
  expect(new NeedleSearch(personalData(COMPANY.travellers)).in(bytes)).toEqual([]);
  answers.push({ where: 'metrics', bytes });
}

beforeAll(async () => {
  const environment = { LOG_LEVEL: 'trace', CONCUR_PUSH_SECRET: PUSH_SECRET };
  start = runCommand(folder(), ['start', '--sandbox', '--json'], environment, SOURCES);
  ready = await start.event('ready', STEP_MS);
  sides = { api: apiOf(ready, dataDir()), sandbox: sandboxOf(ready) };
}, STEP_MS);

describe('what is secret goes through an installation', () => {
  it(
    'with a first migration, and a passport and a card that lie in Concur',
    async () => {
      const plan = await planCompany(sides, COMPANY, start.tail);
      await approve(sides.api, entityId, plan);
      const isDone = ({ state }: { state: string }): boolean => state === 'completed';
      await untilMigration(sides.api, entityId, 'the end', STEP_MS, start.tail, isDone);
      await stageIs('active');

      const { id, ...first } = await sides.api.traveller(entityId, 't-0001');
      const uuid = first.concurUuid ?? '';
      const passports = [{ passportNumber: PASSPORT, passportNationality: 'DE' }];
      const body = JSON.stringify({ ...first, passports });
      await ask(`PUT /v1/entities/${entityId}/travellers/${id}`, { body, kept: false });
      await waitUntil(
        'the passport in Concur',
        async () => JSON.stringify(await sides.sandbox.profile(uuid)).includes(PASSPORT),
        STEP_MS,
      );
      const card = {
        vendor: 'Visa',
        accountNo: CARD,
        expDate: '2029-05',
        nameOnCard: 'Ada',
        usageType: 'Business',
      };
      await admin('PUT', `cards/${uuid}`, [card]);
      const shown = async (): Promise<string> => JSON.stringify(await sides.api.traveller(entityId, id));
      await ask(`POST /v1/entities/${entityId}/poll`, { body: '{}' });
      await waitUntil('the card in the hub', async () => (await shown()).includes(CARD), STEP_MS);
      const inHub = { ...card, accountNo: HUB_CARD, nameOnCard: 'Ada of the hub' };
      const cards = JSON.stringify({ cards: [card, inHub] });
      await ask(`PATCH /v1/entities/${entityId}/travellers/${id}`, { body: cards, kept: false });
      await waitUntil(
        'the card of the hub in Concur',
        async () => JSON.stringify(await admin('GET', `cards/${uuid}`)).includes(HUB_CARD),
        STEP_MS,
      );
    },
    STEP_MS,
  );

  it(
    'with a push that is proven by a secret, and one that is not',
    async () => {
      const url = `${text(ready, 'api')}/v1/concur/events`;
      await admin('POST', 'subscriptions', { companyUuid, url, secret: PUSH_SECRET });
      const { concurUuid } = await sides.api.traveller(entityId, 't-0002');
      await sides.sandbox.editProfile(concurUuid ?? '', { air: { mealCode: 'VGML' } });
      const sent = async () =>
        z.looseObject({ push: z.looseObject({ sent: z.number() }) }).parse(await admin('GET', 'counters'));
      await waitUntil('the push is taken', async () => (await sent()).push.sent > 0);
      await waitUntil(
        'the edit in the hub',
        async () => JSON.stringify(await sides.api.traveller(entityId, 't-0002')).includes('VGML'),
        STEP_MS,
      );
      const headers = { 'x-concordance-push-secret': WRONG_PUSH_SECRET };
      const facts = { companyId: companyUuid, userId: 'u-1' };
      const body = JSON.stringify({ id: 'e-1', eventType: 'TravelProfileUpdated', facts });
      expect(await ask('POST /v1/concur/events', { headers, body })).toContain('push-not-authenticated');
      await admin('DELETE', 'subscriptions');
    },
    STEP_MS,
  );

  it(
    'with calls that fail and quote it, and inputs that are refused',
    async () => {
      const quoting = `<Error><Message>no ${CARD} <PassportNumber>${PASSPORT}</PassportNumber></Message></Error>`;
      const action = { kind: 'respond', status: 500, body: quoting };
      await admin('POST', 'script', { function: 'summary', times: 2, action });
      await ask(`POST /v1/entities/${entityId}/poll`, { body: '{}' });
      await waitUntil('a failed call in the journal', async () => (await failedCalls()).length > 0, STEP_MS);

      const traveller = `PUT /v1/entities/${entityId}/travellers/bad`;
      const cards = [{ accountNo: CARD }];
      const bad = { username: PASSPORT, passports: [{ passportNumber: [PASSPORT] }], cards };
      const wrongToken = JSON.stringify({ requestToken: WRONG_TOKEN });
      const refusals = [
        await ask(traveller, { body: JSON.stringify(bad) }),
        await ask(traveller, { body: `{"passportNumber": "${BROKEN}"` }),
        await ask(`POST /v1/entities/${entityId}/request-token`, { body: wrongToken }),
      ];
      const statuses = refusals.map(
        (refusal) => z.looseObject({ status: z.number() }).parse(JSON.parse(refusal)).status,
      );
      expect(statuses.filter((status) => status >= 400)).toHaveLength(refusals.length);
    },
    STEP_MS,
  );

  it(
    'with a connection that Concur ends, and a second request token',
    async () => {
      noteTokens();
      await admin('POST', 'tokens', { companyUuid, revoke: 'all' });
      await ask(`POST /v1/entities/${entityId}/poll`, { body: '{}' });
      await stageIs('needs-reauthorisation');
      await sides.api.openWindow(entityId);
      // One that Concur refuses gets as far as the exchange.
      await sides.api.submitToken(entityId, WRONG_TOKEN);
      const events = () => sides.api.events({ query: { entity: entityId } });
      const refused = async () => (await events()).some(({ kind }) => kind === 'exchange-failed');
      await waitUntil('the wrong token is refused', refused, STEP_MS);
      await stageIs('awaiting-request-token');
      const { requestToken } = await sides.sandbox.issueRequestToken(companyUuid);
      await sides.api.submitToken(entityId, requestToken);
      await stageIs('active');
      noteTokens();
      const kinds = [...tokens.values()].map(({ value }) => /^sim-(\w+)-/.exec(value)?.[1]);
      for (const kind of ['request', 'refresh', 'access'])
        expect(kinds.filter((each) => each === kind).length).toBeGreaterThanOrEqual(2);
    },
    STEP_MS,
  );
});

describe('what is secret is found nowhere in plain, and what is planted is found', () => {
  it(
    'in answers of the API, also to a key that may read only',
    async () => {
      await ask('POST /v1/keys/rotate', { body: '{}' });
      const definition = JSON.stringify({ name: 'r', scopes: ['read'] });
      const created = await ask('POST /v1/api-keys', { body: definition, kept: false });
      readOnlyKey = z.looseObject({ key: z.string() }).parse(JSON.parse(created)).key;
      tokens.set(readOnlyKey, { name: 'second API key', value: readOnlyKey });
      await lookAtEverything();
      expect(answers.map(({ where }) => where).join('\n')).toContain('/support-case');
      await lookAtMetrics();
      await ask(`GET /v1/entities/${PLANTS.answer.value}`);
      expectOnlyPlants(answers, ['answer'], ['answer to GET /v1/entities/planted']);
    },
    STEP_MS,
  );

  it(
    'in the database, the histories and the arguments of processes',
    async () => {
      await plantRow(databaseUrl(), PLANTS.row);
      const { client, close } = await plainTemporalClient(text(ready, 'temporalAddress'));
      await plantHistory(client, PLANTS.history);
      await close();
      const plant = await plantArgument(PLANTS.argument);
      try {
        const servers = serversOf(dataDir()).map(({ pid }) => pid);
        const processes = new Set([...familyOf(start.pid), ...servers, plant.pid]);
        expect(processes.size).toBeGreaterThanOrEqual(4);
        const all = [...(await rowsNow()), ...(await historiesNow())];
        for (const pid of processes) all.push({ where: `arguments of ${pid}`, bytes: argumentsOf(pid) });
        const names = all.map(({ where }) => where).join('\n');
        for (const where of ['table concur_calls', `history of entity-${entityId}`])
          expect(names).toContain(where);
        expectOnlyPlants(
          all,
          ['row', 'history', 'argument'],
          ['table planted: ', 'history of planted-by-test', `arguments of ${plant.pid}: `],
        );
        const owners = found(new NeedleSearch(personalData(COMPANY.travellers)), all);
        expect(owners.some((what) => what.startsWith('table travellers: '))).toBe(true);
      } finally {
        await plant.end();
      }
    },
    STEP_MS,
  );

  it(
    'after an offboarding with erasure, when names and logins are gone as well',
    async () => {
      await sides.api.act(entityId, 'offboard', { erase: true });
      await stageIs('offboarded');
      answers.length = 0;
      await lookAtEverything();
      const all = [...answers, ...(await rowsNow()), ...(await historiesNow())];
      expectOnlyPlants(all, ['row', 'history'], []);
      expect(found(new NeedleSearch(personalData(COMPANY.travellers)), all)).toEqual([]);
    },
    STEP_MS,
  );

  it(
    'in what commands print, in the logs and in every file that is left at the end',
    async () => {
      const show = runCommand(
        folder(),
        ['entity', 'show', PLANTS.terminal.value],
        { LOG_LEVEL: 'trace' },
        SOURCES,
      );
      expect((await show.ended(STEP_MS)).code).not.toBe(0);
      await judgeSandboxAt(sides.sandbox.base);
      appendFileSync(join(dataDir(), 'logs', 'concordance.log'), `${PLANTS.file.value}\n`);
      expect(await start.end('SIGINT')).toMatchObject({ code: 0 });
      const terminals = [start, show].map(({ stdout, stderr }, at) => ({
        where: `terminal ${at + 1}`,
        bytes: Buffer.from(`${stdout()}\n${stderr()}`),
      }));
      expect(terminals[0]?.bytes.toString()).toContain('ready');
      const files = [...filesBelow(dataDir())];
      const meant: readonly string[] = [...KEY_FILES, 'sandbox.json'];
      expectOnlyPlants(
        [...terminals, ...files.filter(({ where }) => !meant.includes(where))],
        ['terminal', 'file', 'row', 'history'],
        ['terminal 2: ', 'logs/concordance.log: planted file', 'temporal.db', 'postgres/data/'],
      );
      // And they were there to be found: Concur knows them.
      const concur = files.filter(({ where }) => where === 'sandbox.json');
      const known = found(search(), concur).join('\n');
      for (const name of ['card', 'passport']) expect(known).toContain(`${name} (as it is)`);
      expect(known).toMatch(/request token \d+ \(as it is\)/);
    },
    STEP_MS,
  );
});
